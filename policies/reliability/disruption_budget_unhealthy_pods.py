"""A PodDisruptionBudget says whether pods that are not ready may be evicted.

Unless `unhealthyPodEvictionPolicy` is `AlwaysAllow`, a pod that cannot become ready, because of a broken release
perhaps, may keep its node from being drained
(https://kubernetes.io/docs/tasks/run-application/configure-pdb/#unhealthy-pod-eviction-policy). An opinion.

Exempt: a policy that is written, whichever it is.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import scaling
from gitopsmith.finding import Edit, Severity
from gitopsmith.manifest import Resource, mapping
from gitopsmith.policy import OFF, Remedy, Violation

SEVERITY = Severity.INFO
KINDS = frozenset({scaling.BUDGET})
PROFILE = OFF


def check_resource(resource: Resource) -> Iterator[Violation]:
    if mapping(resource.body, "spec").get("unhealthyPodEvictionPolicy") is None:
        message = f"PodDisruptionBudget {resource.name!r} keeps pods that are not ready from being evicted"
        yield Violation(("spec", "unhealthyPodEvictionPolicy"), f"{message}; write AlwaysAllow")


def fix(_resource: Resource, violation: Violation) -> Remedy:
    """Lets pods be evicted that are not ready."""
    return Remedy("write AlwaysAllow", (Edit("put", violation.route, "AlwaysAllow"),))


GOOD = [
    """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: web
spec:
  maxUnavailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels:
      app: web
"""
]
BAD = [
    """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: web
spec:  # <- here
  maxUnavailable: 1
  selector:
    matchLabels:
      app: web
"""
]
FIXED = [
    (
        """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: web
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      app: web
""",
        """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: web
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      app: web
  unhealthyPodEvictionPolicy: AlwaysAllow
""",
    ),
]
