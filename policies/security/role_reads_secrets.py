"""No role reads every Secret of the cluster.

With `get`, `list` or `watch` on `secrets` in all namespaces an account has the tokens and keys of all others; `list`
shows the values too (https://kubernetes.io/docs/concepts/security/rbac-good-practices/).

Exempt: Roles, and ClusterRoles that the same build binds by RoleBindings alone, which count in their namespace; rules
with `resourceNames`; Argo CD's own roles; `*`, which `role-wildcard` reports.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import Violation
from gitopsmith.rbac import ROLES, grants, is_argo_cd, is_held_in_namespaces

SEVERITY = Severity.WARNING
SIBLINGS = True
KINDS = ROLES
PROFILE = "production"
READING = ("get", "list", "watch")


def check_resource(resource: Resource) -> Iterator[Violation]:
    if is_argo_cd(resource) or is_held_in_namespaces(resource):
        return
    for route, rule in grants(resource, "", ["secrets"], READING):
        if not rule.get("resourceNames"):
            message = f"ClusterRole {resource.name!r} reads the Secrets of every namespace; use Roles, or resourceNames"
            yield Violation((*route, "resources"), message)


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
    - secrets
  resourceNames:
    - operator
  verbs:
    - get
""",
    """\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: operator
rules:
- apiGroups:
    - ""
  resources:
    - secrets
  verbs:
    - get
""",
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
    - secrets
  verbs:
    - list
"""
]
