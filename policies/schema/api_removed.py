"""The API version of an object is still served.

A cluster that has dropped an API version answers `no matches for kind`, and the sync fails at this object. Versions
are dropped as Kubernetes' deprecation guide lists
(https://kubernetes.io/docs/reference/using-api/deprecation-guide/); it is judged for the version that the
configuration or `--kubernetes-version` names.

Exempt: versions that are deprecated and still served.
"""

from __future__ import annotations

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import Remedy, Violation, successor

SEVERITY = Severity.ERROR
PROFILE = "minimal"
STAGE = "validate"


def fix(_resource: Resource, violation: Violation) -> Remedy | None:
    return successor(violation)


GOOD = [
    """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: web
spec:
  minAvailable: 1
  selector:
    matchLabels:
      app: web
"""
]
BAD = [
    """\
apiVersion: policy/v1beta1  # <- here
kind: PodDisruptionBudget
metadata:
  name: web
spec:
  minAvailable: 1
  selector:
    matchLabels:
      app: web
"""
]
FIXED = [
    (
        """\
apiVersion: policy/v1beta1
kind: PodDisruptionBudget
metadata:
  name: web
spec:
  minAvailable: 1
  selector:
    matchLabels:
      app: web
""",
        """\
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: web
spec:
  minAvailable: 1
  selector:
    matchLabels:
      app: web
""",
    ),
]
