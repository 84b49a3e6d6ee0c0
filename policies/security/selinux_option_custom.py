"""Containers keep the SELinux labels that the runtime gives them.

Another user, role or type may undo what keeps a container from the files and processes of its node. Pod Security
Standard *baseline* allows the types `container_t`, `container_init_t`, `container_kvm_t` and `container_engine_t` alone
(`check_seLinuxOptions.go` of k8s.io/pod-security-admission).

Exempt: pods in `kube-system`, and in a namespace that the same build labels `pod-security.kubernetes.io/enforce:
privileged`; `level`, which sets pods apart from each other.
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
    return violations(resource, "selinux")


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
        seLinuxOptions:
          type: container_t
          level: s0:c123,c456
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
        seLinuxOptions:
          type: spc_t  # <- here
"""
]
