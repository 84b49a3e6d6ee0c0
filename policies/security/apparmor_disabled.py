"""AppArmor is left on.

Where a node has AppArmor, the runtime's profile keeps containers from mounting and from writing to /proc and /sys;
`Unconfined` takes that away. Pod Security Standard *baseline* refuses it, in the field and in the old annotation
(`check_appArmorProfile.go` of k8s.io/pod-security-admission).

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
    return violations(resource, "apparmor")


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
        appArmorProfile:
          type: RuntimeDefault
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
        appArmorProfile:
          type: Unconfined  # <- here
""",
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
  annotations:
    container.apparmor.security.beta.kubernetes.io/web: unconfined  # <- here
spec:
  containers:
    - name: web
      image: shop/web:1.4.2
""",
]
