"""Pods keep to namespaces of their own.

With `hostPID` and `hostIPC` a pod sees and signals the processes of its node, with `hostNetwork` it listens on the
node's addresses, reaches what listens on localhost only, and no NetworkPolicy holds it. Pod Security Standard
*baseline* refuses the three (`check_hostNamespaces.go` of k8s.io/pod-security-admission).

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
    return violations(resource, "host-namespaces")


GOOD = [
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  hostNetwork: false
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
  hostNetwork: true  # <- here
  hostPID: true  # <- here
  containers:
    - name: web
      image: shop/web:1.4.2
"""
]
