"""Containers listen on ports above 1023.

Below, Linux wants the capability `NET_BIND_SERVICE`, and a Service gives its users any port anyway. An opinion: the
usual runtimes lift the limit for every pod (`net.ipv4.ip_unprivileged_port_start` is 0 in containerd and CRI-O).

Off unless it is asked for by name. Exempt: ports that are not declared.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, items
from gitopsmith.policy import Violation
from gitopsmith.workload import WORKLOADS, containers

SEVERITY = Severity.INFO
KINDS = WORKLOADS
PROFILE = "off"
NUMBERS = range(1, 1024)


def check_resource(resource: Resource) -> Iterator[Violation]:
    for where, container in containers(resource):
        for route, port in items(container, "ports"):
            if port.get("containerPort") in NUMBERS:
                message = (
                    f"container {container.get('name')!r} listens on port {port['containerPort']}, which takes a right"
                )
                yield Violation((*where, *route, "containerPort"), message)


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
        - containerPort: 8080
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
        - containerPort: 80  # <- here
"""
]
