"""The containers of a pod have different names.

The API server refuses a pod in which two containers, init containers included, have the same name: `Duplicate value`
(`pkg/apis/core/validation/validation.go` of Kubernetes).

Exempt: nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import Violation
from gitopsmith.workload import WORKLOADS, containers

SEVERITY = Severity.ERROR
PROFILE = "minimal"
KINDS = WORKLOADS


def check_resource(resource: Resource) -> Iterator[Violation]:
    seen: set[str] = set()
    for route, container in containers(resource):
        name = container.get("name")
        if not isinstance(name, str) or not name:
            continue
        if name in seen:
            message = f"two containers are called {name!r}, which the API server refuses; give this one another name"
            yield Violation((*route, "name"), message)
        seen.add(name)


GOOD = [
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: shop/web:1.4.2
    - name: proxy
      image: shop/proxy:1.0.0
"""
]
BAD = [
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: shop/web:1.4.2
    - name: web  # <- here
      image: shop/proxy:1.0.0
"""
]
