"""Argo CD knows the sync options in an object's annotation.

`argocd.argoproj.io/sync-options` is a list with commas, compared as text and with its case
(`gitops-engine/pkg/sync/common/types.go`): a misspelt `Prune=False` protects nothing, and the object is deleted with
the next sync that prunes. Options that are only read in an Application, such as `CreateNamespace`, do nothing here.

Exempt: nothing. Options of a whole Application are the rule `sync-option-unknown`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitopsmith import argocd
from gitopsmith.finding import Edit, Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import Remedy, Violation

SEVERITY = Severity.WARNING
KINDS = frozenset({"*"})


def check_resource(resource: Resource) -> Iterator[Violation]:
    written = resource.annotations.get(argocd.SYNC_OPTIONS_ANNOTATION)
    for option in argocd.split_options(written) if isinstance(written, str) else ():
        wrong = argocd.unknown_sync_option(option)
        if not wrong and option.partition("=")[0] in argocd.APPLICATION_OPTIONS:
            wrong = f"sync option {option!r} does nothing on an object; write it under syncOptions of the Application"
        if wrong:
            yield Violation(("metadata", "annotations", argocd.SYNC_OPTIONS_ANNOTATION), wrong)


def fix(resource: Resource, violation: Violation) -> Remedy | None:
    """Writes the options whose case alone is another one."""
    written = str(resource.get(*violation.route))
    meant = re.sub(r"[^,\s]+", lambda match: argocd.meant_sync_option(match[0]) or match[0], written)
    return Remedy(f"write {meant!r}", (Edit("put", violation.route, meant),)) if meant != written else None


GOOD = [
    """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
  annotations:
    argocd.argoproj.io/sync-options: Prune=false, ServerSideApply=true
"""
]
BAD = [
    """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
  annotations:
    argocd.argoproj.io/sync-options: Prune=False  # <- here
""",
    """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
  annotations:
    argocd.argoproj.io/sync-options: CreateNamespace=true  # <- here
""",
]
FIXED = [
    (
        """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
  annotations:
    argocd.argoproj.io/sync-options: Prune=False, serverSideApply=true
""",
        """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
  annotations:
    argocd.argoproj.io/sync-options: Prune=false, ServerSideApply=true
""",
    ),
]
