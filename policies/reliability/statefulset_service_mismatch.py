"""The Service that a StatefulSet names gives its pods their names.

Only a headless Service (`clusterIP: None`) has a record in DNS for each of its pods, and only for those that its
selector picks (https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/). With another one the pods
run, and cannot be found by name.

Only told (info) of a single pod, which has no peers.
Off by default: a program whose pods need not find each other does not miss the names.
Exempt: a Service that is not of the same build, which is the rule `statefulset-service-missing`; one without a
selector.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import scaling
from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, mapping, text
from gitopsmith.policy import Violation
from gitopsmith.workload import pod_labels, selects

SEVERITY = Severity.WARNING
SIBLINGS = True
KINDS = frozenset({"StatefulSet.apps"})
PROFILE = "production"
ROUTE = ("spec", "serviceName")


def check_resource(resource: Resource) -> Iterator[Violation]:
    wanted = text(resource.body, *ROUTE)
    severity = Severity.INFO if scaling.replicas(resource) == 1 else None
    for service in resource.siblings:
        if (service.group_kind, service.name, service.namespace) != ("Service", wanted, resource.namespace):
            continue
        selector = mapping(service.body, "spec", "selector")
        if text(service.body, "spec", "clusterIP") != "None":
            message = f"Service {wanted!r} is not headless, so that no pod gets a name; name one that is"
            yield Violation(ROUTE, message, severity=severity)
        elif selector and not selects(selector, pod_labels(resource)):
            message = f"Service {wanted!r} selects other pods, so that these get no names; name their own"
            yield Violation(ROUTE, message, severity=severity)


GOOD = [
    """\
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  clusterIP: None
  selector:
    app: web
  ports:
    - port: 80
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: web
spec:
  serviceName: web
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
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
    - port: 80
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: web
spec:
  serviceName: web  # <- here
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
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  clusterIP: None
  selector:
    app: api
  ports:
    - port: 80
---
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: web
spec:
  serviceName: web  # <- here
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
