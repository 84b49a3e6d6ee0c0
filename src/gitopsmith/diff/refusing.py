"""Tells which changes the API server refuses, since a field cannot change once the object is there.

Read in Kubernetes 1.37: ``pkg/apis/*/validation/validation.go``; asked of its API server by ``tests/test_refusing.py``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from gitopsmith.applied import Delivery, Manifest
from gitopsmith.argocd import HOOK_ANNOTATION, SYNC_OPTIONS_ANNOTATION, split_options
from gitopsmith.diff.highlighting import Compared
from gitopsmith.diff.values import Refusal
from gitopsmith.finding import Route
from gitopsmith.manifest import Resource, get, pointer, sequence, text

_CHOSEN: Final = object()
"""Where nothing is written, the cluster chooses, and nobody here knows what."""
_WORKLOAD: dict[Route, Any] = {("spec", "selector"): None}
_BINDING: dict[Route, Any] = {("roleRef",): None}
FIELDS: dict[str, dict[Route, Any]] = {
    "Deployment.apps": _WORKLOAD,
    "DaemonSet.apps": _WORKLOAD,
    "ReplicaSet.apps": _WORKLOAD,
    "StatefulSet.apps": {
        ("spec", "selector"): None,
        ("spec", "serviceName"): "",
        ("spec", "podManagementPolicy"): "OrderedReady",
        ("spec", "volumeClaimTemplates"): [],
    },
    "Job.batch": {
        ("spec", "completionMode"): "NonIndexed",
        ("spec", "selector"): _CHOSEN,
        ("spec", "template"): None,
        ("spec", "podFailurePolicy"): None,
        ("spec", "successPolicy"): None,
        ("spec", "backoffLimitPerIndex"): None,
        ("spec", "managedBy"): None,
    },
    "PersistentVolumeClaim": {
        ("spec", "accessModes"): None,
        ("spec", "selector"): None,
        ("spec", "storageClassName"): _CHOSEN,
        ("spec", "volumeMode"): "Filesystem",
        ("spec", "volumeName"): _CHOSEN,
    },
    "Service": {("spec", "clusterIP"): _CHOSEN},
    "Secret": {("type",): "Opaque"},
    "RoleBinding.rbac.authorization.k8s.io": _BINDING,
    "ClusterRoleBinding.rbac.authorization.k8s.io": _BINDING,
    "StorageClass.storage.k8s.io": {
        ("provisioner",): None,
        ("parameters",): None,
        ("reclaimPolicy",): "Delete",
        ("volumeBindingMode",): "Immediate",
    },
    "PriorityClass.scheduling.k8s.io": {("value",): 0, ("preemptionPolicy",): "PreemptLowerPriority"},
    "IngressClass.networking.k8s.io": {("spec", "controller"): None},
}
"""The fields of each kind that cannot change, with what a missing one stands for."""
_FROZEN: dict[Route, Any] = {("data",): None, ("stringData",): None, ("binaryData",): None, ("immutable",): False}


def refusals(compared: Iterable[Compared]) -> Iterator[Refusal]:
    """Yields what the API server refuses to change in an object that stays; Argo CD's sync fails with it."""
    for one in compared:
        for old, new in one.pairs:
            fields = tuple(_changed(old, new, one.after)) if old and new and old.object.name == new.object.name else ()
            if new is not None and fields:
                yield Refusal(one.label, one.environments, new.object, fields)


def _changed(old: Manifest, new: Manifest, delivery: Delivery | None) -> Iterator[str]:
    before, after = old.resource, new.resource
    if _is_replaced(after) or _is_reconciled(after, delivery) or _may_be_gone(before):
        return
    for route, missing in (FIELDS.get(after.group_kind, {}) | _frozen(before)).items():
        values = [_value(resource, route, missing) for resource in (before, after)]
        if _CHOSEN not in values and values[0] != values[1]:
            yield pointer(after.body, route)


def _frozen(resource: Resource) -> dict[Route, Any]:
    """Returns the fields of a ConfigMap or Secret that says that it does not change any more."""
    return _FROZEN if resource.group_kind in {"ConfigMap", "Secret"} and resource.get("immutable") is True else {}


def _value(resource: Resource, route: Route, missing: Any) -> Any:
    found = get(resource.body, *route)
    if route[-1] == "volumeClaimTemplates":
        return [_claim(one) for one in sequence(resource.body, *route)]
    return missing if found is None else found


def _claim(template: Any) -> Any:
    """Returns what of a template for claims is not a default."""
    if not isinstance(template, dict):
        return template
    spec = template.get("spec")
    return {
        "metadata": {name: value for name, value in (template.get("metadata") or {}).items() if value},
        "spec": {"volumeMode": "Filesystem", **spec} if isinstance(spec, dict) else spec,
    }


def _is_replaced(resource: Resource) -> bool:
    """Tells whether Argo CD makes an object anew instead of changing it: hooks, and what ``Force=true`` is said of."""
    hooks = (HOOK_ANNOTATION, "helm.sh/hook")
    return "Force=true" in _options(resource) or any(name in resource.annotations for name in hooks)


def _is_reconciled(resource: Resource, delivery: Delivery | None) -> bool:
    """Tells whether Argo CD deletes a binding and makes it anew, as it does unless it applies on the server's side.

    ``gitops-engine/pkg/utils/kube/resource_ops.go``, 3.6.1.
    """
    app = delivery.application if delivery else None
    options = {*_options(resource), *(app.sync_options if app else ())}
    return resource.group == "rbac.authorization.k8s.io" and "ServerSideApply=true" not in options


def _options(resource: Resource) -> tuple[str, ...]:
    return tuple(split_options(text(resource.annotations, SYNC_OPTIONS_ANNOTATION)))


def _may_be_gone(resource: Resource) -> bool:
    """Tells whether a Job may not be there any more, or may still be changed."""
    spec = ("ttlSecondsAfterFinished", "suspend")
    return resource.group_kind == "Job.batch" and any(resource.get("spec", name) for name in spec)
