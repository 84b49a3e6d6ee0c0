"""A pod has more time to end than its `preStop` hook takes.

The time in `terminationGracePeriodSeconds`, 30 seconds where it is left out, starts with the hook. A hook that sleeps
as long as that leaves the program none: it is killed in the middle of its work
(https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/#hook-handler-execution).

Looked at: hooks of the kind `sleep`, and commands with a `sleep` of so many seconds.
Exempt: everything else that a hook runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, get, mapping, sequence
from gitopsmith.policy import Violation
from gitopsmith.workload import WORKLOADS, long_running, pod_route

SEVERITY = Severity.WARNING
KINDS = WORKLOADS
DEFAULT_GRACE = 30
ROUTE = ("lifecycle", "preStop")
SLEEP = re.compile(r"\bsleep\s+(\d{1,6})(?![\d.]|m\b|h\b)")


def check_resource(resource: Resource) -> Iterator[Violation]:
    pod = pod_route(resource)
    grace = get(resource.body, *pod, "terminationGracePeriodSeconds") if pod is not None else None
    grace = DEFAULT_GRACE if grace is None else grace
    for route, container in long_running(resource) if isinstance(grace, int) else ():
        slept = _slept(mapping(container, *ROUTE))
        if slept is not None and slept >= grace:
            message = f"preStop of container {container.get('name')!r} sleeps {slept} of the pod's {grace} seconds"
            yield Violation((*route, *ROUTE), f"{message}; write a longer terminationGracePeriodSeconds")


def _slept(hook: dict[str, Any]) -> int | None:
    seconds = get(hook, "sleep", "seconds")
    if isinstance(seconds, int):
        return seconds
    found = SLEEP.findall(" ".join(str(word) for word in sequence(hook, "exec", "command")))
    return sum(map(int, found)) if found else None


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
          lifecycle:
            preStop:
              exec:
                command: ["/bin/sh", "-c", "sleep 10"]
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
      terminationGracePeriodSeconds: 60
      containers:
        - name: web
          image: shop/web:1.4.2
          lifecycle:
            preStop:
              exec:
                command: ["/bin/sh", "-c", "sleep 40"]
""",
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
      containers:
        - name: web
          image: shop/web:1.4.2
          lifecycle:
            preStop:  # <- here
              exec:
                command: ["/bin/sh", "-c", "sleep 30"]
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
      terminationGracePeriodSeconds: 40
      containers:
        - name: web
          image: shop/web:1.4.2
          lifecycle:
            preStop:  # <- here
              exec:
                command: ["/bin/sh", "-c", "sleep 40"]
""",
]
