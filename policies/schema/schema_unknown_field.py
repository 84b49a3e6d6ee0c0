"""Every field is one that its kind has.

The API server drops a field that it does not know, without an error: a misspelt `readinesProbe` or a field one level
too deep is simply not there. Argo CD shows the Application as synced all the same.

Exempt: maps with free keys, fields under `x-kubernetes-preserve-unknown-fields`, and the `sops` block that SOPS adds.
"""

from __future__ import annotations

from gitopsmith.finding import Severity

SEVERITY = Severity.ERROR
PROFILE = "minimal"
STAGE = "validate"

GOOD = [
    """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
  labels:
    app: web
"""
]
BAD = [
    """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
  lables:  # <- here
    app: web
"""
]
