"""Argo CD knows the hook that an object asks to be.

An object with the annotation `argocd.argoproj.io/hook` is a hook whatever it says there, and runs in the phases whose
names Argo CD knows (`gitops-engine/pkg/sync/hook/hook.go`). With a misspelt one alone it is in no phase: it is never
applied.

Exempt: Helm's own hooks, which Argo CD maps by itself.
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
    written = resource.annotations.get(argocd.HOOK_ANNOTATION)
    for hook in argocd.split_options(written) if isinstance(written, str) else ():
        if hook not in argocd.HOOKS:
            message = f"unknown hook {hook!r}, so no sync runs it; write {argocd.nearest(hook, argocd.HOOKS)}"
            yield Violation(("metadata", "annotations", argocd.HOOK_ANNOTATION), message)


def fix(resource: Resource, violation: Violation) -> Remedy | None:
    """Writes the names that are meant, where one is near each."""
    written = str(resource.get(*violation.route))
    meant = re.sub(r"[^,\s]+", lambda match: argocd.near(match[0], argocd.HOOKS) or match[0], written)
    return Remedy(f"write {meant!r}", (Edit("put", violation.route, meant),)) if meant != written else None


GOOD = [
    """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: migrate
  annotations:
    argocd.argoproj.io/hook: PreSync,Sync
"""
]
BAD = [
    """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: migrate
  annotations:
    argocd.argoproj.io/hook: Presync  # <- here
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
    argocd.argoproj.io/hook: Presync
""",
        """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: migrate
  annotations:
    argocd.argoproj.io/hook: PreSync
""",
    ),
]
