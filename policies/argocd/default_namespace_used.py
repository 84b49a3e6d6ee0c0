"""Applications do not deploy to the namespace `default`.

Everything that names no namespace lands there, so that what belongs together, and who may change it, cannot be told
apart: quotas, network policies and roles are for a namespace.

Exempt: Applications of which it is not known that an object goes there; `kubernetes`, which belongs there.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.application import ObjectFact, Repository
from gitopsmith.finding import Severity
from gitopsmith.manifest import text
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
PROFILE = "production"


def check_repository(repository: Repository) -> Iterator[Violation]:
    for each in repository.deployed:
        wanted = text(each.application.destination, "namespace")
        found = [fact for fact in each.objects if _is_there(fact, wanted)]
        if found and not each.application.disabled:
            more = f" and {len(found) - 1} more" if len(found) > 1 else ""
            message = f"{found[0].kind} {found[0].name!r}{more} goes to namespace 'default'; give it one of its own"
            yield Violation(("spec", "destination"), message, each.application)


def _is_there(fact: ObjectFact, wanted: str) -> bool:
    return fact.scope == "Namespaced" and (fact.namespace or wanted) == "default" and fact.name != "kubernetes"


GOOD = ["application-good"]
BAD = ["default-namespace-used"]
