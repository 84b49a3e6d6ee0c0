"""A pod is taken out of its Service before it is restarted.

Where the liveness probe asks the same as the readiness probe and gives up no later, a pod that is only busy is
restarted at the moment in which it should be spared: the others get its share of the work and follow. The same question
is fine when the liveness probe gives up later
(https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/).

Off by default: a program may have nothing else to ask.
Exempt: probes that differ in what they ask; a liveness probe with more `failureThreshold` times `periodSeconds`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, mapping
from gitopsmith.policy import Violation
from gitopsmith.workload import WORKLOADS, long_running

SEVERITY = Severity.WARNING
KINDS = WORKLOADS
PROFILE = "production"
HANDLERS = ("httpGet", "tcpSocket", "exec", "grpc")
FAILURES, PERIOD = 3, 10
"""Kubernetes' defaults."""


def check_resource(resource: Resource) -> Iterator[Violation]:
    for route, container in long_running(resource):
        alive, ready = mapping(container, "livenessProbe"), mapping(container, "readinessProbe")
        asked = [[probe.get(handler) for handler in HANDLERS] for probe in (alive, ready)]
        if any(asked[0]) and asked[0] == asked[1] and _patience(alive) <= _patience(ready):
            message = f"container {container.get('name')!r} is restarted as soon as it is not ready"
            yield Violation((*route, "livenessProbe"), f"{message}; give livenessProbe a higher failureThreshold")


def _patience(probe: dict[str, Any]) -> int:
    """Returns after how many seconds of failure a probe gives up."""
    values = (probe.get("failureThreshold"), FAILURES), (probe.get("periodSeconds"), PERIOD)
    failures, period = (value if isinstance(value, int) else default for value, default in values)
    return failures * period


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
          readinessProbe:
            httpGet:
              path: /ready
              port: 8080
          livenessProbe:
            httpGet:
              path: /ready
              port: 8080
            failureThreshold: 10
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
          readinessProbe:
            httpGet:
              path: /ready
              port: 8080
          livenessProbe:
            httpGet:
              path: /live
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
          readinessProbe:
            httpGet:
              path: /ready
              port: 8080
          livenessProbe:  # <- here
            httpGet:
              path: /ready
              port: 8080
"""
]
