"""What a person runs to watch an Application where this program cannot: the exact commands."""

from __future__ import annotations

from gitopsmith.application import Application


def advice(application: Application, commit: str) -> list[str]:
    """Returns the lines that say what to look at until a commit is what runs."""
    name, namespace = application.name, application.namespace
    what = f"kubectl -n {namespace} get applications.argoproj.io {name}"
    fields = "{.status.sync.revision} {.status.sync.status} {.status.health.status} {.status.operationState.phase}"
    return [
        f"it is over when {name} is Synced at {commit[:12]}, or a later commit, and Healthy:",
        f"  argocd app get {name} --refresh --show-operation",
        f"  {what} -o jsonpath='{fields}{{\"\\n\"}}'",
        "if an operation of another revision still runs:",
        f"  argocd app terminate-op {name}",
        "if no sync of the commit has begun ten seconds later:",
        f"  argocd app sync {name}",
    ]
