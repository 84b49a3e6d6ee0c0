"""A pod is spread among pods like itself.

A `topologySpreadConstraints` counts the pods that its `labelSelector` picks. Where that does not fit the labels of the
pod itself, the pod is placed by what others do, and its own copies may all share one node; without a selector nothing
is counted at all (https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/).

Exempt: nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, items
from gitopsmith.policy import Violation
from gitopsmith.workload import WORKLOADS, matches, pod_labels, pod_route

SEVERITY = Severity.WARNING
KINDS = WORKLOADS


def check_resource(resource: Resource) -> Iterator[Violation]:
    pod = pod_route(resource)
    for route, constraint in items(resource.body, *pod, "topologySpreadConstraints") if pod is not None else ():
        if not matches(constraint.get("labelSelector"), pod_labels(resource)):
            has = "fits other pods" if constraint.get("labelSelector") else "is missing"
            message = f"the labelSelector of this constraint {has}, so that these pods are not spread"
            yield Violation((*route, "labelSelector"), f"{message}; write labels of the template")


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
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              app: web
      containers:
        - name: web
          image: shop/web:1.4.2
"""
]
BAD = [
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
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:  # <- here
            matchLabels:
              app: wbe
      containers:
        - name: web
          image: shop/web:1.4.2
""",
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
      topologySpreadConstraints:
        - maxSkew: 1  # <- here
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
      containers:
        - name: web
          image: shop/web:1.4.2
""",
]
