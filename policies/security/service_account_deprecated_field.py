"""Workloads name their service account by `serviceAccountName`.

`serviceAccount` is its old name, and counts only where the new one is unset; the API server then writes both
(`SetDefaults_PodSpec` in `pkg/apis/core/v1/defaults.go` of Kubernetes). Of two that differ, the old one means nothing.

Exempt: both, with the same name.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Edit, Severity
from gitopsmith.manifest import Resource, text
from gitopsmith.policy import Remedy, Violation
from gitopsmith.workload import WORKLOADS, pod_route, pod_spec

SEVERITY = Severity.INFO
KINDS = WORKLOADS
PROFILE = "production"


def check_resource(resource: Resource) -> Iterator[Violation]:
    old = text(pod_spec(resource), "serviceAccount")
    if old and old != text(pod_spec(resource), "serviceAccountName"):
        route = (*(pod_route(resource) or ()), "serviceAccount")
        yield Violation(route, "serviceAccount is the old name of serviceAccountName; use that one")


def fix(resource: Resource, violation: Violation) -> Remedy | None:
    """Gives the field its newer name, where that is not there."""
    is_clear = not text(pod_spec(resource), "serviceAccountName")
    edits = (Edit("rename", violation.route, "serviceAccountName"),)
    return Remedy("write serviceAccountName", edits) if is_clear else None


GOOD = [
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  serviceAccountName: web
  containers:
    - name: web
      image: shop/web:1.4.2
"""
]
BAD = [
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  serviceAccount: web  # <- here
  containers:
    - name: web
      image: shop/web:1.4.2
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
  serviceAccount: web # its own
  containers:
    - name: web
      image: shop/web:1.4.2
""",
        """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  serviceAccountName: web # its own
  containers:
    - name: web
      image: shop/web:1.4.2
""",
    ),
]
