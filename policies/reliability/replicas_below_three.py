"""A workload has three pods.

With two, the drain of one node leaves one pod, and what happens to that one stops everything; three also stand in three
zones, and are the fewest with which members can vote. An opinion, and more than `single-replica` and
`autoscaler-minimum-low` ask for.

Exempt: workloads with an autoscaler, whose minimum counts; none at all (`replicas: 0`); hooks; numbers that are filled
in later; ScaledObjects of KEDA, which scale down to nothing on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import scaling
from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import OFF, Violation
from gitopsmith.workload import is_hook

SEVERITY = Severity.INFO
SIBLINGS = True
KINDS = scaling.REPLICATED | {scaling.AUTOSCALER}
PROFILE = OFF


def check_resource(resource: Resource) -> Iterator[Violation]:
    scales = resource.group_kind == scaling.AUTOSCALER
    least = scaling.minimum(resource) if scales else scaling.replicas(resource)
    if is_hook(resource) or scaling.autoscalers(resource) or least not in {1, 2}:
        return
    route = ("spec", "minReplicas") if scales else ("spec", "replicas")
    yield Violation(route, f"{resource.kind} {resource.name!r} asks for {least} pods at least; ask for 3")


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
  minReplicas: 3
  maxReplicas: 9
"""
]
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: %s
  selector:
    matchLabels:
      app: web
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
        - name: web
          image: shop/web:1.4.2
"""
GOOD += [DEPLOYMENT % "3", DEPLOYMENT % "0"]
BAD = [
    DEPLOYMENT % "2  # <- here",
    GOOD[0].replace("minReplicas: 3", "minReplicas: 2  # <- here"),
]
