"""Helm's hooks as Argo CD understands them.

``gitops-engine/pkg/sync/hook/helm/type.go`` knows what runs in a sync, ``controller/hook.go`` what runs when an
Application is deleted. An object with other events alone is a hook that nothing runs (``pkg/sync/ignore/ignore.go``).
"""

from __future__ import annotations

from typing import Any

ANNOTATION = "helm.sh/hook"
POLICY_ANNOTATION = "helm.sh/hook-delete-policy"
INSTALLING = frozenset({"pre-install", "post-install"})
UPGRADING = frozenset({"pre-upgrade", "post-upgrade"})
SUPPORTED = INSTALLING | UPGRADING | {"pre-delete", "post-delete"}
TESTING = frozenset({"test", "test-success", "test-failure"})
_OWN_ANNOTATIONS = ("argocd.argoproj.io/hook", "argocd.argoproj.io/hook-delete-policy")
_DEFINING = "crd-install"
"""Helm 2 had it for definitions, which Argo CD applies as such (``pkg/sync/hook/helm/hook.go``)."""
_REMOVING = frozenset({"before-hook-creation", "hook-succeeded", "BeforeHookCreation", "HookSucceeded"})
_KEEPING = frozenset({"hook-failed", "HookFailed"})


def events(annotations: dict[str, Any]) -> frozenset[str]:
    """Returns the events at which Helm runs an object; none where it is no hook of Helm's, or one of Argo CD's own."""
    found = _listed(annotations, ANNOTATION)
    return frozenset() if _DEFINING in found or _OWN_ANNOTATIONS[0] in annotations else found


def is_made_anew(annotations: dict[str, Any]) -> bool:
    """Tells whether Argo CD deletes a finished hook, at the latest when the next sync comes to it.

    Without a policy it does (``DeletePolicies`` in ``gitops-engine/pkg/sync/hook/delete_policy.go``).
    """
    policies = _listed(annotations, POLICY_ANNOTATION) | _listed(annotations, _OWN_ANNOTATIONS[1])
    return bool(policies & _REMOVING) or not policies & _KEEPING


def _listed(annotations: dict[str, Any], name: str) -> frozenset[str]:
    return frozenset(filter(None, (each.strip() for each in str(annotations.get(name, "")).split(","))))
