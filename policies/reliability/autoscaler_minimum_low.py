"""An autoscaler keeps at least two pods.

With `minReplicas: 1`, which is also what it means to leave it out, a quiet hour ends in a single pod, and a node that
is drained or lost then takes the whole workload down (https://kubernetes.io/docs/concepts/workloads/pods/disruptions/).

Off by default: whether an interruption matters is known to those who run it.
Exempt: ScaledObjects of KEDA, which scale down to nothing on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import scaling
from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, mapping
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
KINDS = frozenset({scaling.AUTOSCALER})
PROFILE = "production"


def check_resource(resource: Resource) -> Iterator[Violation]:
    least = mapping(resource.body, "spec").get("minReplicas")
    if least is None or (isinstance(least, int) and least < 2):
        said = "without minReplicas" if least is None else f"with minReplicas {least}"
        message = f"HorizontalPodAutoscaler {resource.name!r} {said} goes down to one pod; keep at least 2"
        yield Violation(("spec", "minReplicas"), message)


GOOD = [
    """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: web
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: web
  minReplicas: 2
  maxReplicas: 9
"""
]
BAD = [
    """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: web
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: web
  minReplicas: 1  # <- here
  maxReplicas: 9
""",
    """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: web
spec:  # <- here
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: web
  maxReplicas: 9
""",
]
