"""Nobody is made cluster-admin.

ClusterRole `cluster-admin` allows everything; a RoleBinding to it, everything in its namespace, its roles included
(https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles). An account that runs in a pod needs
less.

Exempt: groups and users of people with a ClusterRoleBinding, since somebody has to administer the cluster; Argo CD's
own bindings (label `app.kubernetes.io/part-of: argocd`).
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, items, text
from gitopsmith.policy import Violation
from gitopsmith.rbac import BINDINGS, is_argo_cd

SEVERITY = Severity.WARNING
KINDS = BINDINGS
PROFILE = "production"


def check_resource(resource: Resource) -> Iterator[Violation]:
    if text(resource.body, "roleRef", "name") != "cluster-admin" or is_argo_cd(resource):
        return
    accounts = [
        text(subject, "name")
        for _, subject in items(resource.body, "subjects")
        if subject.get("kind") == "ServiceAccount" or text(subject, "name").startswith("system:serviceaccount")
    ]
    if accounts:
        message = f"service account {accounts[0]!r} may do everything as cluster-admin; bind a role with what it needs"
        yield Violation(("roleRef", "name"), message)


GOOD = [
    """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: operator
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: cluster-admin
subjects:
- kind: Group
  name: platform-admins
  apiGroup: rbac.authorization.k8s.io
"""
]
BAD = [
    """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: operator
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: cluster-admin  # <- here
subjects:
- kind: ServiceAccount
  name: operator
  namespace: operators
"""
]
