"""The API version of an object will still be served by the next versions of Kubernetes.

An API version that a newer Kubernetes drops works until the cluster is upgraded; then the sync fails at this object
with `no matches for kind`, in all Applications at once. It is easier to change while both versions are served
(https://kubernetes.io/docs/reference/using-api/deprecation-guide/). Judged from the version that the configuration or
`--kubernetes-version` names up to the newest that is known here.

Exempt: versions that are gone already, for which `api-removed` speaks; kinds that are not Kubernetes' own.
"""

from __future__ import annotations

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import Remedy, Violation, successor

SEVERITY = Severity.WARNING
STAGE = "validate"


def fix(_resource: Resource, violation: Violation) -> Remedy | None:
    return successor(violation)


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
