"""Containers drop all capabilities that they do not need.

By default a container keeps fourteen, `CHOWN`, `DAC_OVERRIDE` and `SETUID` among them, `NET_RAW` with many runtimes;
most programs need none. Pod Security Standard *restricted* asks to drop `ALL` (`check_capabilities_restricted.go` of
k8s.io/pod-security-admission). What is added is judged by `capability-added`.

Exempt: pods in `kube-system`, and in a namespace that the same build labels `pod-security.kubernetes.io/enforce:
privileged`; Windows pods; what only is not said, in a build with objects of OpenShift, whose SCC `restricted-v2` says
it; privileged containers, which `container-privileged` reports.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.podsecurity import unconfined, violations
from gitopsmith.policy import Violation
from gitopsmith.workload import WORKLOADS

SEVERITY = Severity.WARNING
SIBLINGS = True
KINDS = WORKLOADS
PROFILE = "production"


def check_resource(resource: Resource) -> Iterator[Violation]:
    privileged = unconfined(resource)
    for violation in violations(resource, "capabilities-restricted"):
        if violation.route[-1] == "drop" and not any(violation.route[: len(each)] == each for each in privileged):
            yield violation


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
        capabilities:
          drop:
            - ALL
          add:
            - NET_BIND_SERVICE
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
        capabilities:
          drop:  # <- here
            - NET_RAW
"""
]
