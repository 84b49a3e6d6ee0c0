"""A workload has the labels that tools look for.

Dashboards and people find what belongs together by `app.kubernetes.io/name`
(https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/). An opinion: any label does that is
the same everywhere.

Exempt: hooks.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import scaling
from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import OFF, Violation
from gitopsmith.workload import is_hook

SEVERITY = Severity.INFO
KINDS = scaling.REPLICATED | {"DaemonSet.apps", "CronJob.batch"}
PROFILE = OFF
LABEL = "app.kubernetes.io/name"


def check_resource(resource: Resource) -> Iterator[Violation]:
    if LABEL not in resource.labels and not is_hook(resource):
        message = f"{resource.kind} {resource.name!r} has no label {LABEL}; write the name of its application"
        yield Violation(("metadata", "labels"), message)


GOOD = [
    """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    app.kubernetes.io/name: web
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
apiVersion: apps/v1
kind: Deployment
metadata:  # <- here
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
