"""One Argo CD gets one Application of a name.

Two Applications with the same name and namespace are one object to the cluster: whichever is applied last wins, and
the parents that render them undo each other for ever (`SharedResourceWarning` in `controller/state.go` of Argo CD).

Only what surely meets in one cluster counts: two in one file or one build, or two that one and the same
Application reaches.
Exempt: the same name under the roots of two environments, or with a suffix for each, which is how environments are
made.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from gitopsmith import fleet
from gitopsmith.application import Application, Repository
from gitopsmith.finding import Severity
from gitopsmith.policy import Violation

SEVERITY = Severity.ERROR
PROFILE = "minimal"
Place = tuple[str, str]


def check_repository(repository: Repository) -> Iterator[Violation]:
    seen: set[int] = set()
    for group in (*_together(repository.applications), *_below_each(repository.applications)):
        for application in sorted(group, key=_place)[1:]:
            if id(application) not in seen:
                seen.add(id(application))
                first = min(group, key=_place)
                message = f"Application {application.name!r} is declared a second time"
                where = f"; {first.resource.origin.path!r} has it already" if first.resource.origin.path else ""
                yield Violation(("metadata", "name"), f"{message}{where}; give it another name", application)


def _together(applications: tuple[Application, ...]) -> Iterator[list[Application]]:
    """Yields Applications of one name in one build, or raw in one file."""
    groups: dict[tuple[str, str, str], list[Application]] = defaultdict(list)
    for application in applications:
        if not application.disabled:
            place = application.resource.origin.path if application.entry is None else f"{application.entry}/"
            groups[place, *application.key].append(application)
    return (group for group in groups.values() if len(group) > 1)


def _below_each(applications: tuple[Application, ...]) -> Iterator[list[Application]]:
    """Yields Applications of one name that several Applications below one of them put into one cluster."""
    rendered: dict[str, list[Application]] = defaultdict(list)
    for application in applications:
        if application.entry is not None:
            rendered[application.entry].append(application)
    for root in applications:
        if not root.disabled:
            groups: dict[tuple[str, str, str], dict[Place, Application]] = defaultdict(dict)
            for cluster, application in fleet.reached(root, rendered):
                groups[cluster, *application.key].setdefault(_place(application), application)
            yield from (list(group.values()) for group in groups.values() if len(group) > 1)


def _place(application: Application) -> Place:
    return (application.entry or "", application.resource.origin.path)


GOOD = ["application-good"]
BAD = ["application-name-duplicate", "application-name-duplicate-below-itself"]
