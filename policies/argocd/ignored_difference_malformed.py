"""Every entry of `ignoreDifferences` ignores something.

A `jqPathExpressions` that jq cannot read fails the comparison of the whole Application, for ever: `Failed to compare
desired state to live state` (`NewIgnoreNormalizer` in `util/argo/normalizers/diff_normalizer.go`, `controller/state.go`
of Argo CD). Here those are found whose brackets or quotes do not match, empty ones, and pointers.

A warning instead, where the entry does nothing and nobody is told: a pointer in `jsonPointers` that does not begin with
`/`, whose first part the patch library cuts off; an entry that lists no pointer, no expression and no field manager.
Exempt: text that is to be filled in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gitopsmith.application import Application
from gitopsmith.finding import Route, Severity
from gitopsmith.manifest import items, sequence
from gitopsmith.policy import Violation
from gitopsmith.secrets import is_filled_in_later

SEVERITY = Severity.ERROR
ROUTE = ("spec", "ignoreDifferences")
LISTS = ("jsonPointers", "jqPathExpressions", "managedFieldsManagers")
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
CLOSING = {")": "(", "]": "[", "}": "{"}


def check_application(application: Application) -> Iterator[Violation]:
    for route, entry in items(application.body, *ROUTE):
        if not any(sequence(entry, name) for name in LISTS):
            message = f"this entry ignores nothing; write one of {', '.join(LISTS)}"
            yield Violation(route, message, severity=Severity.WARNING)
        yield from _pointers(route, entry)
        for index, expression in enumerate(sequence(entry, "jqPathExpressions")):
            wrong = _unreadable(expression) if isinstance(expression, str) else ""
            if wrong and not is_filled_in_later(expression):
                message = f"jq cannot read this, and Argo CD compares nothing of the Application: {wrong}"
                yield Violation((*route, "jqPathExpressions", index), message)


def _pointers(route: Route, entry: dict[str, Any]) -> Iterator[Violation]:
    for index, pointer in enumerate(sequence(entry, "jsonPointers")):
        if isinstance(pointer, str) and not pointer.startswith("/") and not is_filled_in_later(pointer):
            message = (
                f"pointer {pointer!r} has no slash at its beginning and ignores nothing; write {_slashed(pointer)!r}"
            )
            yield Violation((*route, "jsonPointers", index), message, severity=Severity.WARNING)


def _slashed(pointer: str) -> str:
    return "/" + (pointer if "/" in pointer else pointer.strip(".").replace(".", "/"))


def _unreadable(expression: str) -> str:
    """Says why an expression of jq cannot be read, empty where its brackets and quotes match."""
    if not expression.strip():
        return "it is empty"
    if expression.lstrip().startswith("/"):
        return "it is written as a pointer; move it to jsonPointers"
    plain, open_ = STRING.sub("", expression), list[str]()
    for sign in plain:
        if sign in CLOSING.values():
            open_.append(sign)
        elif sign in CLOSING and (not open_ or open_.pop() != CLOSING[sign]):
            return f"{sign!r} closes nothing"
    if open_:
        return f"{open_[-1]!r} is not closed"
    return "a quote is not closed" if '"' in plain else ""


GOOD = [
    """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web
spec:
  project: shop
  source:
    repoURL: https://charts.example.com
    chart: web
    targetRevision: 1.2.3
  destination:
    name: production
  ignoreDifferences:
    - group: apps
      kind: Deployment
      jsonPointers:
        - /spec/replicas
      jqPathExpressions:
        - .spec.template.spec.containers[] | select(.name == "a ) [ \\" b") | .resources
    - kind: ConfigMap
      managedFieldsManagers:
        - controller
"""
]
BAD = [
    """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web
spec:
  project: shop
  source:
    repoURL: https://charts.example.com
    chart: web
    targetRevision: 1.2.3
  destination:
    name: production
  ignoreDifferences:
    - group: apps
      kind: Deployment
      jsonPointers:
        - spec/replicas  # <- here
      jqPathExpressions:
        - .spec.template.spec.containers[  # <- here
        - .spec.template.spec.volumes[] | select(.name == "data) | .name  # <- here
        - .spec)  # <- here
        - ""  # <- here
        - /spec/replicas  # <- here
    - kind: ConfigMap  # <- here
      name: web
"""
]
