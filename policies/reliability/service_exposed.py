"""A Service is reached from inside of the cluster.

`NodePort` opens a port on every node, and `LoadBalancer` an address of its own: whoever reaches it speaks to the pods,
past the Ingress or Gateway that adds TLS and limits. Whether that is meant, only people know.

Exempt: load balancers that annotations keep internal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import Violation

SEVERITY = Severity.INFO
PROFILE = "production"
KINDS = frozenset({"Service"})
INTERNAL = re.compile(r"internal", re.IGNORECASE)


def check_resource(resource: Resource) -> Iterator[Violation]:
    kind = resource.get("spec", "type")
    internal = any(INTERNAL.search(f"{name} {value}") for name, value in resource.annotations.items())
    if kind in ("NodePort", "LoadBalancer") and not internal:
        yield Violation(("spec", "type"), f"Service of type {kind} is reached from outside; write ClusterIP")


GOOD = [
    """\
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
    - port: 80
"""
]
BAD = [
    """\
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  type: NodePort  # <- here
  selector:
    app: web
  ports:
    - port: 80
"""
]
