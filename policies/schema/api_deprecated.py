"""The API version of an object will still be served by the next versions of Kubernetes.

An API version that a newer Kubernetes drops works until the cluster is upgraded; then the sync fails at this object
with `no matches for kind`, in all Applications at once. It is easier to change while both versions are served
(https://kubernetes.io/docs/reference/using-api/deprecation-guide/). Judged from the version that the configuration or
`--kubernetes-version` names up to the newest that is known here.

Exempt: versions that are gone already, for which `api-removed` speaks; kinds that are not Kubernetes' own.
"""

from __future__ import annotations

import re

from gitopsmith.finding import Edit, Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import Remedy, Violation

SEVERITY = Severity.WARNING
STAGE = "validate"


def fix(_resource: Resource, violation: Violation) -> Remedy | None:
    """Writes the newer version, which fits only where its fields are the same."""
    newer = re.search(r"; use (\S+)\Z", violation.message)
    return Remedy(f"write {newer[1]}", (Edit("put", violation.route, newer[1]),)) if newer else None


GOOD = [
    """\
apiVersion: networking.k8s.io/v1
kind: IPAddress
metadata:
  name: 192.0.2.1
spec:
  parentRef:
    resource: services
    name: web
    namespace: web
"""
]
BAD = [
    """\
apiVersion: networking.k8s.io/v1beta1  # <- here
kind: IPAddress
metadata:
  name: 192.0.2.1
spec:
  parentRef:
    resource: services
    name: web
    namespace: web
"""
]
FIXED = [
    (
        """\
apiVersion: networking.k8s.io/v1beta1
kind: IPAddress
metadata:
  name: 192.0.2.1
spec:
  parentRef:
    resource: services
    name: web
    namespace: web
""",
        """\
apiVersion: networking.k8s.io/v1
kind: IPAddress
metadata:
  name: 192.0.2.1
spec:
  parentRef:
    resource: services
    name: web
    namespace: web
""",
    ),
]
