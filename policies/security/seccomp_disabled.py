"""Seccomp is not switched off.

`Unconfined` opens every system call of the kernel that all containers of the node share. Pod Security Standard
*baseline* refuses it (`check_seccompProfile_baseline.go` of k8s.io/pod-security-admission). That no profile is set is
`seccomp-missing`.

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
    return violations(resource, "seccomp")


GOOD = [
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  securityContext:
    seccompProfile:
      type: RuntimeDefault
  containers:
    - name: web
      image: shop/web:1.4.2
"""
]
BAD = [
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  securityContext:
    seccompProfile:
      type: Unconfined  # <- here
  containers:
    - name: web
      image: shop/web:1.4.2
"""
]
