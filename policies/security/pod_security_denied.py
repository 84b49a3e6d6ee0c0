"""The namespace of a workload lets its pods in.

A namespace with the label `pod-security.kubernetes.io/enforce` has the API server refuse every pod that its level does
not allow. The Deployment is applied, its pods are not made: the Application stays degraded, with `violates PodSecurity`
in the events of a ReplicaSet. The pods are judged as the admission plugin judges them (`policy/check_*.go` of
k8s.io/pod-security-admission), by the version of `enforce-version`, else by that of the configured Kubernetes.

Looked at: Namespaces that any Application here deploys to the same cluster, and labels of `managedNamespaceMetadata`.
A warning where a pod only leaves out what something may fill in: the SCCs of OpenShift, where one of its own objects is
deployed to the cluster, or the mutations of Kyverno and Gatekeeper.
Exempt: namespaces without the label or with level `privileged`; a namespace that several deploy, as long as one of them
would let the pod in; Applications of different environments with one Argo CD each; disabled Applications. What the API
server is configured to exempt or to enforce by default is not known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from gitopsmith import fleet
from gitopsmith.application import Application, ObjectFact, Repository
from gitopsmith.finding import Severity
from gitopsmith.manifest import mapping, text
from gitopsmith.podsecurity import LEVELS, Enforced, breaches, enforced
from gitopsmith.policy import Violation

SEVERITY = Severity.ERROR
METADATA = ("spec", "syncPolicy", "managedNamespaceMetadata", "labels")
MUTATING = (".openshift.io", "kyverno.io", "mutations.gatekeeper.sh")
Place = tuple[str, str]


def check_repository(repository: Repository) -> Iterator[Violation]:
    clusters = fleet.clusters(repository.applications, repository.config)
    policies = _policies(repository, clusters)
    homes, filling = fleet.homes(repository.applications), _filling(repository)
    for cluster, application, fact in _facts(repository) if policies else ():
        place = (cluster, fact.namespace or text(application.destination, "namespace"))
        named = cluster != "in-cluster"  # that is another one for each Argo CD
        met = [each for owner, each in policies.get(place, ()) if named or homes[owner] & homes[application]]
        if met and fact.rendered is not None:
            yield from _denied(fact, met, filled=cluster in filling)


def _policies(
    repository: Repository, clusters: dict[Application, str]
) -> dict[Place, list[tuple[Application, Enforced]]]:
    """Returns what each namespace of each cluster enforces, by who says so; nothing where none does."""
    found: dict[Place, list[tuple[Application, Enforced]]] = defaultdict(list)
    for cluster, application, fact in _facts(repository):
        if fact.kind == "Namespace" and fact.rendered is not None:
            policy = enforced(fact.rendered.labels, repository.config.kubernetes)
            found[cluster, fact.name].append((application, policy))
    for application in repository.applications:
        place = (clusters[application], text(application.destination, "namespace"))
        labels = mapping(application.body, *METADATA)
        if all(place) and labels and "CreateNamespace=true" in application.sync_options:
            found[place].append((application, enforced(labels, repository.config.kubernetes)))
    return {place: owners for place, owners in found.items() if any(each.level != LEVELS[0] for _, each in owners)}


def _facts(repository: Repository) -> Iterator[tuple[str, Application, ObjectFact]]:
    for cluster, deployed in fleet.by_cluster(repository).items():
        yield from ((cluster, each.application, fact) for each in deployed for fact in each.objects)


def _filling(repository: Repository) -> frozenset[str]:
    """Returns the clusters to which something is deployed that may change pods before they are judged."""
    return frozenset(cluster for cluster, _, fact in _facts(repository) if fact.resource.group.endswith(MUTATING))


def _denied(fact: ObjectFact, policies: Iterable[Enforced], *, filled: bool) -> Iterator[Violation]:
    workload = fact.resource
    found = [list(breaches(workload, policy)) for policy in policies]
    if not all(found):
        return
    level = next(policy.level for policy in policies)
    first, *more = found[0]
    also = sorted({str(each.route[-1]) for each in more} - {str(first.route[-1])})
    message = (
        f"the namespace enforces {level!r}, so the API server refuses the pods of {workload.object}: {first.message}"
    )
    only_missing = all(each.missing for each in found[0])
    severity = Severity.WARNING if filled and only_missing else None
    yield Violation(first.route, message + (f"; also {', '.join(also)}" if also else ""), fact, severity)


GOOD = ["pod-security-kept"]
BAD = ["pod-security-denied"]
