"""No object holds a credential outside of a Secret.

Private keys, tokens with a vendor's own prefix and URLs with a password are looked for in every text of every object
that is applied: ConfigMaps, environment variables, arguments, annotations, the fields of custom resources. They are
in git in plain text, and in the cluster everybody sees them who may read the object. A value that was pushed is known
for good: replace it where it is used.

Exempt: Secrets (`secret-plaintext`), Applications (`application-secret`), CustomResourceDefinitions, placeholders,
default passwords such as `postgres:postgres`, and examples that vendors publish.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import secrets
from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, pointer
from gitopsmith.policy import Violation

SEVERITY = Severity.ERROR
KINDS = frozenset({"*"})
ELSEWHERE = frozenset({"Secret", "Application.argoproj.io", "CustomResourceDefinition.apiextensions.k8s.io"})


def check_resource(resource: Resource) -> Iterator[Violation]:
    if resource.group_kind in ELSEWHERE:
        return
    for route, what in secrets.certain_fields(resource.body):
        message = f"{pointer(resource.body, route)} holds {what} in plain text"
        yield Violation(route, f"{message}; replace it, and read the new one from a Secret")


GOOD = [
    """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
data:
  database: postgres://shop:${PASSWORD}@database:5432/shop
"""
]
BAD = [
    """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
data:
  database: postgres://shop:kD8vq2LxT0mZ@database:5432/shop  # <- here
"""
]
