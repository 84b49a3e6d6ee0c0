"""A pod says how important it is.

When a cluster is full, pods of a higher priority get room, and those of a lower one are evicted for it; without a class
a pod has the cluster's default, which is mostly that of all others
(https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/). An opinion.

Exempt: hooks.
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
    if route is not None and not is_hook(resource) and not get(resource.body, *route, "priorityClassName"):
        message = f"the pods of {resource.kind} {resource.name!r} have no priority of their own"
        yield Violation((*route, "priorityClassName"), f"{message}; write a priorityClassName")


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
      priorityClassName: shop
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
