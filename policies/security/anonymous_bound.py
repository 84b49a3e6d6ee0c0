"""No right is given to whoever asks.

`system:anonymous` and `system:unauthenticated` are everybody who reaches the API server, `system:authenticated` is
every account of every pod, and nothing that is bound to `system:masters` can be taken away again
(https://kubernetes.io/docs/concepts/security/rbac-good-practices/).

Exempt: the roles that Kubernetes itself gives them (`system:public-info-viewer`, `system:discovery`,
`system:basic-user`, `system:service-account-issuer-discovery`, `kubeadm:bootstrap-signer-clusterinfo`); for
`system:authenticated`, Roles and ClusterRoles that RoleBindings bind, as registries and documents for all are.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, items, text
from gitopsmith.policy import Violation
from gitopsmith.rbac import BINDINGS, CLUSTER_ROLE_BINDING

SEVERITY = Severity.WARNING
KINDS = BINDINGS
PROFILE = "production"
EVERYBODY = ("system:anonymous", "system:unauthenticated", "system:masters")
PUBLIC = frozenset(
    {
        "kubeadm:bootstrap-signer-clusterinfo",
        "system:basic-user",
        "system:discovery",
        "system:public-info-viewer",
        "system:service-account-issuer-discovery",
    }
)


def check_resource(resource: Resource) -> Iterator[Violation]:
    if text(resource.body, "roleRef", "name") in PUBLIC:
        return
    wide = ("system:authenticated",) if resource.group_kind == CLUSTER_ROLE_BINDING else ()
    for route, subject in items(resource.body, "subjects"):
        name = text(subject, "name")
        if name in (*EVERYBODY, *wide):
            yield Violation((*route, "name"), f"{resource.kind} {resource.name!r} is for {name}; name who needs it")


GOOD = [
    """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: operator
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: system:public-info-viewer
subjects:
- kind: Group
  name: system:unauthenticated
  apiGroup: rbac.authorization.k8s.io
""",
    """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: operator
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: operator
subjects:
- kind: ServiceAccount
  name: operator
  namespace: operators
""",
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
  name: view
subjects:
- kind: Group
  name: system:unauthenticated  # <- here
  apiGroup: rbac.authorization.k8s.io
"""
]
