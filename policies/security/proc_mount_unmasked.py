"""Containers see the masked /proc.

`procMount: Unmasked` shows a container, and lets it write, what the runtime hides in /proc of its node. Pod Security
Standard *baseline* refuses it (`check_procMount_baseline.go` of k8s.io/pod-security-admission).

Exempt: pods in `kube-system`, and in a namespace that the same build labels `pod-security.kubernetes.io/enforce:
privileged`; pods in a user namespace of their own (`hostUsers: false`), for which the API server wants it.
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
    return violations(resource, "proc-mount")


GOOD = [
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  hostUsers: false
  containers:
    - name: web
      image: shop/web:1.4.2
      securityContext:
        procMount: Unmasked
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
        procMount: Unmasked  # <- here
"""
]
