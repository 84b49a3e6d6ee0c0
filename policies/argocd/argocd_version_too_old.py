"""What a repository asks Argo CD for is known to the version that the repository declares.

A field that came with a later minor is refused by the older definition (`strict decoding error: unknown field`) or
dropped from it; a sync option, a setting of argocd-cm or argocd-cmd-params-cm, or a word of RBAC is ignored, and nobody
is told. So `retry.refresh: true`, without which a revert is not seen while a release is retried, does nothing before
3.2. Judged by the version that `argocd` of the configuration or `--argocd-version` names, with a table that is read in
the sources of Argo CD from 2.14 on (`schemas/argocd/versions.tsv`).

Exempt: repositories that declare no older Argo CD than the newest known here; what no version knows, for which
`schema-unknown-field`, `sync-option-unknown` and `argocd-setting-unknown` speak.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitopsmith import argocd
from gitopsmith.application import Application, Repository
from gitopsmith.argocd import versions
from gitopsmith.finding import Route, Severity
from gitopsmith.manifest import Resource, get, mapping, sequence, text
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
OPTIONS = ("spec", "syncPolicy", "syncOptions")


def check_repository(repository: Repository) -> Iterator[Violation]:
    declared = repository.config.argocd
    if versions.number(declared) >= versions.number(versions.minors()[-1]):
        return
    for application in repository.applications:
        yield from _in_fields(application, "Application", application.body, declared)
        yield from _in_options(application, declared)
    for project in repository.projects:
        yield from _in_fields(project, "AppProject", project.body, declared)
    for control in repository.controls:
        for name in mapping(control.body, "data"):
            yield from _said(control, ("data", name), control.name, str(name), declared)
    for each in repository.deployed:
        for fact in each.objects:
            for hook in argocd.split_options(fact.hook):
                route = ("metadata", "annotations", argocd.HOOK_ANNOTATION)
                yield from _said(fact, route, "hook", hook, declared)


def _in_fields(subject: Application | Resource, kind: str, body: dict[str, Any], declared: str) -> Iterator[Violation]:
    for name in versions.known(kind):
        for route in _routes(body, tuple(name.split("."))):
            yield from _said(subject, route, kind, name, declared)


def _routes(body: Any, names: tuple[str, ...], route: Route = ()) -> Iterator[Route]:
    """Yields the route to each field of some names; a list on the way stands for all of its items."""
    found = get(body, *route)
    if isinstance(found, list):
        for index in range(len(found)):
            yield from _routes(body, names, (*route, index))
    elif not names:
        yield route
    elif isinstance(found, dict) and names[0] in found:
        yield from _routes(body, names[1:], (*route, names[0]))


def _in_options(application: Application, declared: str) -> Iterator[Violation]:
    for index, option in enumerate(sequence(application.body, *OPTIONS)):
        name = text({"": option}, "").partition("=")[0]
        yield from _said(application, (*OPTIONS, index), "sync-option", name, declared)


def _said(subject: Any, route: Route, kind: str, name: str, declared: str) -> Iterator[Violation]:
    first = versions.too_new(kind, name, declared)
    if first:
        what = f"{kind} {name!r}" if kind in {"hook", "sync-option"} else repr(name)
        message = (
            f"{what} came with Argo CD {first}, and {declared} is declared here; declare a newer one, or remove it"
        )
        yield Violation(route, message, subject)


GOOD = ["argocd-version-new-enough", "application-good"]
BAD = ["argocd-version-too-old"]
