"""Probes and lifecycle hooks call the pod itself.

With `host` the kubelet calls any address from the node's network: a pod that is down counts as ready, and whoever
writes pods can scan what only nodes reach. Pod Security Standard *baseline* refuses it from 1.34 on
(`check_hostProbesAndhostLifecycle.go` of k8s.io/pod-security-admission); `Host` among `httpHeaders` names a virtual
host.

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
    return violations(resource, "probe-hosts")


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
      readinessProbe:
        httpGet:
          port: 8080
          httpHeaders:
            - name: Host
              value: web.example.com
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
      readinessProbe:
        httpGet:
          host: web.example.com  # <- here
          port: 8080
"""
]
