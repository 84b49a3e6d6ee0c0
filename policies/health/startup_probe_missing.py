"""A slow start has a probe of its own.

A liveness probe that waits a minute or more leaves a container that hangs in its first minute alone, and kills one that
takes a little longer than that. A `startupProbe` waits as long as it takes, and no longer
(https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/). An opinion.

Exempt: delays below a minute.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, get
from gitopsmith.policy import OFF, Violation
from gitopsmith.workload import WORKLOADS, long_running

SEVERITY = Severity.INFO
KINDS = WORKLOADS
PROFILE = OFF
LONG = 60
ROUTE = ("livenessProbe", "initialDelaySeconds")


def check_resource(resource: Resource) -> Iterator[Violation]:
    for route, container in long_running(resource):
        delay = get(container, *ROUTE)
        if isinstance(delay, int) and delay >= LONG and not container.get("startupProbe"):
            message = f"container {container.get('name')!r} is looked at after {delay} seconds, however fast it starts"
            yield Violation((*route, *ROUTE), f"{message}; add a startupProbe")


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
          livenessProbe:
            httpGet:
              path: /ready
              port: 8080
            initialDelaySeconds: 10
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
          livenessProbe:
            httpGet:
              path: /ready
              port: 8080
            initialDelaySeconds: 90
          startupProbe:
            httpGet:
              path: /ready
              port: 8080
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
        - name: web
          image: shop/web:1.4.2
          livenessProbe:
            httpGet:
              path: /ready
              port: 8080
            initialDelaySeconds: 90  # <- here
"""
]
