"""Edits one YAML text in place: every byte that need not change stays, and the result is proved before it is returned.

A change is cut into the text at the places that ``documents`` knows; only new values are written anew. The result is
read again and must hold what the text held, plus exactly the change; anything else is a Failure that names file and
line, so that anchors, merges and styles of writing that nobody foresaw cost a message, never a file.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from typing import Any

from gitopsmith import documents
from gitopsmith.documents import Document
from gitopsmith.edit import places
from gitopsmith.edit.places import Splice, newline
from gitopsmith.edit.source import Source, line_starts
from gitopsmith.finding import Failure, Route
from gitopsmith.manifest import get

__all__ = ["append", "append_document", "insert", "opened", "put", "remove"]

_BYTE_ORDER_MARK = "\ufeff"


def append(text: str, route: Route, item: Any, *, document: int = 0, path: str = "") -> str:
    """Returns the text with an item at the end of the list at a route; the list is made where there is none.

    ``document`` counts the documents of the text that hold something. Where the list has an equal item, nothing
    changes. Raises Failure, with ``path`` and line, when there is something else at the route, or no safe way.
    """
    return insert(text, route, item, None, document=document, path=path)


def insert(text: str, route: Route, item: Any, index: int | None, *, document: int = 0, path: str = "") -> str:
    """Returns the text with an item in front of the one that has this index in the list at a route; None is the end."""
    source = _open(text, document, path)
    existing = get(source.document.body, *route)
    if isinstance(existing, dict | str | int | float):
        raise source.refuse(route, "this is no list")
    if any(_same(item, one, sort_keys=True) for one in existing or ()):
        return text
    if not existing:
        return _put(text, source, route, [item])
    at = len(existing) if index is None else index
    body = _with(source.document.body, route, lambda items: [*items[:at], item, *items[at:]])
    return _proved(text, source, route, places.insert(source, route, item, at), body)


def put(text: str, route: Route, value: Any, *, document: int = 0, path: str = "") -> str:
    """Returns the text with a value at a route: in place of another scalar, or as a new key of a map, made if need be.

    A value that is there already changes nothing. Raises Failure when a map or a list would be lost.
    """
    source = _open(text, document, path)
    if source.document.has(route) and _same(get(source.document.body, *route), value, sort_keys=True):
        return text
    return _put(text, source, route, value)


def remove(text: str, route: Route, *, document: int = 0, path: str = "") -> str:
    """Returns the text without a key and its value, or without an item; nothing there changes nothing.

    Comments on lines of their own stay. Raises Failure when nothing else is beside it, or there is no safe way.
    """
    source = _open(text, document, path)
    if not source.document.has(route):
        return text
    *above, step = route
    body = _with(source.document.body, tuple(above), lambda old: _without(old, step))
    return _proved(text, source, route, places.remove(source, route), body)


def append_document(text: str, addition: str, *, path: str = "") -> str:
    """Returns the text with another document, as it is written, behind its last one; an equal one changes nothing."""
    before, new = opened(text, path), opened(addition, path)
    if all(any(_same(one.body, old.body, sort_keys=True) for old in before) for one in new):
        return text
    break_ = newline(text)
    head = text if not text or text.endswith(("\n", "\r")) else text + break_
    marker = f"---{break_}" if before and not addition.startswith("---") else ""
    after = head + marker + addition.replace("\r\n", "\n").replace("\n", break_)
    if not _same([one.body for one in opened(after, path)], [one.body for one in (*before, *new)]):
        raise Failure(f"{path}: no document can be put behind the last one; make this change by hand")
    return after


def _put(text: str, source: Source, route: Route, value: Any) -> str:
    """Changes what stands at a route; where nothing does, in the nearest map above that exists."""
    body = source.document.body
    depth = next(depth for depth in range(len(route), -1, -1) if source.document.has(route[:depth]))
    if depth == len(route):
        return _proved(text, source, route, _change(source, route, value), _with(body, route, lambda _: value))
    key, *below = route[depth:]
    for step in reversed(below):
        value = {step: value}
    here, above = route[:depth], get(body, *route[:depth])
    if not isinstance(key, str) or not (above is None or isinstance(above, dict)):
        raise source.refuse(here, f"{key!r} is not here, and cannot be added")
    add = places.add_key(source, here, key, value) if above else places.fill(source, here, {key: value})
    return _proved(text, source, route, add, _with(body, here, lambda old: {**(old or {}), key: value}))


def _change(source: Source, route: Route, new: Any) -> list[Splice]:
    old = get(source.document.body, *route)
    if not isinstance(new, dict | list):
        return places.replace(source, route, new)
    if not new or old or isinstance(old, str | int | float):
        raise source.refuse(route, "something else is here already")
    return places.fill(source, route, new)


def _with(body: Any, route: Route, change: Callable[[Any], Any]) -> Any:
    """Returns a body in which one value is another; what an alias shares with it stays as it is."""
    if not route:
        return change(body)
    changed = copy.copy(body)
    changed[route[0]] = _with(body[route[0]], route[1:], change)
    return changed


def _without(body: Any, step: str | int) -> Any:
    if isinstance(body, dict):
        return {key: value for key, value in body.items() if key != step}
    return [item for index, item in enumerate(body) if index != step]


def _open(text: str, index: int, path: str) -> Source:
    found = opened(text, path)
    if not index < len(found):
        raise Failure(f"{path}: there is no document {index + 1} in this file")
    bare = text.removeprefix(_BYTE_ORDER_MARK)
    if not found[index].positions:
        raise Failure(f"{path}: this is JSON, which is not edited; make this change by hand")
    return Source(bare, path, found[index], line_starts(bare))


def opened(text: str, path: str = "") -> tuple[Document, ...]:
    """Returns the documents of a text that hold something. Raises Failure, with path and line, where one is broken."""
    found = documents.read(text.encode("utf-8", "surrogateescape"))
    if found.problems:
        problem = found.problems[0]
        raise Failure(f"{path}:{problem.line}: {problem.message}")
    return found.documents


def _proved(text: str, source: Source, route: Route, splices: Sequence[Splice], body: Any) -> str:
    """Returns the text with its changes, once it is read again and holds what it must."""
    after = source.text
    for splice in sorted(splices, reverse=True):
        after = after[: splice.start] + splice.text + after[splice.end :]
    expected = [one.body for one in opened(text, source.path)]
    expected[source.document.index] = body
    found = documents.read(after.encode("utf-8", "surrogateescape"))
    if found.problems or not _same([one.body for one in found.documents], expected):
        raise source.refuse(route, "there is no safe way to change this as it is written")
    return text[: len(text) - len(source.text)] + after


def _same(one: Any, other: Any, *, sort_keys: bool = False) -> bool:
    """Tells whether two bodies are equal, in type as well, and in the order of keys unless these are sorted."""
    return json.dumps(one, sort_keys=sort_keys) == json.dumps(other, sort_keys=sort_keys)
