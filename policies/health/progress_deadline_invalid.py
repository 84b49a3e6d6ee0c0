"""A Deployment's progress deadline is longer than its minimum ready time.

The API server refuses the Deployment otherwise: `must be greater than minReadySeconds`
(`pkg/apis/apps/validation/validation.go` of Kubernetes). Left out, `progressDeadlineSeconds` is 600 and
`minReadySeconds` 0.

Exempt: Argo Rollouts, which has rules of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, mapping
from gitopsmith.policy import Violation

SEVERITY = Severity.ERROR
PROFILE = "minimal"
KINDS = frozenset({"Deployment.apps"})
DEFAULT_DEADLINE = 600


def check_resource(resource: Resource) -> Iterator[Violation]:
    spec = mapping(resource.body, "spec")
    deadline, ready = spec.get("progressDeadlineSeconds"), spec.get("minReadySeconds")
    deadline = DEFAULT_DEADLINE if deadline is None else deadline
    ready = 0 if ready is None else ready
    if isinstance(deadline, int) and isinstance(ready, int) and deadline <= ready:
        field = "progressDeadlineSeconds" if "progressDeadlineSeconds" in spec else "minReadySeconds"
        message = f"progressDeadlineSeconds is {deadline} and minReadySeconds {ready}, which the API server refuses"
        yield Violation(("spec", field), f"{message}; write a longer deadline")


GOOD = [
    """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  progressDeadlineSeconds: 60
  minReadySeconds: 10
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
metadata:
  name: web
spec:
  progressDeadlineSeconds: 10  # <- here
  minReadySeconds: 10
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
