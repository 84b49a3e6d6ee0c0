"""Every field is one that its kind has.

The API server drops a field that it does not know, without an error: a misspelt `readinesProbe` or a field one level
too deep is simply not there. The sync ends as Succeeded and the Application is Healthy, and stays OutOfSync for as long
as the field is in git. With `ServerSideApply=true` the sync fails: `field not declared in schema`. Both were measured
with Argo CD 3.6.1, for fields of a spec and of metadata.

Exempt: maps with free keys, fields under `x-kubernetes-preserve-unknown-fields`, and the `sops` block that SOPS adds.
"""

from __future__ import annotations

import re

from gitopsmith.finding import Edit, Severity
from gitopsmith.kustomization import Kustomization
from gitopsmith.manifest import Resource
from gitopsmith.policy import Remedy, Violation

SEVERITY = Severity.ERROR
PROFILE = "minimal"
STAGE = "validate"


def fix(_subject: Resource | Kustomization, violation: Violation) -> Remedy | None:
    """Gives the field the name that is near."""
    near = re.search(r"; did you mean '([^']+)'\?", violation.message)
    return Remedy(f"write {near[1]!r}", (Edit("rename", violation.route, near[1]),)) if near else None


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
FIXED = [
    (
        """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: shop/web:1.4.2
      imagePullpolicy: Always # ours
""",
        """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: shop/web:1.4.2
      imagePullPolicy: Always # ours
""",
    ),
]
