"""Every object that belongs to a namespace has one.

An object that names no namespace goes to `destination.namespace` of its Application. Where that is empty too, Argo CD
says `Namespace for web apps/v1, Kind=Deployment is missing.` (`CompareAppState` in `controller/state.go`) and the sync
fails. Said once for an Application.

Exempt: kinds of which it is not known whether they belong to a namespace; Applications that nothing includes, and those
whose destination names no known cluster.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import fleet
from gitopsmith.application import Repository
from gitopsmith.finding import Severity
from gitopsmith.manifest import get
from gitopsmith.policy import Violation

SEVERITY = Severity.ERROR


def check_repository(repository: Repository) -> Iterator[Violation]:
    for each in repository.deployed:
        application = each.application
        named = get(application.destination, "namespace") or not fleet.cluster(application)
        if application.disabled or named:
            continue
        homeless = [fact for fact in each.objects if fact.scope == "Namespaced" and fact.name and not fact.namespace]
        if homeless:
            more = f" and {len(homeless) - 1} more" if len(homeless) > 1 else ""
            message = (
                f"{homeless[0].kind} {homeless[0].name!r}{more} of Application {application.name!r} has no namespace, "
                "and the destination names none; write destination.namespace"
            )
            yield Violation(("spec", "destination"), message, application)


GOOD = ["object-namespace-there", "application-good"]
BAD = ["object-namespace-missing"]
