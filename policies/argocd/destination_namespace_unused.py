"""The namespace of the destination is where the objects go.

An Application's `destination.namespace` is only for objects that name none. Where an overlay's `namespace:` puts every
object into one other namespace, one of the two is a mistake: with `CreateNamespace=true` Argo CD makes a namespace that
stays empty, and not the one that is needed. Without that option, or with Argo CD's own namespace as the destination's,
it only misleads, which is an info.

Exempt: Applications with objects in several namespaces or in the destination's; what deploys Applications and other
objects of Argo CD, which live in its namespace; Applications that could not be rendered whole.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import argocd
from gitopsmith.application import Application, Deployed, Repository
from gitopsmith.finding import Severity
from gitopsmith.manifest import text
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING


def check_repository(repository: Repository) -> Iterator[Violation]:
    for each in repository.deployed:
        wanted = text(each.application.destination, "namespace")
        if not wanted or each.application.disabled or not each.complete:
            continue
        found = _namespaces(each)
        if len(found) == 1 and wanted not in found:
            (other,) = found
            message = f"nothing goes to namespace {wanted!r}: every object is written for {other!r}; make them one"
            yield Violation(
                ("spec", "destination", "namespace"), message, each.application, _severity(each.application)
            )


def _severity(application: Application) -> Severity | None:
    is_created = "CreateNamespace=true" in application.sync_options
    is_there = text(application.destination, "namespace") == application.namespace
    return None if is_created and not is_there else Severity.INFO


def _namespaces(deployed: Deployed) -> set[str]:
    """Returns the namespaces of all objects that have one; an empty one is the destination's, or of unknown scope."""
    facts = [fact for fact in deployed.objects if fact.scope != "Cluster"]
    if any(fact.resource.group == argocd.API_GROUP for fact in facts):
        return set()
    return {fact.namespace for fact in facts} if all(fact.namespace for fact in facts) else set()


GOOD = ["application-good", "destination-namespace-used"]
BAD = ["destination-namespace-unused"]
