"""A hook that runs before the sync needs nothing that comes with the sync.

What is no hook is applied after everything in the phase `PreSync` is done. A pod of a PreSync hook that takes a
ConfigMap, a Secret, a ServiceAccount or a PersistentVolumeClaim of the same build does not start before that is there:
on a new cluster the sync waits for a hook that waits for the sync, and later the hook runs with what the last release
left. Make what it needs a PreSync hook in an earlier wave too, or run it as a `Sync` hook in a wave of its own.

Exempt: references that are `optional`; what is itself a hook of that phase.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

from gitopsmith import argocd
from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import Violation
from gitopsmith.workload import WORKLOADS, needs

SEVERITY = Severity.WARNING
SIBLINGS = True
KINDS = WORKLOADS
BEFORE = frozenset({"PreSync", "pre-install", "pre-upgrade"})
NEEDED = frozenset({"ConfigMap", "Secret", "ServiceAccount", "PersistentVolumeClaim"})


def check_resource(resource: Resource) -> Iterator[Violation]:
    if not _phases(resource) or not _phases(resource) <= BEFORE:
        return
    later = _later(resource.siblings)
    for route, kind, name in needs(resource):
        if (kind, resource.namespace, name) in later:
            message = (
                f"{kind} {name!r} is applied after this hook has run, so on a new cluster neither comes; "
                "make it a hook of the same phase, in an earlier wave"
            )
            yield Violation(route, message)


def _phases(resource: Resource) -> set[str]:
    """Returns the phases in which a hook runs, as Argo CD or else as Helm has it; none of what is no hook."""
    own = resource.annotations.get(argocd.HOOK_ANNOTATION)
    written = own if own is not None else resource.annotations.get("helm.sh/hook")
    return set(argocd.split_options(written)) if isinstance(written, str) else set()


@functools.lru_cache(maxsize=4)
def _later(siblings: tuple[Resource, ...]) -> frozenset[tuple[str, str, str]]:
    """Returns kind, namespace and name of what a build applies in the sync itself, and in no hook."""
    return frozenset((one.kind, one.namespace, one.name) for one in siblings if one.kind in NEEDED and not _phases(one))


HOOK = """\
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
  annotations:
    argocd.argoproj.io/hook: PreSync
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: migrate
          image: registry.example.com/shop/migrate:1.4.2
          envFrom:
            - configMapRef:
                name: database{mark}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: database
"""
GOOD = [
    HOOK.format(mark="")
    + "  annotations:\n    argocd.argoproj.io/hook: PreSync\n    argocd.argoproj.io/sync-wave: '-1'\n",
    HOOK.format(mark="").replace("PreSync", "PostSync"),
    HOOK.format(mark="\n                optional: true"),
]
BAD = [HOOK.format(mark="  # <- here")]
