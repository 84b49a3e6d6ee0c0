"""Two Applications do not deploy each other.

Each is then made by the other, and neither can be removed: whichever is deleted comes back, and a deletion with a
finalizer takes both with all that they deploy. Waves between them wait for each other. A root that deploys itself
beside its children is well known and works, so it is left alone.

Exempt: an Application that only deploys itself; Applications that nothing includes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from gitopsmith import fleet
from gitopsmith.application import Application, Repository
from gitopsmith.finding import Severity
from gitopsmith.policy import Violation

SEVERITY = Severity.INFO
PROFILE = "production"


def check_repository(repository: Repository) -> Iterator[Violation]:
    rendered: dict[str, list[Application]] = defaultdict(list)
    for each in repository.applications:
        if each.entry is not None and not each.disabled:
            rendered[each.entry].append(each)
    below = {
        each.key: {child.key for _, child in fleet.reached(each, rendered)}
        for each in repository.applications
        if each.entry is not None and _renders(each, rendered)
    }
    said: set[frozenset[tuple[str, str]]] = set()
    for each in repository.applications:
        for other in sorted(below.get(each.key, ())):
            pair = frozenset((each.key, other))
            if len(pair) > 1 and pair not in said and each.key in below.get(other, ()):
                said.add(pair)
                message = f"Applications {each.name!r} and {other[1]!r} deploy each other; let one be above the other"
                yield Violation(("metadata", "name"), message, each)


def _renders(application: Application, rendered: dict[str, list[Application]]) -> bool:
    return any(source.own and source.directory_path in rendered for source in application.sources)


GOOD = ["application-below-itself", "application-good"]
BAD = ["application-cycle"]
