"""What a pod needs to start is deployed to its namespace.

A pod whose ConfigMap is not there never starts (`CreateContainerConfigError: configmap "web" not found`), one whose
PersistentVolumeClaim is not stays Pending. Argo CD applies the workload all the same, and waits for it. Names differ by
a typing error, by a `namePrefix` that kustomize does not follow into a custom resource, or by the hash of a generator.

Judged only where this repository shows all that goes to the namespace: everything that is deployed to the cluster could
be rendered, and no custom resource is in the namespace whose operator may make what is missing.
Exempt: references that are `optional`; Secrets, which come from outside of git as often as not; what clusters and their
platforms put into each namespace, such as `kube-root-ca.crt`; names that are filled in later.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitopsmith import fleet
from gitopsmith.application import Deployed, ObjectFact, Repository
from gitopsmith.finding import Severity
from gitopsmith.manifest import text
from gitopsmith.policy import Violation
from gitopsmith.secrets import is_filled_in_later
from gitopsmith.workload import needs

SEVERITY = Severity.WARNING
LOOKED_FOR = frozenset({"ConfigMap", "PersistentVolumeClaim"})
MADE = re.compile(r"kube-root-ca\.crt|openshift-service-ca\.crt|.*(trusted-ca|ca-bundle|cabundle).*|istio-ca-root-cert")
OWN = re.compile(r"[^.]*|(.*\.)?k8s\.io")
"""Groups of Kubernetes itself, whose objects make none that a pod asks for by name."""


def check_repository(repository: Repository) -> Iterator[Violation]:
    for deployed in fleet.by_cluster(repository).values():
        if all(each.complete for each in deployed):
            yield from _missing(deployed)


def _missing(deployed: list[Deployed]) -> Iterator[Violation]:
    there = {(fact.kind, _namespace(each, fact), fact.name) for each in deployed for fact in each.objects}
    open_to_operators = {
        _namespace(each, fact) for each in deployed for fact in each.objects if not OWN.fullmatch(fact.resource.group)
    }
    for each in deployed:
        for fact in each.objects:
            namespace = _namespace(each, fact)
            if fact.rendered is None or namespace in open_to_operators:
                continue
            for route, kind, name in needs(fact.rendered):
                is_made = MADE.fullmatch(name) or is_filled_in_later(name)
                if kind in LOOKED_FOR and name and not is_made and (kind, namespace, name) not in there:
                    message = f"nothing deploys {kind} {name!r} to namespace {namespace!r}, so the pod never starts"
                    yield Violation(route, f"{message}; add it, or mend the name", fact)


def _namespace(deployed: Deployed, fact: ObjectFact) -> str:
    return fact.namespace or text(deployed.application.destination, "namespace")


GOOD = ["reference-there", "application-good"]
BAD = ["reference-missing"]
