"""Which values are the same one, and which items of two lists are the same item."""

from __future__ import annotations

import re
from typing import Any

from gitopsmith.manifest import item_key

_WORDS = {True: frozenset({"y", "yes", "on"}), False: frozenset({"n", "no", "off"})}
_HASH = re.compile(r"-[0-9a-z]{10}\Z")


def as_text(value: Any) -> str:
    """Returns a scalar as it stands in YAML, so that ``8080`` and ``"8080"`` compare equal."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def same(one: Any, other: Any) -> bool:
    """Tells whether two values are equal once both are applied; kustomize changes the type of some on the way."""
    if isinstance(one, dict | list) or isinstance(other, dict | list):
        return bool(one == other)
    return one == other or as_text(one) == as_text(other) or _is_word(one, other)


def _is_word(one: Any, other: Any) -> bool:
    """Tells whether a bare word that Kubernetes reads as a truth value reached the render as a string."""
    return isinstance(one, bool) and isinstance(other, str) and other.lower() in _WORDS[one]


def explains(source: Any, rendered: Any, names: frozenset[str] = frozenset()) -> bool:
    """Tells whether a value in a source leads to the rendered one.

    A name grows by prefixes, suffixes and hashes; ``names`` are those of all objects in the build. ``$(NAME)`` is what
    kustomize fills in from ``vars``.
    """
    if same(source, rendered):
        return True
    if not isinstance(source, str) or not isinstance(rendered, str) or not source:
        return False
    if "$(" in source:
        return _fits(source, rendered)
    return source in rendered and (rendered in names or _HASH.sub("", rendered) == source)


def counterpart(items: list[Any], rendered: list[Any], index: int) -> int | None:
    """Returns the index of the item that became the rendered one: by merge key, else by value, else by index."""
    wanted = rendered[index]
    if index < len(items) and _alike(items[index], wanted):
        return index
    twins = [position for position, item in enumerate(items) if _alike(item, wanted)]
    if twins:
        equal = next((position for position in twins if same(items[position], wanted)), None)
        nth = sum(_alike(item, wanted) for item in rendered[:index])
        return equal if equal is not None else twins[min(nth, len(twins) - 1)]
    return index if len(items) == len(rendered) else None


def _alike(item: Any, wanted: Any) -> bool:
    key = item_key(wanted)
    if key is None or not isinstance(item, dict):
        return same(item, wanted)
    return same(item.get(key[0]), key[1])


def _fits(template: str, rendered: str) -> bool:
    pieces = [re.escape(part) for part in re.split(r"\$\([^()]*\)", template)]
    return re.fullmatch("(?s:.*)".join(pieces), rendered) is not None
