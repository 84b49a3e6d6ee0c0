"""Containers have a limit of processor.

An opinion, and contested: a container at its limit is slowed down although the node may be idle. Where many parties
share nodes, limits keep one from using what the others counted on
(https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/).

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
    for route, container in reservations.without(resource, "limits", "cpu"):
        message = f"container {container.get('name')!r} may use every processor of its node"
        yield Violation((*route, "resources", "limits"), f"{message}; write resources.limits.cpu")


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
              cpu: 1
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
