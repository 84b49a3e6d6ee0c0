"""A network policy is about pods that are there.

A NetworkPolicy whose `podSelector` fits no pod protects nothing, and the pods for which it was written stay open to
everybody. Looked at only where the build that has it has workloads of the same namespace, and none of them is selected.

Exempt: an empty selector, which selects every pod; selectors with `matchExpressions`; builds with custom resources,
whose operators may make the pods.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, mapping, sequence
from gitopsmith.policy import Violation
from gitopsmith.workload import has_operators, pod_labels, pod_route, selects

SEVERITY = Severity.WARNING
SIBLINGS = True
KINDS = frozenset({"NetworkPolicy.networking.k8s.io"})
ROUTE = ("spec", "podSelector")


def check_resource(resource: Resource) -> Iterator[Violation]:
    labels = mapping(resource.body, *ROUTE, "matchLabels")
    if not labels or sequence(resource.body, *ROUTE, "matchExpressions"):
        return
    if has_operators(resource):
        return
    workloads = [e for e in resource.siblings if pod_route(e) is not None and e.namespace == resource.namespace]
    if workloads and not any(selects(labels, pod_labels(each)) for each in workloads):
        written = ", ".join(f"{name}={value}" for name, value in labels.items())
        yield Violation(
            ROUTE, f"no workload beside this policy has {written}, so it protects nothing; look at its labels"
        )


POD = """\
---
apiVersion: v1
kind: Pod
metadata:
  name: web
  labels:
    app: web
spec:
  containers:
    - name: web
      image: shop/web:1.4.2
"""
GOOD = [
    """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web
spec:
  podSelector:
    matchLabels:
      app: web
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: all
spec:
  podSelector: {}
"""
    + POD
]
BAD = [
    """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: web
spec:
  podSelector:  # <- here
    matchLabels:
      app: wbe
"""
    + POD
]
