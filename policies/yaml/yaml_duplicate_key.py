"""Every key stands once in its map.

Readers disagree about a key that stands twice: kustomize refuses it (`mapping key "x" already defined`), the API
server keeps the last value and warns, strict clients refuse it. Whoever edits the first of the two changes nothing.

Exempt: nothing; a merge key (`<<`) that is overridden is no duplicate.
"""

from __future__ import annotations

from gitopsmith.documents import Problem
from gitopsmith.finding import Edit, Severity
from gitopsmith.policy import Remedy, Violation

SEVERITY = Severity.ERROR
PROFILE = "minimal"
STAGE = "documents"

FIX_IS_SAFE = True


def fix(problem: Problem, _violation: Violation) -> Remedy:
    """Takes the second of two keys away that say the same."""
    return Remedy("delete the second of the two", (Edit("deduplicate", (), problem.line),))


GOOD = [
    """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
data:
  colour: blue
"""
]
BAD = [
    """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
data:
  colour: blue
  colour: green  # <- here
"""
]
FIXED = [
    (
        """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
data:
  colour: blue
  size: large
  # again
  colour: blue
""",
        """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
data:
  colour: blue
  size: large
  # again
""",
    ),
]
