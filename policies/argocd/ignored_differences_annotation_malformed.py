"""What an object's own annotation leaves out of the comparison is written as Argo CD reads it.

Since 3.6 an object may say in `argocd.argoproj.io/ignore-differences` which of its fields Argo CD is to ignore: YAML
with `jsonPointers` alone, each beginning with `/` (`util/argo/diff/ignore.go`). Anything else ignores nothing, so that
the Application stays OutOfSync, or heals away what it should leave.

Exempt: nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitopsmith import documents
from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, sequence
from gitopsmith.policy import Violation

SEVERITY = Severity.ERROR
KINDS = frozenset({"*"})
ANNOTATION = "argocd.argoproj.io/ignore-differences"


def check_resource(resource: Resource) -> Iterator[Violation]:
    written = resource.annotations.get(ANNOTATION)
    if isinstance(written, str) and (wrong := _wrong(documents.load(written))):
        yield Violation(("metadata", "annotations", ANNOTATION), wrong)


def _wrong(body: Any) -> str:
    if not isinstance(body, dict):
        return "this annotation is no map, so it ignores nothing; write jsonPointers with a list"
    unknown = [str(key) for key in body if key != "jsonPointers"]
    if unknown:
        return f"Argo CD reads jsonPointers here and no {unknown[0]!r}; write it into the Application"
    bad = [one for one in sequence(body, "jsonPointers") if not (isinstance(one, str) and one.startswith("/"))]
    return f"a pointer begins with a slash, and {bad[0]!r} does not" if bad else ""


OBJECT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  annotations:
    argocd.argoproj.io/ignore-differences: {value}
"""
GOOD = [OBJECT.format(value='"jsonPointers: [/spec/replicas]"')]
BAD = [
    OBJECT.format(value='"jsonPointers: [spec/replicas]"  # <- here'),
    OBJECT.format(value='"jqPathExpressions: [.spec.replicas]"  # <- here'),
    OBJECT.format(value="/spec/replicas  # <- here"),
]
