"""A sync wave is a whole number.

Argo CD reads `argocd.argoproj.io/sync-wave` as an integer, and takes what is none for wave 0 without a word
(`gitops-engine/pkg/sync/syncwaves/waves.go`): the order that the author wrote down is not kept.

Exempt: negative numbers, which are the usual way to come first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitopsmith import argocd
from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import Violation

SEVERITY = Severity.ERROR
PROFILE = "minimal"
KINDS = frozenset({"*"})
INTEGER = re.compile(r"[+-]?[0-9]+\Z")


def check_resource(resource: Resource) -> Iterator[Violation]:
    wave = resource.annotations.get(argocd.SYNC_WAVE_ANNOTATION)
    if isinstance(wave, str) and not INTEGER.match(wave):
        message = f"sync wave {wave!r} is no whole number, so Argo CD takes it for 0; write one, such as '-1'"
        yield Violation(("metadata", "annotations", argocd.SYNC_WAVE_ANNOTATION), message)


GOOD = [
    """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
  annotations:
    argocd.argoproj.io/sync-wave: "-1"
"""
]
BAD = [
    """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
  annotations:
    argocd.argoproj.io/sync-wave: first  # <- here
"""
]
