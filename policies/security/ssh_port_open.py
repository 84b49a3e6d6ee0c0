"""Containers serve no SSH.

A shell that is reached by a network of its own leaves no trace in Kubernetes' audit log and asks nobody's rights;
`kubectl exec` does both. An opinion: git servers and bastions serve SSH on purpose.

Off unless it is asked for by name. Exempt: other protocols than TCP.
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
NUMBERS = (22,)


def check_resource(resource: Resource) -> Iterator[Violation]:
    for where, container in containers(resource):
        for route, port in items(container, "ports"):
            if port.get("containerPort") in NUMBERS and port.get("protocol", "TCP") == "TCP":
                message = f"container {container.get('name')!r} declares port 22, which is SSH; use kubectl exec"
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
        - containerPort: 22  # <- here
"""
]
