"""Nobody may change by hand what an environment promises that git says.

`budgets.access` of the configuration, `all` or `protected`, promises that nobody changes these environments around git:
argocd-rbac-cm and the roles of AppProjects let no one create, update, delete or override their Applications there, run
an action, roll back or open a shell; no group is given `role:admin`, which is not everybody's role either; and the
account `admin`, for which no rule holds, is off. `get` and `sync` are allowed: a sync applies what git says, unless one
may `override` what that is.

Looked at are the ConfigMaps as they are rendered, and the patches of a release that could not be rendered. Said once
for a place.
Exempt: repositories that promise nothing; policies that deny; projects that no Application of such an environment has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gitopsmith import config, fleet
from gitopsmith.application import Repository
from gitopsmith.argocd.globs import glob
from gitopsmith.finding import Route, Severity
from gitopsmith.manifest import Resource, items, mapping, sequence, text
from gitopsmith.policy import Violation

SEVERITY = Severity.ERROR
HARMLESS = frozenset({"get", "sync"})
RESOURCES = frozenset({"*", "applications", "applicationsets", "exec"})
ADMIN = "role:admin"


def check_repository(repository: Repository) -> Iterator[Violation]:
    said = repository.config
    promised = {one.name for one in config.promised(said.environments, said.promises.access)}
    projects = {
        application.project
        for application in repository.applications
        if not application.disabled and promised.intersection(fleet.environments_of(application, said.environments))
    }
    for control in repository.controls if projects else ():
        yield from _in_control(control, projects)
    for project in repository.projects:
        if project.name in projects:
            yield from _in_project(project, projects)


def _in_control(control: Resource, projects: set[str]) -> Iterator[Violation]:
    if control.name == "argocd-cm" and str(control.get("data", "admin.enabled")).lower() != "false":
        route: Route = ("data", "admin.enabled") if control.get("data", "admin.enabled") is not None else ("data",)
        message = "the account admin is on, and budgets.access promises that nobody changes anything by hand"
        yield Violation(route, f'{message}; write admin.enabled: "false" as soon as people sign in otherwise', control)
    if text(control.body, "data", "policy.default") == ADMIN:
        message = "everybody is role:admin, and budgets.access promises that nobody changes anything by hand"
        yield Violation(("data", "policy.default"), f"{message}; name a role that may look", control)
    for name in mapping(control.body, "data") if control.name == "argocd-rbac-cm" else ():
        if name == "policy.csv" or (name.startswith("policy.") and name.endswith(".csv")):
            yield from _granted(control, ("data", name), text(control.body, "data", name).splitlines(), projects)


def _in_project(project: Resource, projects: set[str]) -> Iterator[Violation]:
    for route, role in items(project.body, "spec", "roles"):
        lines = [line for line in sequence(role, "policies") if isinstance(line, str)]
        yield from _granted(project, (*route, "policies"), lines, projects)


def _granted(subject: Resource, route: Route, lines: Iterable[str], projects: set[str]) -> Iterator[Violation]:
    found = [line for line in lines if _grants(line, projects)]
    if found:
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        message = (
            f"{found[0].strip()!r}{more} lets somebody change by hand what budgets.access promises that git says; "
            "allow get and sync alone"
        )
        yield Violation(route, message, subject)


def _grants(line: str, projects: set[str]) -> bool:
    """Tells whether a line of a policy allows more than to look and to sync in one of some projects."""
    words = [word.strip().strip('"') for word in line.split(",")]
    if len(words) >= 3 and words[0] == "g":
        return words[2] == ADMIN
    if len(words) < 6 or words[0] != "p" or words[5] != "allow" or words[2] not in RESOURCES:
        return False
    return words[3] not in HARMLESS and any(glob(words[4].partition("/")[0]).match(project) for project in projects)


GOOD = ["promise-access-kept", "application-good"]
BAD = ["promise-access-broken"]
