"""What Argo CD does by itself with an Application, read from its body (``SyncPolicy`` in ``pkg/apis/application``)."""

from __future__ import annotations

from typing import Any

from gitopsmith.manifest import get

_AUTOMATED = ("spec", "syncPolicy", "automated")


def is_automated(body: Any) -> bool:
    """Tells whether Argo CD syncs an Application by itself: ``automated`` is there, and not switched off."""
    automated = get(body, *_AUTOMATED)
    return isinstance(automated, dict) and automated.get("enabled") is not False


def prunes(body: Any) -> bool:
    """Tells whether Argo CD deletes by itself what is no longer in git."""
    return is_automated(body) and get(body, *_AUTOMATED, "prune") is True


def heals(body: Any) -> bool:
    """Tells whether Argo CD undoes by itself what others change in the cluster."""
    return is_automated(body) and get(body, *_AUTOMATED, "selfHeal") is True
