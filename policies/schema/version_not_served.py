"""The definition of a custom kind serves the version in which its objects are written.

A CustomResourceDefinition lists versions, and the API server knows those alone that have `served: true`
(https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/). When an
operator moves on, its new definitions stop to serve an old version, as those of External Secrets did after 0.16 with
`external-secrets.io/v1beta1`. Objects that are still written so cannot be applied: Argo CD does not find the kind
under that version (`ServerResourceForGroupVersionKind` in `gitops-engine/pkg/utils/kube/kube.go`), and the sync fails
with every retry.

Judged by the definitions that Applications here deploy to the same cluster: at least one is of the object's kind, and
none of those serves the version.
Exempt: kinds whose definition comes from elsewhere, such as a chart that was not rendered; definitions that serve
nothing; Applications that nothing includes, and clusters that are not known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from gitopsmith import fleet
from gitopsmith.application import Deployed, Repository
from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import Violation

SEVERITY = Severity.ERROR


def check_repository(repository: Repository) -> Iterator[Violation]:
    for cluster, deployed in fleet.by_cluster(repository).items():
        served = _served(deployed)
        for fact in (fact for each in deployed for fact in each.objects if fact.name):
            known = served.get(fact.resource.group_kind, ())
            if known and fact.api_version not in known:
                message = (
                    f"{fact.kind} {fact.name!r} cannot be applied: its definition on cluster {cluster!r} does not "
                    f"serve {fact.api_version}; write {' or '.join(sorted(known))}"
                )
                yield Violation(("apiVersion",), message, fact)


def _served(deployed: list[Deployed]) -> dict[str, set[str]]:
    """Returns the versions in which definitions on a cluster serve each kind, by the kind with its group."""
    found: dict[str, set[str]] = defaultdict(set)
    for name in (name for each in deployed for fact in each.objects for name in fact.serves):
        api_version, _, kind = name.partition(" ")
        found[Resource({"apiVersion": api_version, "kind": kind}).group_kind].add(api_version)
    return found


GOOD = ["version-served", "definition-there"]
BAD = ["version-not-served"]
