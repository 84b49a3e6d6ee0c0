"""Containers have a limit of temporary storage.

Logs, empty directories and what is written into a container's own files share the node's disk. A container without a
limit can fill it, and then the kubelet evicts pods until there is room again
(https://kubernetes.io/docs/concepts/storage/ephemeral-storage/). An opinion: few containers write much.

Exempt: hooks; init containers that end; what the pod's own `resources` or a LimitRange of the same build gives.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import reservations
from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import OFF, Violation
from gitopsmith.workload import WORKLOADS

SEVERITY = Severity.INFO
SIBLINGS = True
KINDS = WORKLOADS
PROFILE = OFF


def check_resource(resource: Resource) -> Iterator[Violation]:
    for route, container in reservations.without(resource, "limits", "ephemeral-storage"):
        message = f"container {container.get('name')!r} may fill the disk of its node"
        yield Violation((*route, "resources", "limits"), f"{message}; write resources.limits.ephemeral-storage")


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
              ephemeral-storage: 1Gi
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
"""
]
