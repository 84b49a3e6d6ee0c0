"""Pods mount storage through claims.

A volume that names its storage itself, such as `nfs` or `iscsi`, has whoever writes pods reach servers that only nodes
should reach, with the node's rights; some in-tree types are gone altogether. Pod Security Standard *restricted* allows
claims, CSI, and what Kubernetes itself fills (`check_restrictedVolumes.go` of k8s.io/pod-security-admission).

Exempt: pods in `kube-system`, and in a namespace that the same build labels `pod-security.kubernetes.io/enforce:
privileged`; `hostPath`, which `host-path-mounted` reports.
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
    return (violation for violation in violations(resource, "volumes") if violation.route[-1] != "hostPath")


GOOD = [
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  volumes:
    - name: data
      persistentVolumeClaim:
        claimName: data
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
    - name: data
      nfs:  # <- here
        server: nfs.example.com
        path: /data
  containers:
    - name: web
      image: shop/web:1.4.2
"""
]
