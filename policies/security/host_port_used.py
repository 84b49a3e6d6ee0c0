"""Containers take no port of their node.

Only one pod with a `hostPort` fits on a node, the port is open on every interface of the node, and a Service does the
same without either. Pod Security Standard *baseline* refuses it (`check_hostPorts.go` of
k8s.io/pod-security-admission).

Exempt: pods in `kube-system`, and in a namespace that the same build labels `pod-security.kubernetes.io/enforce:
privileged`; 0, which means none.
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
    return violations(resource, "host-ports")


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
          hostPort: 0
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
        - containerPort: 8080
          hostPort: 8080  # <- here
"""
]
