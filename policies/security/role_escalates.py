"""No role gives itself more rights.

`escalate` and `bind` on roles lift the API server's own rule that nobody grants what he does not have; `impersonate` on
users, groups or service accounts is being them (https://kubernetes.io/docs/concepts/security/rbac-good-practices/).

Exempt: rules with `resourceNames`; Argo CD's own roles; the verb `*`, which `role-wildcard` reports.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import Violation
from gitopsmith.rbac import GROUP, ROLES, grants, is_argo_cd

SEVERITY = Severity.WARNING
KINDS = ROLES
PROFILE = "production"
GIVING = (
    (GROUP, ("roles", "clusterroles"), ("escalate", "bind")),
    ("", ("users", "groups", "serviceaccounts"), ("impersonate",)),
)


def check_resource(resource: Resource) -> Iterator[Violation]:
    for group, resources, verbs in GIVING if not is_argo_cd(resource) else ():
        for route, rule in grants(resource, group, resources, verbs):
            if not rule.get("resourceNames") and "*" not in rule["verbs"]:
                used = [verb for verb in verbs if verb in rule["verbs"]]
                message = f"{resource.kind} {resource.name!r} may {' and '.join(used)}, which gives it any right"
                yield Violation((*route, "verbs"), f"{message}; add resourceNames")


GOOD = [
    """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: operator
rules:
- apiGroups:
    - rbac.authorization.k8s.io
  resources:
    - clusterroles
  resourceNames:
    - shop-reader
  verbs:
    - bind
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
    - rbac.authorization.k8s.io
  resources:
    - clusterroles
  verbs:  # <- here
    - get
    - escalate
"""
]
