"""A probe that names a port names one of its own container.

The kubelet looks a named port up in the container's `ports` (`pkg/probe/util.go` of Kubernetes); when it is not
there, the probe fails for ever: the pod never becomes ready, or is restarted again and again.

Exempt: port numbers, which need not be declared at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitopsmith.finding import Route, Severity
from gitopsmith.manifest import Resource, get
from gitopsmith.policy import Violation
from gitopsmith.workload import WORKLOADS, containers, port_names

SEVERITY = Severity.ERROR
KINDS = WORKLOADS
PROBES: tuple[Route, ...] = (
    ("readinessProbe",),
    ("livenessProbe",),
    ("startupProbe",),
    ("lifecycle", "postStart"),
    ("lifecycle", "preStop"),
)


def check_resource(resource: Resource) -> Iterator[Violation]:
    for route, container in containers(resource):
        names = port_names(container)
        for field, port in _named_ports(container):
            if port not in names:
                known = f"name one of {', '.join(sorted(names))}" if names else "declare it under ports"
                message = f"{field[-3]} of container {container.get('name')!r} asks port {port!r}, which it has not"
                yield Violation((*route, *field), f"{message}; {known}, or write a number")


def _named_ports(container: dict[str, Any]) -> Iterator[tuple[Route, str]]:
    for probe in PROBES:
        for action in ("httpGet", "tcpSocket"):
            port = get(container, *probe, action, "port")
            if isinstance(port, str) and port and not port.isdigit():
                yield (*probe, action, "port"), port


GOOD = [
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: shop/web:1.4.2
      ports:
        - name: http
          containerPort: 8080
      readinessProbe:
        httpGet:
          port: http
      livenessProbe:
        tcpSocket:
          port: 9000
"""
]
BAD = [
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: shop/web:1.4.2
      ports:
        - name: http
          containerPort: 8080
      readinessProbe:
        httpGet:
          port: web  # <- here
"""
]
