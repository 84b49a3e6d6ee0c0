"""RFC 6902 patches, applied to bodies that remember their sources."""

from __future__ import annotations

from typing import Any

from gitopsmith.finding import Route
from gitopsmith.positions.pieces import Branch, Node, Piece, child, copied, descend, lookup, put

_ANNOTATIONS = ("metadata", "annotations")
"""A map that every object has while kustomize works on it, since kustomize keeps its own notes there."""


def apply(target: Branch, patch: Piece) -> None:
    """Applies every operation of a patch, in place; one that does not fit is passed over: kustomize has taken it."""
    for index, operation in enumerate(patch.value):
        if isinstance(operation, dict) and isinstance(operation.get("path"), str):
            _operate(target, patch.at(index), operation)


def _operate(target: Branch, piece: Piece, operation: dict[str, Any]) -> None:
    route, kind = steps(operation["path"]), operation.get("op")
    if not route:
        return
    if kind in ("add", "replace") and "value" in operation:
        _write(target, route, piece.at("value"), insert=kind == "add")
    elif kind == "remove":
        _remove(target, route)
    elif kind in ("move", "copy") and isinstance(operation.get("from"), str):
        origin = steps(operation["from"])
        moved = lookup(target, _resolved(target, origin))
        if moved is not None:
            if kind == "move":
                _remove(target, origin)
            _write(target, route, copied(moved), insert=True)


def steps(pointer: str) -> tuple[str, ...]:
    """Splits a JSON pointer; ``~1`` is a slash and ``~0`` a tilde."""
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])


def _write(target: Branch, route: tuple[str, ...], node: Node, *, insert: bool) -> None:
    parent = descend(target, _resolved(target, route[:-1]))
    if parent is None:
        if route[:2] == _ANNOTATIONS and isinstance(node, Piece):
            put(target, route, node)
        return
    if isinstance(parent.children, dict):
        parent.children[route[-1]] = node
        return
    index = _index(route[-1], len(parent.children))
    if index is not None and insert:
        parent.children.insert(index, node)
    elif index is not None and index < len(parent.children):
        parent.children[index] = node


def _remove(target: Branch, route: tuple[str, ...]) -> None:
    parent = descend(target, _resolved(target, route[:-1]))
    if parent is None:
        return
    if isinstance(parent.children, dict):
        parent.children.pop(route[-1], None)
        return
    index = _index(route[-1], len(parent.children))
    if index is not None and index < len(parent.children):
        del parent.children[index]


def _resolved(target: Branch, route: tuple[str, ...]) -> Route:
    """Turns the steps that lead into lists into indices."""
    out: list[str | int] = []
    at: Node | None = target
    for text in route:
        inside = at.value if isinstance(at, Piece) else at.children if at is not None else None
        index = _index(text, len(inside)) if isinstance(inside, list) else None
        step: str | int = text if index is None else index
        out.append(step)
        at = child(at, step) if at is not None else None
    return tuple(out)


def _index(text: str, length: int) -> int | None:
    if text == "-":
        return length
    try:
        index = int(text)
    except ValueError:
        return None
    return index + length if index < 0 else index
