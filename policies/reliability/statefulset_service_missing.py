"""The Service that a StatefulSet names is deployed with it.

A StatefulSet takes the names of its pods in DNS from a headless Service (`spec.serviceName`); without it the pods run
and cannot be found by name
(https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id).

Off by default: the Service may come from another Application or an operator.
Exempt: a StatefulSet without `serviceName`.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, text
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
SIBLINGS = True
KINDS = frozenset({"StatefulSet.apps"})
PROFILE = "production"


def check_resource(resource: Resource) -> Iterator[Violation]:
    wanted = text(resource.body, "spec", "serviceName")
    names = {
        sibling.name
        for sibling in resource.siblings
        if sibling.group_kind == "Service" and sibling.namespace == resource.namespace
    }
    if wanted and wanted not in names:
        message = f"there is no Service {wanted!r} beside StatefulSet {resource.name!r}; add a headless one"
        yield Violation(("spec", "serviceName"), message)


GOOD = [
    """\
apiVersion: v1
kind: Service
metadata:
  name: database
spec:
  clusterIP: None
  selector:
    app: database
  ports:
    - port: 5432
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: database
spec:
  serviceName: database
  selector:
    matchLabels:
      app: database
  template:
    metadata:
      labels:
        app: database
    spec:
      containers:
        - name: database
          image: postgres:17.2
"""
]
BAD = [
    """\
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: database
spec:
  serviceName: databse  # <- here
  selector:
    matchLabels:
      app: database
  template:
    metadata:
      labels:
        app: database
    spec:
      containers:
        - name: database
          image: postgres:17.2
"""
]
