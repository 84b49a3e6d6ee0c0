"""Opens a text to be edited, and proves what an edit made of it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from typing import Any

from gitopsmith import documents
from gitopsmith.documents import Document
from gitopsmith.edit.places import Splice
from gitopsmith.edit.source import Source, line_starts
from gitopsmith.finding import Failure, Route

_BYTE_ORDER_MARK = "\ufeff"


def changed(body: Any, route: Route, change: Callable[[Any], Any]) -> Any:
    """Returns a body in which one value is another; what an alias shares with it stays as it is."""
    if not route:
        return change(body)
    new = copy.copy(body)
    new[route[0]] = changed(body[route[0]], route[1:], change)
    return new


def without(body: Any, step: str | int) -> Any:
    """Returns a map without a key, or a list without an item."""
    if isinstance(body, dict):
        return {key: value for key, value in body.items() if key != step}
    return [item for index, item in enumerate(body) if index != step]


def open_document(text: str, index: int, path: str) -> Source:
    """Returns a document in its text. Raises Failure for one that is not there, for JSON, and for a broken text."""
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


def proved(text: str, source: Source, route: Route, splices: Sequence[Splice], body: Any) -> str:
    """Returns the text with its changes, once it is read again and holds what it must."""
    after = source.text
    for splice in sorted(splices, reverse=True):
        after = after[: splice.start] + splice.text + after[splice.end :]
    expected = [one.body for one in opened(text, source.path)]
    expected[source.document.index] = body
    found = documents.read(after.encode("utf-8", "surrogateescape"))
    if found.problems or not same([one.body for one in found.documents], expected):
        raise source.refuse(route, "there is no safe way to change this as it is written")
    return text[: len(text) - len(source.text)] + after


def same(one: Any, other: Any, *, sort_keys: bool = False) -> bool:
    """Tells whether two bodies are equal, in type as well, and in the order of keys unless these are sorted."""
    return json.dumps(one, sort_keys=sort_keys) == json.dumps(other, sort_keys=sort_keys)
