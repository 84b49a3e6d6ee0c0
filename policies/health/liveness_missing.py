"""A container that hangs is restarted.

The kubelet restarts a container whose process ends; whether one that runs on still does anything it learns from a
`livenessProbe` alone (https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/). An
opinion: a program that ends when it is broken needs none, and a probe that is too strict restarts a busy one.

Exempt: Jobs, pods that run once, init containers that end, and hooks.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import OFF, Violation
from gitopsmith.workload import RUN_TO_COMPLETION, WORKLOADS, is_hook, long_running, runs_once

SEVERITY = Severity.INFO
KINDS = WORKLOADS - RUN_TO_COMPLETION
PROFILE = OFF


def check_resource(resource: Resource) -> Iterator[Violation]:
    if is_hook(resource) or runs_once(resource):
        return
    for route, container in long_running(resource):
        if not container.get("livenessProbe"):
            message = f"container {container.get('name')!r} is not restarted when it hangs; add a livenessProbe"
            yield Violation((*route, "livenessProbe"), message)


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
