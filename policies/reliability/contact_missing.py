"""A workload says whom to ask about it.

Whoever is on call for a cluster sees a workload that fails and has to find its people first. A label or an annotation
with their team or their address is on the object itself, in every alert that carries its labels, and in every query. An
opinion: in many repositories the folder says it, or a file of code owners.

Enough is a label or annotation whose name ends in `owner`, `team`, `contact`, `email` or `maintainer`, such as
`example.com/team`. Exempt: hooks, which are gone soon.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import OFF, Violation
from gitopsmith.workload import WORKLOADS, is_hook

SEVERITY = Severity.INFO
KINDS = WORKLOADS
PROFILE = OFF
NAMES = ("owner", "team", "contact", "email", "maintainer")


def check_resource(resource: Resource) -> Iterator[Violation]:
    said = {**resource.annotations, **resource.labels}
    named = any(value and name.lower().endswith(NAMES) for name, value in said.items())
    if not named and not is_hook(resource):
        message = f"nothing on {resource.kind} {resource.name!r} says whom to ask; add a label such as team"
        yield Violation(("metadata",), message)


POD = """\
apiVersion: v1
kind: Pod
metadata:%s
  name: web
spec:
  containers:
    - name: web
      image: shop/web:1.4.2
"""
GOOD = [
    POD % "\n  labels:\n    example.com/team: checkout",
    POD % "\n  annotations:\n    email: checkout@example.com",
]
BAD = [POD % "  # <- here"]
