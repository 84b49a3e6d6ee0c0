"""Argo CD knows the delete policy of a hook.

A policy that it does not know is left out, and a hook without any has `BeforeHookCreation`
(`gitops-engine/pkg/sync/hook/delete_policy.go`): a misspelt `HookSucceeded` leaves the finished object, and what its
pods mount, in the cluster until the next sync.

Exempt: Helm's own annotation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitopsmith import argocd
from gitopsmith.finding import Edit, Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import Remedy, Violation

SEVERITY = Severity.ERROR
PROFILE = "minimal"
KINDS = frozenset({"*"})


def check_resource(resource: Resource) -> Iterator[Violation]:
    written = resource.annotations.get(argocd.DELETE_POLICY_ANNOTATION)
    for name in argocd.split_options(written) if isinstance(written, str) else ():
        if name not in argocd.HOOK_DELETE_POLICIES:
            known = argocd.nearest(name, argocd.HOOK_DELETE_POLICIES)
            message = f"unknown hook delete policy {name!r}, which has no effect; write {known}"
            yield Violation(("metadata", "annotations", argocd.DELETE_POLICY_ANNOTATION), message)


def fix(resource: Resource, violation: Violation) -> Remedy | None:
    """Writes the names that are meant, where one is near each."""
    written = str(resource.get(*violation.route))
    meant = re.sub(r"[^,\s]+", lambda match: argocd.near(match[0], argocd.HOOK_DELETE_POLICIES) or match[0], written)
    return Remedy(f"write {meant!r}", (Edit("put", violation.route, meant),)) if meant != written else None


GOOD = [
    """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: migrate
  annotations:
    argocd.argoproj.io/hook: PreSync
    argocd.argoproj.io/hook-delete-policy: HookSucceeded
"""
]
BAD = [
    """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: migrate
  annotations:
    argocd.argoproj.io/hook: PreSync
    argocd.argoproj.io/hook-delete-policy: HookSuceeded  # <- here
"""
]
FIXED = [
    (
        """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: migrate
  annotations:
    argocd.argoproj.io/hook: PreSync
    argocd.argoproj.io/hook-delete-policy: hookSuceeded
""",
        """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: migrate
  annotations:
    argocd.argoproj.io/hook: PreSync
    argocd.argoproj.io/hook-delete-policy: HookSucceeded
""",
    ),
]
