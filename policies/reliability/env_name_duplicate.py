"""An environment variable is set once in a container.

Of two entries with one name the last wins, and whoever edits the first changes nothing. Server-side apply refuses
them altogether, since `env` is a map by name (`x-kubernetes-list-type` in the API's schema).

Exempt: variables from `envFrom`, which `env` overrides on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, items
from gitopsmith.policy import Violation
from gitopsmith.workload import WORKLOADS, containers

SEVERITY = Severity.WARNING
KINDS = WORKLOADS


def check_resource(resource: Resource) -> Iterator[Violation]:
    for route, container in containers(resource):
        seen: set[str] = set()
        for where, variable in items(container, "env"):
            name = variable.get("name")
            if not isinstance(name, str):
                continue
            if name in seen:
                message = (
                    f"variable {name!r} is set twice in container {container.get('name')!r}, and the last one wins"
                )
                yield Violation((*route, *where, "name"), f"{message}; remove one")
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
      env:
        - name: COLOUR
          value: blue
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
      env:
        - name: COLOUR
          value: blue
        - name: COLOUR  # <- here
          value: green
"""
]
