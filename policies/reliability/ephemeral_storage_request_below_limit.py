"""The temporary storage of a container is set aside for it.

Where a limit is above the request, or there is none, a node promises more of its disk than it has, and pods are evicted
when they fill it (https://kubernetes.io/docs/concepts/storage/ephemeral-storage/). An opinion.

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
    for route, container in reservations.below_limit(resource, "ephemeral-storage"):
        message = f"container {container.get('name')!r} may use more ephemeral-storage than is set aside for it"
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
              ephemeral-storage: 1024Mi
            limits:
              ephemeral-storage: 1Gi
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
              ephemeral-storage: 1Gi
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
              ephemeral-storage: 1024Mi
            limits:
              ephemeral-storage: 2Gi
""",
]
