"""A workload of several pods says how many of them may be away at once.

Draining nodes, as an upgrade of the cluster does, evicts pods as fast as it can; only a PodDisruptionBudget makes it
wait until enough of them run elsewhere (https://kubernetes.io/docs/tasks/run-application/configure-pdb/).

Off by default: whether an interruption matters is known to those who run it.
Exempt: workloads of a single pod, which a budget could only keep from being moved at all; numbers that are filled in
later; pods that only hold a place (`pause`); and hooks.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import scaling
from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import Violation
from gitopsmith.workload import is_hook

SEVERITY = Severity.WARNING
SIBLINGS = True
KINDS = scaling.REPLICATED
PROFILE = "production"


def check_resource(resource: Resource) -> Iterator[Violation]:
    fewest = scaling.fewest(resource)
    if fewest is None or fewest < 2 or is_hook(resource) or scaling.holds_places(resource):
        return
    if not scaling.budgets(resource):
        message = f"{resource.kind} {resource.name!r} has {fewest} pods, and all may be evicted at once"
        yield Violation(("spec", "replicas"), f"{message}; add a PodDisruptionBudget")


GOOD = [
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
---
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
""",
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
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: web
spec:
  maxUnavailable: 1
  selector:
    matchLabels:
      app: api
""",
]
