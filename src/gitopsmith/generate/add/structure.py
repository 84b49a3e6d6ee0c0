"""What a generated YAML file gains, added to the same file as its owner has it now: comments, order and edits stay.

The gain is the difference between the file as it is generated without the new item and with it. Documents are matched
by kind and name, items of lists by their name or, without one, by being equal; a new item goes behind the one that
stands before it in the generated file, wherever that one is now.
"""

from __future__ import annotations

import posixpath
from typing import Any

from gitopsmith import documents, edit
from gitopsmith.documents import Document
from gitopsmith.finding import Failure, Route
from gitopsmith.manifest import get, mapping, pointer, text

Name = tuple[str, str]


def merged(mine: str, old: str, new: str, path: str) -> str:
    """Returns the owner's text with everything that the new text has more than the old one.

    Raises Failure, with path and line, where the owner's text has something else in that place.
    """
    before = {_name(document): document for document in edit.opened(old, path)}
    for document, written in zip(edit.opened(new, path), _written(new), strict=True):
        name = _name(document)
        index = _index(mine, name, path)
        if name not in before:
            mine = _document(mine, index, document, written, path)
        elif index is not None:
            mine = _Merge(path, index).value(mine, (), before[name].body, document.body)
        elif before[name].body != document.body:
            raise Failure(f"{path}: {_said(name)} is not in this file, and has to change; bring it back first")
    return mine


def _index(mine: str, name: Name, path: str) -> int | None:
    """Returns where a document is in its file; a kustomization may leave out what it is."""
    names = [_name(document) for document in edit.opened(mine, path)]
    if names == [("", "")]:
        return 0
    return names.index(name) if name in names else None


def _document(mine: str, index: int | None, document: Document, written: str, path: str) -> str:
    if index is None:
        return edit.append_document(mine, written, path=path)
    there = edit.opened(mine, path)[index]
    if there.body != document.body:
        place = there.location(path)
        raise Failure(f"{path}:{place.line}: {_said(_name(document))} is here already, and differs")
    return mine


class _Merge:
    """Merges into one document of a file."""

    def __init__(self, path: str, index: int) -> None:
        self.path = path
        self.index = index

    def value(self, mine: str, route: Route, old: Any, new: Any) -> str:
        if old == new:
            return mine
        if isinstance(old, dict) and isinstance(new, dict):
            return self._map(mine, route, old, new)
        if isinstance(new, list) and isinstance(old or [], list):
            return self._list(mine, route, old or [], new)
        there = get(self._body(mine), *route)
        if there not in (old, new):
            raise self._conflict(mine, route, f"is {there!r} here, and has to change from {old!r} to {new!r}")
        return edit.put(mine, route, new, document=self.index, path=self.path)

    def _map(self, mine: str, route: Route, old: dict[str, Any], new: dict[str, Any]) -> str:
        for key in old:
            if key not in new and get(self._body(mine), *route, key) is not None:
                raise self._conflict(mine, (*route, key), "has to go")
        for key, value in new.items():
            if key in old:
                mine = self.value(mine, (*route, key), old[key], value)
            else:
                mine = self._key(mine, (*route, key), value)
        return mine

    def _key(self, mine: str, route: Route, value: Any) -> str:
        there = get(self._body(mine), *route)
        if isinstance(value, list) and isinstance(there or [], list):
            return self._list(mine, route, [], value)
        if isinstance(value, dict) and isinstance(there, dict):
            return self._map(mine, route, {}, value)
        if there is not None and there != value:
            raise self._conflict(mine, route, "is here already, and differs")
        return edit.put(mine, route, value, document=self.index, path=self.path)

    def _list(self, mine: str, route: Route, old: list[Any], new: list[Any]) -> str:
        for item in old:
            if _find(new, item) is None and _find(get(self._body(mine), *route) or [], item) is not None:
                raise self._conflict(mine, route, f"has {item!r}, which has to go")
        for position, item in enumerate(new):
            twin = _find(old, item)
            if twin is None:
                mine = self._item(mine, route, item, new, position)
            elif old[twin] != item:
                at = _find(get(self._body(mine), *route) or [], item)
                if at is None:
                    raise self._conflict(mine, route, f"has no {item!r} any more, which has to change")
                mine = self.value(mine, (*route, at), old[twin], item)
        return mine

    def _item(self, mine: str, route: Route, item: Any, new: list[Any], position: int) -> str:
        """Puts a new item behind the one before it, else in front of the one behind it, else at the end."""
        there = get(self._body(mine), *route) or []
        same = _find(there, item)
        if same is not None:
            if not _equal(there[same], item):
                raise self._conflict(mine, (*route, same), "is here already, and differs")
            return mine
        before = _find(there, new[position - 1]) if position else None
        behind = next((at for one in new[position + 1 :] if (at := _find(there, one)) is not None), None)
        at = behind if before is None else before + 1
        return edit.insert(mine, route, item, at, document=self.index, path=self.path)

    def _body(self, mine: str) -> Any:
        return edit.opened(mine, self.path)[self.index].body

    def _conflict(self, mine: str, route: Route, what: str) -> Failure:
        document = edit.opened(mine, self.path)[self.index]
        place = document.location(self.path, route)
        return Failure(f"{self.path}:{place.line}: {pointer(document.body, route)} {what}; make this change by hand")


def _find(items: Any, item: Any) -> int | None:
    """Returns where an item is in a list: an equal one, else one of the same name."""
    found = next((index for index, one in enumerate(items) if _equal(one, item)), None)
    if found is None and text(item, "name"):
        return next((index for index, one in enumerate(items) if text(one, "name") == item["name"]), None)
    return found


def _equal(one: Any, other: Any) -> bool:
    """Tells whether two items are equal, however a path is spelled."""
    if isinstance(one, str) and isinstance(other, str) and "://" not in one:
        return posixpath.normpath(one) == posixpath.normpath(other)
    return bool(one == other)


def _name(document: Document) -> Name:
    return text(document.body, "kind"), text(mapping(document.body, "metadata"), "name")


def _said(name: Name) -> str:
    return " ".join(filter(None, name)) or "the document"


def _written(content: str) -> list[str]:
    """Returns the text of each document that holds something, with the comments above it, without its marker."""
    pieces = (piece.partition("\n")[2] if piece.startswith("---") else piece for piece in documents.split(content))
    return [piece for piece in pieces if documents.load(piece) is not None]
