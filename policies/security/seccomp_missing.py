"""A seccomp profile is set.

Without one most clusters run a container with every system call open: `SeccompDefault` of the kubelet is off unless its
administrator switched it on (https://kubernetes.io/docs/tutorials/security/seccomp/). Pod Security Standard
*restricted* asks for `RuntimeDefault` or `Localhost`, on the pod or on each container
(`check_seccompProfile_restricted.go` of k8s.io/pod-security-admission).

Exempt: pods in `kube-system`, and in a namespace that the same build labels `pod-security.kubernetes.io/enforce:
privileged`; Windows pods; what only is not said, in a build with objects of OpenShift, whose SCC `restricted-v2` says
it; privileged containers, which run without one whatever is said.
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
    for violation in violations(resource, "seccomp-restricted"):
        if violation.route[-1] == "seccompProfile" and not any(
            violation.route[: len(each)] == each for each in privileged
        ):
            yield violation


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
    runAsNonRoot: true
  containers:
    - name: web  # <- here
      image: shop/web:1.4.2
"""
]
