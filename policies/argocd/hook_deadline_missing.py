"""A Job that a sync waits for ends, well or not.

Argo CD waits for a hook as long as it runs, and applies nothing else of the Application meanwhile, a revert neither
(`gitops-engine/pkg/sync/sync_context.go`). A Job without `activeDeadlineSeconds` that hangs, for example because its
image cannot be pulled, holds the sync until somebody ends it by hand.

In the profile for production.
Exempt: Jobs that are no hook; hooks that run after everything, `PostDelete`, `SyncFail` and `Skip`.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import argocd
from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
PROFILE = "production"
KINDS = frozenset({"Job.batch"})
WAITED_FOR = frozenset({"PreSync", "Sync", "PostSync", "PreDelete"})


def check_resource(resource: Resource) -> Iterator[Violation]:
    written = resource.annotations.get(argocd.HOOK_ANNOTATION)
    hooks = set(argocd.split_options(written)) if isinstance(written, str) else set()
    own, pods = resource.get("spec", "activeDeadlineSeconds"), ("spec", "template", "spec", "activeDeadlineSeconds")
    if hooks & WAITED_FOR and own is None and resource.get(*pods) is None:
        message = f"hook {resource.name!r} may hold the sync for ever; write activeDeadlineSeconds"
        yield Violation(("spec",), message)


HOOK = """\
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
  annotations:
    argocd.argoproj.io/hook: PreSync
spec:{mark}
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: migrate
          image: registry.example.com/shop/migrate:1.4.2
"""
GOOD = [HOOK.format(mark="\n  activeDeadlineSeconds: 300")]
BAD = [HOOK.format(mark="  # <- here")]
