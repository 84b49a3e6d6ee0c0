"""Edits one YAML text in place: every byte that need not change stays, and the result is proved before it is returned.

A change is cut into the text at the places that ``documents`` knows; only new values are written anew. The result is
read again and must hold what the text held, plus exactly the change; anything else is a Failure that names file and
line, so that anchors, merges and styles of writing that nobody foresaw cost a message, never a file.
"""

from __future__ import annotations

from typing import Any

from gitopsmith.edit import places
from gitopsmith.edit.lines import deduplicate, rewrite
from gitopsmith.edit.places import Splice, newline
from gitopsmith.edit.proving import changed, open_document, opened, proved, same, without
from gitopsmith.edit.restructuring import move, quote, rename, wrap
from gitopsmith.edit.source import Source
from gitopsmith.finding import Failure, Route
from gitopsmith.manifest import get

__all__ = [
    "append",
    "append_document",
    "deduplicate",
    "insert",
    "move",
    "opened",
    "put",
    "quote",
    "remove",
    "rename",
    "rewrite",
    "wrap",
]


def append(text: str, route: Route, item: Any, *, document: int = 0, path: str = "") -> str:
    """Returns the text with an item at the end of the list at a route; the list is made where there is none.

    ``document`` counts the documents of the text that hold something. Where the list has an equal item, nothing
    changes. Raises Failure, with ``path`` and line, when there is something else at the route, or no safe way.
    """
    return insert(text, route, item, None, document=document, path=path)


def insert(text: str, route: Route, item: Any, index: int | None, *, document: int = 0, path: str = "") -> str:
    """Returns the text with an item in front of the one that has this index in the list at a route; None is the end."""
    source = open_document(text, document, path)
    existing = get(source.document.body, *route)
    if isinstance(existing, dict | str | int | float):
        raise source.refuse(route, "this is no list")
    if any(same(item, one, sort_keys=True) for one in existing or ()):
        return text
    if not existing:
        return _put(text, source, route, [item])
    at = len(existing) if index is None else index
    body = changed(source.document.body, route, lambda items: [*items[:at], item, *items[at:]])
    return proved(text, source, route, places.insert(source, route, item, at), body)


def put(text: str, route: Route, value: Any, *, document: int = 0, path: str = "") -> str:
    """Returns the text with a value at a route: in place of another scalar, or as a new key of a map, made if need be.

    A value that is there already changes nothing. Raises Failure when a map or a list would be lost.
    """
    source = open_document(text, document, path)
    if source.document.has(route) and same(get(source.document.body, *route), value, sort_keys=True):
        return text
    return _put(text, source, route, value)


def remove(text: str, route: Route, *, document: int = 0, path: str = "") -> str:
    """Returns the text without a key and its value, or without an item; nothing there changes nothing.

    Comments on lines of their own stay. Raises Failure when nothing else is beside it, or there is no safe way.
    """
    source = open_document(text, document, path)
    if not source.document.has(route):
        return text
    *above, step = route
    body = changed(source.document.body, tuple(above), lambda old: without(old, step))
    return proved(text, source, route, places.remove(source, route), body)


def append_document(text: str, addition: str, *, path: str = "") -> str:
    """Returns the text with another document, as it is written, behind its last one; an equal one changes nothing."""
    before, new = opened(text, path), opened(addition, path)
    if all(any(same(one.body, old.body, sort_keys=True) for old in before) for one in new):
        return text
    break_ = newline(text)
    head = text if not text or text.endswith(("\n", "\r")) else text + break_
    marker = f"---{break_}" if before and not addition.startswith("---") else ""
    after = head + marker + addition.replace("\r\n", "\n").replace("\n", break_)
    if not same([one.body for one in opened(after, path)], [one.body for one in (*before, *new)]):
        raise Failure(f"{path}: no document can be put behind the last one; make this change by hand")
    return after


def _put(text: str, source: Source, route: Route, value: Any) -> str:
    """Changes what stands at a route; where nothing does, in the nearest map above that exists."""
    body = source.document.body
    depth = next(depth for depth in range(len(route), -1, -1) if source.document.has(route[:depth]))
    if depth == len(route):
        return proved(text, source, route, _change(source, route, value), changed(body, route, lambda _: value))
    key, *below = route[depth:]
    for step in reversed(below):
        value = {step: value}
    here, above = route[:depth], get(body, *route[:depth])
    if not isinstance(key, str) or not (above is None or isinstance(above, dict)):
        raise source.refuse(here, f"{key!r} is not here, and cannot be added")
    add = places.add_key(source, here, key, value) if above else places.fill(source, here, {key: value})
    return proved(text, source, route, add, changed(body, here, lambda old: {**(old or {}), key: value}))


def _change(source: Source, route: Route, new: Any) -> list[Splice]:
    old = get(source.document.body, *route)
    if not isinstance(new, dict | list):
        return places.replace(source, route, new)
    if not new or old or isinstance(old, str | int | float):
        raise source.refuse(route, "something else is here already")
    return places.fill(source, route, new)
