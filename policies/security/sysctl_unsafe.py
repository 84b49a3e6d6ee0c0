"""Pods set only sysctls that concern themselves.

Other sysctls change the kernel for all pods of the node, and the kubelet refuses the pod unless the node's
administrator allowed them (https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/). Pod Security Standard
*baseline* refuses them (`check_sysctls.go` of k8s.io/pod-security-admission).

Exempt: pods in `kube-system`, and in a namespace that the same build labels `pod-security.kubernetes.io/enforce:
privileged`; those that the newest version of the standard allows.
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
    return violations(resource, "sysctls")


GOOD = [
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  securityContext:
    sysctls:
      - name: net.ipv4.ip_unprivileged_port_start
        value: "0"
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
    sysctls:
      - name: kernel.msgmax  # <- here
        value: "65536"
  containers:
    - name: web
      image: shop/web:1.4.2
"""
]
