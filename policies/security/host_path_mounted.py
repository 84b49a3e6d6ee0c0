"""Pods mount nothing of their node.

A `hostPath` volume outlives the pod, differs from node to node and, where it is writable, hands the node over
(https://kubernetes.io/docs/concepts/storage/volumes/#hostpath). Pod Security Standard *baseline* refuses all of them
(`check_hostPathVolumes.go` of k8s.io/pod-security-admission), read-only ones too.

Exempt: pods in `kube-system`, and in a namespace that the same build labels `pod-security.kubernetes.io/enforce:
privileged`; the socket of the container runtime, which `runtime-socket-mounted` reports.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.podsecurity import violations
from gitopsmith.policy import Violation
from gitopsmith.workload import WORKLOADS, runtime_sockets

SEVERITY = Severity.WARNING
SIBLINGS = True
KINDS = WORKLOADS
PROFILE = "production"


def check_resource(resource: Resource) -> Iterator[Violation]:
    sockets = {route for route, _ in runtime_sockets(resource)}
    return (violation for violation in violations(resource, "host-paths") if violation.route not in sockets)


GOOD = [
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  volumes:
    - name: data
      emptyDir: {}
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
  volumes:
    - name: settings
      hostPath:  # <- here
        path: /etc/kubernetes
  containers:
    - name: web
      image: shop/web:1.4.2
"""
]
