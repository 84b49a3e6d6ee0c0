"""Every key stands once in its map.

Readers disagree about a key that stands twice: kustomize refuses it (`mapping key "x" already defined`), the API
server keeps the last value and warns, strict clients refuse it. Whoever edits the first of the two changes nothing.

Exempt: nothing; a merge key (`<<`) that is overridden is no duplicate.
"""

from __future__ import annotations

from gitopsmith.finding import Severity

SEVERITY = Severity.ERROR
PROFILE = "minimal"
STAGE = "documents"

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
