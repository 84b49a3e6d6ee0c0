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
        before = old.pop(position) if position is not None else None
        after = _merged(before, patch.at(index), keyed=keyed, field="", parent="")
        if after is not None:
            first.append(after)
    return Branch(target.piece, first + old)


def _find(items: list[Node], wanted: Any, keys: tuple[str, ...]) -> int | None:
    if not isinstance(wanted, dict):
        return next((index for index, item in enumerate(items) if same(value(item), wanted)), None)
    for index, item in enumerate(items):
        body = value(item)
        if not isinstance(body, dict) or not any(key in wanted for key in keys):
            continue
        if all(_agree(body.get(key), wanted.get(key)) for key in keys):
            return index
    return None


def _agree(one: Any, other: Any) -> bool:
    return one is None or other is None or same(one, other)


def _keys(field: str, parent: str) -> tuple[str, ...]:
    if field == "ports":
        return ("port", "protocol") if parent == "spec" else ("containerPort", "protocol")
    if field == "finalizers":
        return ("name",)
    return MERGE_KEYS.get(field, ())


def _directive(item: Any) -> Any:
    return item.get("$patch") if isinstance(item, dict) else None
