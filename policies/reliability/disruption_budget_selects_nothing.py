"""A PodDisruptionBudget speaks of pods that are there.

One whose selector fits no pod protects nothing, and nobody is told
(https://kubernetes.io/docs/tasks/run-application/configure-pdb/).

Looked at only where a workload of the same build and namespace has these labels with other values: pods of other
builds, and those that an operator makes, are not known here.
Exempt: selectors with expressions.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import scaling
from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, mapping
from gitopsmith.policy import Violation
from gitopsmith.workload import pod_labels

SEVERITY = Severity.WARNING
SIBLINGS = True
KINDS = frozenset({scaling.BUDGET})


def check_resource(resource: Resource) -> Iterator[Violation]:
    selector = mapping(resource.body, "spec", "selector")
    wanted = mapping(selector, "matchLabels")
    if not wanted or selector.get("matchExpressions") or scaling.protected(resource):
        return
    near = [one for one in scaling.with_pods(resource.siblings) if one.namespace == resource.namespace]
    if any(set(wanted) <= set(pod_labels(one)) for one in near):
        labels = ", ".join(f"{name}={value}" for name, value in wanted.items())
        message = f"PodDisruptionBudget {resource.name!r} speaks of pods with {labels}, which no workload here makes"
        yield Violation(("spec", "selector"), f"{message}; write the labels of a template")


GOOD = [
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
---
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
]
BAD = [
    """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: web
spec:
  maxUnavailable: 1
  selector:  # <- here
    matchLabels:
      app: wbe
---
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
"""
]
