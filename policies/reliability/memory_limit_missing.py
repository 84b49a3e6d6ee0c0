"""Containers have a limit of memory.

A container that leaks memory and has no limit takes that of the whole node, until the kubelet evicts other pods, or the
kernel kills what it chooses (https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/). With a
limit, it is the one that is stopped.

Off by default: how much something needs is only known where it runs.
Exempt: hooks; init containers that end; what the pod's own `resources` or a LimitRange of the same build gives.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import reservations
from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import Violation
from gitopsmith.workload import WORKLOADS

SEVERITY = Severity.WARNING
SIBLINGS = True
KINDS = WORKLOADS
PROFILE = "production"


def check_resource(resource: Resource) -> Iterator[Violation]:
    for route, container in reservations.without(resource, "limits", "memory"):
        message = f"container {container.get('name')!r} may use all memory of its node"
        yield Violation((*route, "resources", "limits"), f"{message}; write resources.limits.memory")


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
      containers:
        - name: web
          image: shop/web:1.4.2
          resources:
            limits:
              memory: 64Mi
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
    spec:
      containers:
        - name: web  # <- here
          image: shop/web:1.4.2
""",
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
      containers:
        - name: web
          image: shop/web:1.4.2
          resources:  # <- here
            requests:
              memory: 64Mi
""",
]
