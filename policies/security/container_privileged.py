"""No container is privileged.

A privileged container has all capabilities and all devices of its node: who gets into it has the node, and whatever
runs there. Pod Security Standard *baseline* refuses it (`check_privileged.go` of k8s.io/pod-security-admission). What
it is for is nearly always one capability or one device.

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
    return violations(resource, "privileged")


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
        privileged: false
""",
    """\
apiVersion: v1
kind: Namespace
metadata:
  name: nodes
  labels:
    pod-security.kubernetes.io/enforce: privileged
---
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: nodes
spec:
  containers:
    - name: web
      image: shop/web:1.4.2
      securityContext:
        privileged: true
""",
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
        privileged: true  # <- here
"""
]
