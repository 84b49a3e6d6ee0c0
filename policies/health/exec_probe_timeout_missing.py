"""A probe that runs a command says how long that may take.

Without `timeoutSeconds` it is one second, which starting a shell, a Java or a Python program on a busy node can take by
itself (https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/). An
opinion.

Exempt: a timeout that is written, one second too.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, mapping
from gitopsmith.policy import OFF, Violation
from gitopsmith.workload import PROBES, WORKLOADS, long_running

SEVERITY = Severity.INFO
KINDS = WORKLOADS
PROFILE = OFF


def check_resource(resource: Resource) -> Iterator[Violation]:
    for route, container in long_running(resource):
        for probe in PROBES:
            asked = mapping(container, probe)
            if asked.get("exec") and asked.get("timeoutSeconds") is None:
                message = f"the command of {probe} of container {container.get('name')!r} has one second"
                yield Violation((*route, probe, "timeoutSeconds"), f"{message}; write timeoutSeconds")


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
            exec:
              command: ["/bin/check"]
            timeoutSeconds: 5
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
        - name: web
          image: shop/web:1.4.2
          livenessProbe:  # <- here
            exec:
              command: ["/bin/check"]
"""
]
