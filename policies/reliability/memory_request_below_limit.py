"""The memory of a container is set aside for it.

Where a limit is above the request, or there is none, a node promises more memory than it has, and when all pods take
theirs, some are killed. With both alike for processor and memory the pod is of class `Guaranteed`, the last to be
evicted (https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/). An opinion: it costs what is set aside.

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
    for route, container in reservations.below_limit(resource, "memory"):
        message = f"container {container.get('name')!r} may use more memory than is set aside for it"
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
              memory: 1024Mi
            limits:
              memory: 1Gi
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
              memory: 1Gi
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
              memory: 1024Mi
            limits:
              memory: 2Gi
""",
]
