"""Applications as Argo CD describes them, for tests of what is made of that."""

from __future__ import annotations

from typing import Any

from repository import URL


def application(
    name: str,
    *revisions: str,
    sync: str = "Synced",
    health: str = "Healthy",
    phase: str = "Succeeded",
    message: str = "",
    about: str = "",
    images: tuple[str, ...] = (),
    history: tuple[dict[str, Any], ...] = (),
    url: str = URL,
) -> dict[str, Any]:
    """Returns the body of an Application with one source; ``about`` is the revision of its operation, else its own."""
    revision = revisions[0] if revisions else ""
    state = {
        "phase": phase,
        "message": message,
        "startedAt": "2026-11-28T10:00:00Z",
        "syncResult": {"revision": about or revision},
        "operation": {"sync": {"revision": about or revision}, "initiatedBy": {"automated": True}},
    }
    if phase not in {"Running", "Terminating"}:
        state["finishedAt"] = "2026-11-28T10:00:05Z"
    return {
        "metadata": {"name": name, "namespace": "argocd"},
        "spec": {
            "source": {"repoURL": url, "path": "."},
            "syncPolicy": {"automated": {"prune": True, "selfHeal": True}},
        },
        "status": {
            "sync": {"status": sync, "revision": revision},
            "health": {"status": health},
            "operationState": state,
            "reconciledAt": "2026-11-28T10:00:06Z",
            "summary": {"images": list(images)},
            "history": list(history),
        },
    }


def deployed(revision: str, when: str, user: str = "") -> dict[str, Any]:
    """Returns an entry of a history; Argo CD deployed it unless somebody did."""
    by = {"username": user} if user else {"automated": True}
    return {"revision": revision, "deployedAt": when, "initiatedBy": by}
