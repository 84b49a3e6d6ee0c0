"""Containers get no capability beyond the runtime's default ones.

`SYS_ADMIN` is nearly root on the node, `NET_RAW` forges packets, `SYS_PTRACE` reads other processes. Pod Security
Standard *baseline* allows no more than what container runtimes give by default (`check_capabilities_baseline.go` of
k8s.io/pod-security-admission); it compares the names as they are written, so `CAP_CHOWN` is refused too.

Exempt: pods in `kube-system`, and in a namespace that the same build labels `pod-security.kubernetes.io/enforce:
privileged`.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.podsecurity import violations
from gitopsmith.policy import Violation
from gitopsmith.workload import WORKLOADS

SEVERITY = Severity.WARNING
SIBLINGS = True
KINDS = WORKLOADS
PROFILE = "production"


def check_resource(resource: Resource) -> Iterator[Violation]:
    return violations(resource, "capabilities")


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
      securityContext:
        capabilities:
          add:
            - NET_BIND_SERVICE
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
      securityContext:
        capabilities:
          add:
            - CHOWN
            - SYS_ADMIN  # <- here
"""
]
