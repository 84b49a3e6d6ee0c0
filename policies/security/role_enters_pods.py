"""No role enters the pods of the whole cluster.

Who may create `pods/exec` or `pods/attach`, or reach `nodes/proxy`, runs commands as any pod, with its token, its
volumes and its rights (https://kubernetes.io/docs/concepts/security/rbac-good-practices/).

Exempt: Roles, and ClusterRoles that the same build binds by RoleBindings alone; rules with `resourceNames`; Argo CD's
own roles; `*`, which `role-wildcard` reports.
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
ENTRANCES = ("pods/exec", "pods/attach", "nodes/proxy")


def check_resource(resource: Resource) -> Iterator[Violation]:
    if is_argo_cd(resource) or is_held_in_namespaces(resource):
        return
    for route, rule in grants(resource, "", ENTRANCES, ("create", "get")):
        if not rule.get("resourceNames"):
            message = f"ClusterRole {resource.name!r} may run commands in any pod of the cluster; use a Role"
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
    - pods
    - pods/log
  verbs:
    - get
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
    - pods/exec
  verbs:
    - create
"""
]
