"""A pod says on which nodes it may run.

In a cluster of unlike nodes, a pod that does not choose may land on one of another architecture, or on one that is kept
for something else (https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/). An opinion: most pods fit
anywhere.

Exempt: a `nodeSelector`, which chooses too; hooks.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, get
from gitopsmith.policy import OFF, Violation
from gitopsmith.workload import WORKLOADS, is_hook, pod_route

SEVERITY = Severity.INFO
KINDS = WORKLOADS
PROFILE = OFF


def check_resource(resource: Resource) -> Iterator[Violation]:
    route = pod_route(resource)
    if route is None or is_hook(resource):
        return
    if not get(resource.body, *route, "affinity", "nodeAffinity") and not get(resource.body, *route, "nodeSelector"):
        message = f"the pods of {resource.kind} {resource.name!r} may run on any node"
        yield Violation(route, f"{message}; choose some with a nodeSelector or nodeAffinity")


GOOD = [
    """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      nodeSelector:
        kubernetes.io/arch: amd64
      containers:
        - name: web
          image: shop/web:1.4.2
"""
]
BAD = [
    """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:  # <- here
      containers:
        - name: web
          image: shop/web:1.4.2
"""
]
