"""Strategic merge patches, applied to bodies that remember their sources.

The rules are those of kustomize's ``kyaml/yaml/merge2`` with the merge keys of Kubernetes' OpenAPI: lists without a key
are replaced, items that a patch names come first, and kinds without a schema have no keys.
"""

from __future__ import annotations

from typing import Any

from gitopsmith.positions.matching import same
from gitopsmith.positions.pieces import Branch, Node, Piece, opened, value

MERGE_KEYS: dict[str, tuple[str, ...]] = {
    "addresses": ("type",),
    "conditions": ("type",),
    "containers": ("name",),
    "env": ("name",),
    "ephemeralContainers": ("name",),
    "hostAliases": ("ip",),
    "imagePullSecrets": ("name",),
    "initContainers": ("name",),
    "ownerReferences": ("uid",),
    "resourceClaims": ("name",),
    "schedulingGates": ("name",),
    "secrets": ("name",),
    "taints": ("key",),
    "topologySpreadConstraints": ("topologyKey", "whenUnsatisfiable"),
    "volumeDevices": ("devicePath",),
    "volumeMounts": ("mountPath",),
    "volumes": ("name",),
    "webhooks": ("name",),
}
"""``x-kubernetes-patch-merge-key`` and ``x-kubernetes-list-map-keys``, by the name of the list."""
_GROUPS = frozenset({"", "apps", "autoscaling", "batch", "extensions", "policy"})


def has_merge_keys(group: str) -> bool:
    """Tells whether kustomize knows the schema of a group's kinds."""
    return group in _GROUPS or group.endswith(".k8s.io")


def merge(target: Branch, patch: Piece, *, keyed: bool, skip: frozenset[str] = frozenset(), field: str = "") -> None:
    """Merges a patch's map into a map, in place. ``skip`` names the keys that this level keeps."""
    assert isinstance(target.children, dict)
    for key in patch.value:
        if key in skip or key == "$patch":
            continue
        below = _merged(target.children.get(key), patch.at(key), keyed=keyed, field=key, parent=field)
        if below is None:
            target.children.pop(key, None)
        else:
            target.children[key] = below


def _merged(old: Node | None, patch: Piece, *, keyed: bool, field: str, parent: str) -> Node | None:
    """Returns what becomes of a field, None when it goes."""
    if patch.value is None or _directive(patch.value) == "delete":
        return None
    branch = opened(old) if old is not None else None
    if branch is None or _directive(patch.value) == "replace":
        return patch
    if isinstance(patch.value, dict) and isinstance(branch.children, dict):
        merge(branch, patch, keyed=keyed, field=field)
        return branch
    keys = _keys(field, parent) if keyed else ()
    if keys and isinstance(patch.value, list) and isinstance(branch.children, list):
        return _merged_list(branch, patch, keys, keyed=keyed)
    return patch


def _merged_list(target: Branch, patch: Piece, keys: tuple[str, ...], *, keyed: bool) -> Node:
    if any(_directive(item) == "replace" and len(item) == 1 for item in patch.value):
        return Branch(patch, [patch.at(i) for i, item in enumerate(patch.value) if _directive(item) != "replace"])
    assert isinstance(target.children, list)
    old: list[Node] = list(target.children)
    first: list[Node] = []
    for index, item in enumerate(patch.value):
        position = _find(old, item, keys)
        if position is None and _is_lost(old, item, keys):
            continue
        before = old.pop(position) if position is not None else None
        after = _merged_item(before, patch.at(index), keys, keyed=keyed)
        if after is not None:
            first.append(after)
    return Branch(target.piece, first + old)


def _merged_item(old: Node | None, patch: Piece, keys: tuple[str, ...], *, keyed: bool) -> Node | None:
    """Merges two items with the same keys; what follows the first key, a protocol, only says which one is meant."""
    branch = opened(old) if old is not None and _directive(patch.value) is None else None
    if branch is None or not isinstance(patch.value, dict) or not isinstance(branch.children, dict):
        return _merged(old, patch, keyed=keyed, field="", parent="")
    merge(branch, patch, keyed=keyed, skip=frozenset(keys[1:]))
    return branch


def _find(items: list[Node], wanted: Any, keys: tuple[str, ...]) -> int | None:
    """Returns the index of the item that has each key that the wanted one has, and no other; None without one."""
    bodies = [value(item) for item in items]
    if not isinstance(wanted, dict):
        return next((index for index, body in enumerate(bodies) if same(body, wanted)), None)
    if not any(key in wanted for key in keys) or any(_fills(body, wanted, keys) for body in bodies):
        return None
    return next((index for index, body in enumerate(bodies) if _is_alike(body, wanted, keys)), None)


def _is_lost(items: list[Node], wanted: Any, keys: tuple[str, ...]) -> bool:
    """Tells whether kustomize drops an item of a patch: one of two has a key that the other lacks, like a protocol."""
    bodies = [value(item) for item in items]
    return any(_fills(body, wanted, keys) or _fills(wanted, body, keys) for body in bodies)


def _fills(body: Any, wanted: Any, keys: tuple[str, ...]) -> bool:
    """Tells whether an item that is alike otherwise has one of several keys that the wanted one lacks."""
    if not isinstance(body, dict) or not isinstance(wanted, dict):
        return False
    shared = tuple(key for key in keys if key in wanted)
    return bool(shared) and _is_alike(body, wanted, shared) and any(key in body for key in keys if key not in wanted)


def _is_alike(body: Any, wanted: dict[str, Any], keys: tuple[str, ...]) -> bool:
    return isinstance(body, dict) and all(
        key in body and same(body[key], wanted[key]) if key in wanted else key not in body for key in keys
    )


def _keys(field: str, parent: str) -> tuple[str, ...]:
    if field == "ports":
        return ("port", "protocol") if parent == "spec" else ("containerPort", "protocol")
    if field == "finalizers":
        return ("name",)
    return MERGE_KEYS.get(field, ())


def _directive(item: Any) -> Any:
    return item.get("$patch") if isinstance(item, dict) else None
