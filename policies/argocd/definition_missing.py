"""Something brings the definition of a custom kind to the cluster where an object of it goes.

The API server knows no kind without its CustomResourceDefinition. Argo CD compares nothing of the object and fails its
sync: `The Kubernetes API could not find example.com/Widget for requested resource` (`getResourceIf` in
`gitops-engine/pkg/sync/sync_context.go`), and it does so again with every retry. A new cluster built from this
repository never comes up. Said once for a kind on a cluster.

Judged only where this repository shows what a cluster has: it brings definitions of the same API group there and not
this one; or it brings other definitions there, or the configuration names the cluster and it installs Argo CD there,
everything that goes there could be rendered, and nothing of it installs operators by itself (OLM, a helm controller,
packages of Crossplane). A release of Argo CD that is included by its URL is known without being rendered.
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
from gitopsmith.argocd import versions
from gitopsmith.finding import Severity
from gitopsmith.kustomization import State
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
        yield from _missing(cluster, deployed, _installing(repository))


def _missing(cluster: str, deployed: list[Deployed], installing: dict[str, bool]) -> Iterator[Violation]:
    defined = {fact.name for each in deployed for fact in each.objects if fact.resource.group_kind == DEFINITION}
    groups = {name.partition(".")[2] for name in defined}
    releases = [each for each in deployed if _is_release(each, installing)]
    is_known = all((each.complete and not _installs(each)) or each in releases for each in deployed)
    shows_all = is_known and bool(defined or releases)
    for kind, facts in _custom(deployed).items():
        group = facts[0].resource.group
        if (group in groups or shows_all) and not any(fleet.is_definition(name, facts[0]) for name in defined):
            more = f" and {len(facts) - 1} more" if len(facts) > 1 else ""
            message = (
                f"{facts[0].kind} {facts[0].name!r}{more} cannot be applied: nothing here brings the definition of "
                f"{kind} to cluster {cluster!r}; deploy it there"
            )
            yield Violation(("kind",), message, facts[0])


def _installing(repository: Repository) -> dict[str, bool]:
    """Tells of the directories that install Argo CD on clusters of the configuration, whether all else is here."""
    if not repository.config.clusters:
        return {}
    remote = {
        item.directory: [one.text for one, state in item.states.items() if state is State.REMOTE]
        for item in repository.kustomizations
    }
    return {place: len(urls) == 1 for place, urls in remote.items() if versions.installed(urls)}


def _is_release(deployed: Deployed, installing: dict[str, bool]) -> bool:
    """Tells whether an Application installs Argo CD, and all else of it is known."""
    sources = deployed.application.sources
    known = [source.own and source.path and installing.get(source.directory_path) for source in sources]
    return bool(known) and all(known)


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
BAD = ["definition-missing", "definition-missing-in-group", "definition-missing-on-own-cluster"]
