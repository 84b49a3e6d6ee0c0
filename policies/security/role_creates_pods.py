"""Roles that create pods are few.

Who creates pods in a namespace uses any Secret, volume and service account of it
(https://kubernetes.io/docs/concepts/security/rbac-good-practices/). An opinion: it is what most operators are for.

Off unless it is asked for by name. Exempt: Argo CD's own roles; the resource `*`, which `role-wildcard` reports.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import Violation
from gitopsmith.rbac import ROLES, grants, is_argo_cd

SEVERITY = Severity.INFO
KINDS = ROLES
PROFILE = "off"


def check_resource(resource: Resource) -> Iterator[Violation]:
    for route, _ in grants(resource, "", ["pods"], ["create"]) if not is_argo_cd(resource) else ():
        message = f"{resource.kind} {resource.name!r} creates pods, and so uses every Secret beside them"
        yield Violation((*route, "resources"), f"{message}; let a controller create them")


GOOD = [
    """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: operator
rules:
- apiGroups:
    - ""
  resources:
    - pods
  verbs:
    - list
"""
]
BAD = [
    """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: operator
rules:
- apiGroups:
    - ""
  resources:  # <- here
    - pods
  verbs:
    - create
"""
]
