"""An autoscaler scales a workload that is there.

A HorizontalPodAutoscaler looks its target up by `apiVersion`, kind and name in its own namespace, a ScaledObject of
KEDA likewise; without one it does nothing but write events (`pkg/controller/podautoscaler/horizontal.go` of
Kubernetes). An `apiVersion` that is left out of a HorizontalPodAutoscaler means the core group, which has no
Deployments.

Off by default: the workload may come from another Application.
Exempt: targets that are no workload of Kubernetes, Argo Rollouts or OpenShift, since an operator may make their pods.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import scaling
from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import Violation
from gitopsmith.workload import WORKLOADS

SEVERITY = Severity.WARNING
SIBLINGS = True
KINDS = scaling.AUTOSCALERS
PROFILE = "production"
SCALABLE = {group_kind.partition(".")[0] for group_kind in WORKLOADS}
ROUTE = ("spec", "scaleTargetRef")


def check_resource(resource: Resource) -> Iterator[Violation]:
    wanted = scaling.target(resource)
    kind, _, group = wanted.group_kind.partition(".")
    if not wanted.name or kind not in SCALABLE or (group and wanted.group_kind not in WORKLOADS):
        return
    found = {
        one.group_kind
        for one in scaling.with_pods(resource.siblings)
        if (one.kind, one.name, one.namespace) == (kind, wanted.name, resource.namespace)
    }
    if not found:
        message = f"there is no {kind} {wanted.name!r} beside {resource.kind} {resource.name!r}; name one that is there"
        yield Violation((*ROUTE, "name"), message)
    elif wanted.group_kind not in found:
        message = f"{kind} {wanted.name!r} is looked for in another API group than its own; write its apiVersion"
        yield Violation((*ROUTE, "apiVersion"), message)


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
---
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
    name: wbe  # <- here
  minReplicas: 2
  maxReplicas: 9
---
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
""",
    """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: web
spec:
  scaleTargetRef:  # <- here
    kind: Deployment
    name: web
  minReplicas: 2
  maxReplicas: 9
---
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
""",
]
