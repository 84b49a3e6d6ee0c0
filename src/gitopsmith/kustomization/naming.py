"""Names the fields of a kustomization so that the names stay when entries before them come or go."""

from __future__ import annotations

import re
from typing import Any

from gitopsmith.finding import Route
from gitopsmith.manifest import get, item_key, mapping, pointer

_CREDENTIALS = re.compile(r"(?<=://)[^/@]*@")
_TARGET = ("kind", "namespace", "name", "labelSelector", "annotationSelector")


def keyed_pointer(body: Any, route: Route) -> str:
    """Writes a route like ``manifest.pointer``, and names list items that have no key: ``resources[web.yaml]``

    An entry is named by its path, a patch by its path or target, a literal by its key. No value is in it.
    """
    if not isinstance(body, dict):
        return pointer(body, route)
    written = ""
    for length, step in enumerate(route):
        within = get(body, *route[:length])
        named = _name(within[step], route[length - 1]) if _is_item(within, step) else ""
        written += f"[{named}]" if named else _step(within, step, first=not written)
    return written


def _is_item(within: Any, step: str | int) -> bool:
    return isinstance(step, int) and isinstance(within, list) and step < len(within)


def _step(within: Any, step: str | int, *, first: bool) -> str:
    plain = pointer(within, (step,))
    return plain if first or plain.startswith("[") else f".{plain}"


def _name(item: Any, field: str | int) -> str:
    """Returns what tells an item of a list apart, an empty text where that has a key or nothing does."""
    if isinstance(item, str):
        key, equals, _ = item.partition("=")
        said = (key if equals else "") if field == "literals" else _CREDENTIALS.sub("", item)
        return "" if "\n" in said or not said else said
    if not isinstance(item, dict) or item_key(item):
        return ""
    if isinstance(item.get("path"), str):
        return f"path={item['path']}"
    target = mapping(item, "target")
    return ",".join(f"{name}={target[name]}" for name in _TARGET if isinstance(target.get(name), str))
