"""The pods of its own namespace that a network policy lets in or out are deployed with it.

A peer whose labels no pod has opens nothing: whoever was meant is refused, and nothing says so. An opinion: callers
are often deployed by another Application.

Looked at: peers with a `podSelector` of labels alone, in the policy's own namespace. Exempt: peers with a
`namespaceSelector`, an empty selector, builds with custom resources, whose operators may make the pods.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Route, Severity
from gitopsmith.manifest import Resource, items, mapping, sequence
from gitopsmith.policy import OFF, Violation
from gitopsmith.workload import has_operators, pod_labels, pod_route, selects

SEVERITY = Severity.INFO
SIBLINGS = True
KINDS = frozenset({"NetworkPolicy.networking.k8s.io"})
PROFILE = OFF


def check_resource(resource: Resource) -> Iterator[Violation]:
    if has_operators(resource):
        return
    pods = [pod_labels(e) for e in resource.siblings if pod_route(e) is not None and e.namespace == resource.namespace]
    for route, labels in _peers(resource):
        if not any(selects(labels, each) for each in pods):
            written = ", ".join(f"{name}={value}" for name, value in labels.items())
            yield Violation(route, f"no workload beside this policy has {written}; look at the labels of this peer")


def _peers(policy: Resource) -> Iterator[tuple[Route, dict[str, object]]]:
    for field, direction in (("ingress", "from"), ("egress", "to")):
        for rule, _ in items(policy.body, "spec", field):
            for route, peer in items(policy.body, *rule, direction):
                selector = mapping(peer, "podSelector")
                labels = mapping(selector, "matchLabels")
                if labels and "namespaceSelector" not in peer and not sequence(selector, "matchExpressions"):
                    yield (*route, "podSelector"), labels


POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web
spec:
  podSelector: {}
  ingress:
    - from:
        - podSelector:%s
            matchLabels:
              app: shop
"""
POD = """\
---
apiVersion: v1
kind: Pod
metadata:
  name: shop
  labels:
    app: shop
spec:
  containers:
    - name: shop
      image: shop/web:1.4.2
"""
GOOD = [POLICY % "" + POD, POLICY.replace("podSelector:%s", "namespaceSelector: {}\n          podSelector:")]
BAD = [POLICY % "  # <- here"]
