"""Roles name what they allow.

`*` allows what exists today and what is installed tomorrow: every Secret, every role, every webhook. Whoever runs as
such an account is administrator of the cluster (https://kubernetes.io/docs/concepts/security/rbac-good-practices/).

Exempt: rules about API groups with a domain of their own outside of `k8s.io`, where an operator may do anything with
its own kinds; Argo CD's own roles (label `app.kubernetes.io/part-of: argocd`); aggregated roles, which have no rules of
their own.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, items
from gitopsmith.policy import Violation
from gitopsmith.rbac import ROLES, groups, is_argo_cd, wildcards

SEVERITY = Severity.WARNING
KINDS = ROLES
PROFILE = "production"


def check_resource(resource: Resource) -> Iterator[Violation]:
    for route, rule in items(resource.body, "rules") if not is_argo_cd(resource) else ():
        found = wildcards(rule)
        if found and not (groups(rule) and all(_is_own(group) for group in groups(rule))):
            message = f"{resource.kind} {resource.name!r} allows any of {' and '.join(found)}; name what is needed"
            yield Violation((*route, found[-1]), message)


def _is_own(group: str) -> bool:
    return "." in group and not group.endswith("k8s.io")


GOOD = [
    """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: operator
rules:
- apiGroups:
    - shop.example.com
  resources:
    - "*"
  verbs:
    - "*"
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
  resources:
    - "*"
  verbs:  # <- here
    - "*"
- apiGroups:
    - "*"
  resources:  # <- here
    - "*"
  verbs:
    - get
"""
]
