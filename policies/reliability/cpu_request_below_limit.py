"""The processor of a container is set aside for it.

With the same request and limit for processor and memory a pod is of class `Guaranteed`, and behaves alike on busy and
on idle nodes (https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/). An opinion, and mostly a costly one: idle
processor is free to use.

Exempt: hooks; init containers that end; a limit without a request, which is then the same
(`pkg/apis/core/v1/defaults.go` of Kubernetes).
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import reservations
from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import OFF, Violation
from gitopsmith.workload import WORKLOADS

SEVERITY = Severity.INFO
KINDS = WORKLOADS
PROFILE = OFF


def check_resource(resource: Resource) -> Iterator[Violation]:
    for route, container in reservations.below_limit(resource, "cpu"):
        message = f"container {container.get('name')!r} may use more cpu than is set aside for it"
        yield Violation((*route, "resources"), f"{message}; write the same request and limit")


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
            requests:
              cpu: 1000m
            limits:
              cpu: 1
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
          resources:
            limits:
              cpu: 1
""",
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
              cpu: 1000m
            limits:
              cpu: 2
""",
]
