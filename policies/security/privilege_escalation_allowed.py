"""Containers cannot gain rights that they do not start with.

Unless `allowPrivilegeEscalation` is false, a program with the set-user-ID bit makes root of any user (`no_new_privs` of
the kernel). Pod Security Standard *restricted* asks for it (`check_allowPrivilegeEscalation.go` of
k8s.io/pod-security-admission).

Exempt: pods in `kube-system`, and in a namespace that the same build labels `pod-security.kubernetes.io/enforce:
privileged`; Windows pods; what only is not said, in a build with objects of OpenShift, whose SCC `restricted-v2` says
it; privileged containers and those that get `SYS_ADMIN`, to which the API server refuses to deny it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitopsmith.finding import Edit, Severity
from gitopsmith.manifest import Resource, sequence
from gitopsmith.podsecurity import unconfined, violations
from gitopsmith.policy import Remedy, Violation
from gitopsmith.workload import WORKLOADS, containers

SEVERITY = Severity.WARNING
SIBLINGS = True
KINDS = WORKLOADS
PROFILE = "production"
NEEDS = ("SYS_ADMIN", "CAP_SYS_ADMIN")


def check_resource(resource: Resource) -> Iterator[Violation]:
    needing = unconfined(resource) | {route for route, container in containers(resource) if _needs_it(container)}
    for violation in violations(resource, "privilege-escalation"):
        if not any(violation.route[: len(each)] == each for each in needing):
            yield violation


def _needs_it(container: dict[str, Any]) -> bool:
    return any(name in sequence(container, "securityContext", "capabilities", "add") for name in NEEDS)


def fix(_resource: Resource, violation: Violation) -> Remedy:
    """Says no."""
    return Remedy("set allowPrivilegeEscalation to false", (Edit("put", violation.route, False),))


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
        allowPrivilegeEscalation: false
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
        allowPrivilegeEscalation: true  # <- here
""",
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web  # <- here
      image: shop/web:1.4.2
""",
]
FIXED = [
    (
        """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: shop/web:1.4.2
""",
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
        allowPrivilegeEscalation: false
""",
    ),
]
