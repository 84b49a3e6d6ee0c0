"""Containers say how much processor they need.

The scheduler puts a pod where its requests fit
(https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/). One without a request fits everywhere,
gets what the others leave over when the node is busy, and cannot be scaled by the share of the processor that it uses.

Off by default: how much something needs is only known where it runs.
Exempt: hooks; init containers that end; what the pod's own `resources` or a LimitRange of the same build gives;
requests that a VerticalPodAutoscaler of the same build sets; and a limit, which is the request too where that is left
out.
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
    for route, container in reservations.without(resource, "requests", "cpu"):
        message = f"container {container.get('name')!r} requests no cpu"
        yield Violation((*route, "resources", "requests"), f"{message}; write resources.requests.cpu")


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
              cpu: 100m
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
          resources:
            requests:  # <- here
              memory: 64Mi
""",
]
