"""Something brings the definition of a custom kind to the cluster where an object of it goes.

The API server knows no kind without its CustomResourceDefinition. Argo CD compares nothing of the object and fails its
sync: `The Kubernetes API could not find example.com/Widget for requested resource` (`getResourceIf` in
`gitops-engine/pkg/sync/sync_context.go`), and it does so again with every retry. A new cluster built from this
repository never comes up. Said once for a kind on a cluster.

Judged only where this repository shows what a cluster has: it brings definitions of the same API group there and not
this one; or it brings other definitions there, everything that goes there could be rendered, and nothing of it installs
operators by itself (OLM, a helm controller, packages of Crossplane).
Exempt: kinds that belong to a platform (`*.k8s.io`, OpenShift, Argo CD and those of cloud providers);
`SkipDryRunOnMissingResource=true` on the object or its Application; Applications that nothing includes, and clusters
that are not known.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from gitopsmith import argocd, fleet
from gitopsmith.application import Deployed, ObjectFact, Repository
from gitopsmith.finding import Severity
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
DEFINITION = "CustomResourceDefinition.apiextensions.k8s.io"
SKIPS = "SkipDryRunOnMissingResource=true"
PLATFORM = re.compile(
    r"[^.]*|(.*\.)?(k8s\.io|openshift\.io|openshift\.com|argoproj\.io|coreos\.com|cattle\.io|k3s\.io|gke\.io|"
    r"google\.com|googleapis\.com|amazonaws\.com|aws|azure\.com|ibm\.com|vmware\.com|nvidia\.com)"
)
INSTALLS = re.compile(
    r"(Subscription\.operators\.coreos\.com|Operator\.operator\.knative\.dev|CompositeResourceDefinition\..*|"
    r"Helm(Chart|Release|Request)\..*|.*\.pkg\.crossplane\.io|.*\.operator\.cluster\.x-k8s\.io)"
)


def check_repository(repository: Repository) -> Iterator[Violation]:
    for cluster, deployed in fleet.by_cluster(repository).items():
        yield from _missing(cluster, deployed)


def _missing(cluster: str, deployed: list[Deployed]) -> Iterator[Violation]:
    defined = {fact.name for each in deployed for fact in each.objects if fact.resource.group_kind == DEFINITION}
    groups = {name.partition(".")[2] for name in defined}
    shows_all = bool(defined) and all(each.complete and not _installs(each) for each in deployed)
    for kind, facts in _custom(deployed).items():
        group = facts[0].resource.group
        if (group in groups or shows_all) and not any(fleet.is_definition(name, facts[0]) for name in defined):
            more = f" and {len(facts) - 1} more" if len(facts) > 1 else ""
            message = (
                f"{facts[0].kind} {facts[0].name!r}{more} cannot be applied: nothing here brings the definition of "
                f"{kind} to cluster {cluster!r}; deploy it there"
            )
            yield Violation(("kind",), message, facts[0])


def _installs(deployed: Deployed) -> bool:
    return any(INSTALLS.fullmatch(fact.resource.group_kind) for fact in deployed.objects)


def _custom(deployed: list[Deployed]) -> dict[str, list[ObjectFact]]:
    """Returns the objects of each kind that has to be defined, those that stand in the work tree."""
    found: dict[str, list[ObjectFact]] = defaultdict(list)
    for each in deployed:
        for fact in each.objects if SKIPS not in each.application.sync_options else ():
            is_platforms = PLATFORM.fullmatch(fact.resource.group) is not None
            if fact.name and not is_platforms and SKIPS not in argocd.split_options(fact.options):
                found[fact.resource.group_kind].append(fact)
    return found


GOOD = ["definition-there", "definition-in-time"]
BAD = ["definition-missing", "definition-missing-in-group"]
