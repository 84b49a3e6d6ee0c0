"""Services claim no addresses.

`externalIPs` sends what the cluster's nodes and pods send to any address to this Service: whoever writes a Service
listens in on others (CVE-2020-8554;
https://kubernetes.io/docs/concepts/services-networking/service/#external-ips).

Exempt: an empty list.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, sequence
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
KINDS = frozenset({"Service"})
PROFILE = "production"


def check_resource(resource: Resource) -> Iterator[Violation]:
    if sequence(resource.body, "spec", "externalIPs"):
        message = f"Service {resource.name!r} takes over addresses by externalIPs; use type LoadBalancer"
        yield Violation(("spec", "externalIPs"), message)


GOOD = [
    """\
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  externalIPs: []
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
  externalIPs:  # <- here
    - 203.0.113.7
  ports:
    - port: 80
"""
]
