"""A hook of Helm's is one that Argo CD runs.

Argo CD takes `pre-install`, `pre-upgrade`, `post-install` and `post-upgrade` for its own PreSync and PostSync
(`gitops-engine/pkg/sync/hook/helm/type.go`), and `pre-delete` and `post-delete` for PreDelete and PostDelete
(`controller/hook.go`). An object with another event alone, such as `pre-rollback` or a misspelt one, is left out of
every sync (`gitops-engine/pkg/sync/ignore/ignore.go`): it is never applied, and nothing says so.

Exempt: tests, which nobody expects to run in a sync; `crd-install`, by which Argo CD applies a definition as any other;
objects that have one event more that is supported, or a hook annotation of Argo CD's.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import argocd
from gitopsmith.argocd import helm_hooks
from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
KINDS = frozenset({"*"})
KNOWN = tuple(sorted(helm_hooks.SUPPORTED))


def check_resource(resource: Resource) -> Iterator[Violation]:
    events = helm_hooks.events(resource.annotations)
    if events and not events & (helm_hooks.SUPPORTED | helm_hooks.TESTING):
        (first, *_) = sorted(events)
        message = (
            f"{resource.kind} {resource.name!r} is never applied: Argo CD runs no Helm hook {first!r}; "
            f"write {argocd.nearest(first, KNOWN)}, or no hook"
        )
        yield Violation(("metadata", "annotations", helm_hooks.ANNOTATION), message)


HOOK = """\
apiVersion: batch/v1
kind: Job
metadata:
  name: migrate
  annotations:
    {annotation}
spec:
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: migrate
          image: shop/web:1.4.2
"""
GOOD = [
    HOOK.format(annotation="helm.sh/hook: post-install,post-upgrade,post-rollback"),
    HOOK.format(annotation="helm.sh/hook: test"),
    HOOK.format(annotation="helm.sh/hook: crd-install"),
    HOOK.format(annotation="helm.sh/hook: pre-rollback\n    argocd.argoproj.io/hook: PreSync"),
]
BAD = [
    HOOK.format(annotation="helm.sh/hook: pre-rollback  # <- here"),
    HOOK.format(annotation="helm.sh/hook: pre-instal  # <- here"),
]
