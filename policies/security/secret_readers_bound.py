"""Nobody is let read the Secrets of a namespace.

Who may `get`, `list` or `watch` Secrets has every password of the namespace, and the tokens of its accounts with which
to go on; a pod needs none of that to mount the one Secret that is its own
(https://kubernetes.io/docs/concepts/security/rbac-good-practices/). An opinion, by
which operators and secret managers cannot live.

Looked at: bindings beside the role that they give. Exempt: roles that name the Secrets (`resourceNames`), and Argo CD's
own. Roles for the whole cluster are the rule `role-reads-secrets`.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, text
from gitopsmith.policy import OFF, Violation
from gitopsmith.rbac import BINDINGS, ROLES, grants, is_argo_cd

SEVERITY = Severity.INFO
SIBLINGS = True
KINDS = BINDINGS
PROFILE = OFF
READING = ("get", "list", "watch")


def check_resource(resource: Resource) -> Iterator[Violation]:
    for role in resource.siblings:
        if role.group_kind in ROLES and not is_argo_cd(role) and _gives(resource, role) and _reads(role):
            message = f"{role.kind} {role.name!r} reads all Secrets of the namespace; name those that are needed in it"
            yield Violation(("roleRef", "name"), message)


def _gives(binding: Resource, role: Resource) -> bool:
    named = (text(binding.body, "roleRef", "kind"), text(binding.body, "roleRef", "name"))
    return named == (role.kind, role.name) and role.namespace in {"", binding.namespace}


def _reads(role: Resource) -> bool:
    return any(not rule.get("resourceNames") for _, rule in grants(role, "", ["secrets"], READING))


BOUND = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: reader
rules:
- apiGroups:
    - ""
  resources:
    - secrets%s
  verbs:
    - get
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: reader
subjects:
- kind: ServiceAccount
  name: web
  namespace: web
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: reader%s
"""
GOOD = [BOUND % ("\n  resourceNames:\n    - web", "")]
BAD = [BOUND % ("", "  # <- here")]
