"""A rollout leaves pods that answer.

With the strategy `Recreate`, or where `maxUnavailable` is as much as there are pods, a Deployment stops every old pod
before a new one is ready, and a new version that does not start leaves nobody to answer
(https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy). An opinion: some programs cannot run
twice at a time, and `Recreate` is how that is said.

Exempt: pods that no Service sends traffic to, or only one for metrics; storage that outlives the pod, which can be the
reason; hooks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from gitopsmith import scaling
from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, mapping
from gitopsmith.policy import OFF, Violation
from gitopsmith.workload import is_hook, serves

SEVERITY = Severity.INFO
SIBLINGS = True
KINDS = frozenset({"Deployment.apps"})
PROFILE = OFF
ROUTE = ("spec", "strategy")


def check_resource(resource: Resource) -> Iterator[Violation]:
    strategy = mapping(resource.body, *ROUTE)
    if is_hook(resource) or scaling.keeps_data(resource) or not serves(resource):
        return
    if strategy.get("type") == "Recreate":
        yield Violation((*ROUTE, "type"), "a rollout stops all pods of a Service before it starts new ones; roll them")
        return
    away, fewest = mapping(strategy, "rollingUpdate").get("maxUnavailable"), scaling.fewest(resource)
    if fewest and (scaling.amount(away, fewest, math.floor) or 0) >= fewest:
        message = f"maxUnavailable {away} of {fewest} pods lets a rollout stop all that serve a Service; write 0"
        yield Violation((*ROUTE, "rollingUpdate", "maxUnavailable"), message)


GOOD = [
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
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  strategy:
    type: Recreate
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
  selector:
    app: web
  ports:
    - port: 80
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  strategy:
    rollingUpdate:
      maxUnavailable: 75%
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
kind: Deployment
metadata:
  name: web
spec:
  strategy:
    type: Recreate  # <- here
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
  selector:
    app: web
  ports:
    - port: 80
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  strategy:
    rollingUpdate:
      maxUnavailable: 1  # <- here
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
