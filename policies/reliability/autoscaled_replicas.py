"""The number of pods is written by one: a manifest or an autoscaler.

Where a workload that is scaled has `replicas` too, every sync sets the number of the manifest, in the middle of a busy
hour too, and the autoscaler has to raise it again
(https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/). Left out, Kubernetes starts with
one pod and then leaves the number to the autoscaler. An Application that heals itself does worse: `autoscaler-undone`.

Off by default: an Application with `ignoreDifferences` for the field and `RespectIgnoreDifferences=true` keeps the
number.
Exempt: `replicas: 0`, which switches the autoscaler off.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import scaling
from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
SIBLINGS = True
KINDS = scaling.REPLICATED
PROFILE = "production"


def check_resource(resource: Resource) -> Iterator[Violation]:
    written = resource.get("spec", "replicas")
    if written is None or written == 0:
        return
    for autoscaler in scaling.autoscalers(resource)[:1]:
        message = f"each sync sets what {autoscaler.kind} {autoscaler.name!r} decides back to {written}; leave it out"
        yield Violation(("spec", "replicas"), message)


GOOD = [
    """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
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
---
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
""",
    """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
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
""",
]
BAD = [
    """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2  # <- here
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
---
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
