"""Turns libyaml's events into one document's body, with the place of every key and value beside it.

Merges, anchors, aliases and keys behave as go-yaml v2's ``decode.go`` has them. Random mutations of whole documents
left these differences: refused here are a tag that holds a bracket or a comma, between brackets a word that ends in
``:``, and empty brackets as a key.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from yaml._yaml import CParser
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
    StreamStartEvent,
)

from gitopsmith.documents.scalars import as_json, key_text, plain, tagged

MAX_DEPTH = 400
"""Levels of nesting; Go stops at 10,000, but nothing that people write comes near, and Python's stack ends earlier."""
_ESCAPED_SLASH = re.compile(r"(?<!\\)(?:\\\\)*\\/")
_MERGE_TAG = "tag:yaml.org,2002:merge"
MERGE = object()
"""Stands for the key ``<<``."""
# go-yaml's ``decode.go``: values in a document, and what share of them may come from aliases.
_FEW, _FEW_ALIASED = 1_000, 100
_SMALL, _LARGE = 400_000, 4_000_000
_MOST_ALIASED_IN_SMALL, _MOST_ALIASED_IN_LARGE = 0.99, 0.10


class Rejected(Exception):  # noqa: N818 - never leaves this package
    """The parser takes the text, Kubernetes does not. ``mark`` is libyaml's."""

    def __init__(self, message: str, mark: Any) -> None:
        super().__init__(message)
        self.mark = mark


class Duplicate(NamedTuple):
    """A key that stands twice in one map, with libyaml's marks."""

    key: str
    start: Any
    end: Any
    first: Any


class Builder:
    """Reads one piece of text, which holds at most one document that Kubernetes looks at.

    ``positions`` maps the id of each map and list in the body to its places: by key, or by index, the marks
    ``(key start, key end, value start, value end)``; the last is None when the value is itself a map or a list, and an
    item of a list is its own key. Plain tuples, for this is the hot path.
    """

    __slots__ = (
        "aliased",
        "anchors",
        "careful",
        "count",
        "depth",
        "duplicates",
        "flow",
        "get",
        "positions",
        "questions",
        "text",
    )

    def __init__(self, text: str) -> None:
        self.text = text
        self.careful = "\\/" in text or "! " in text
        self.questions = "?" in text
        self.get: Callable[[], Any] = CParser(text).get_event
        self.anchors: dict[str, tuple[Any, int | None]] = {}
        self.positions: dict[int, Any] = {}
        self.duplicates: list[Duplicate] = []
        self.depth = self.flow = self.count = self.aliased = 0

    def document(self) -> tuple[Any, Any]:
        """Returns the body and the mark of its first character; None and None for a text that holds nothing.

        Raises Rejected, and YAMLError for what libyaml cannot read.
        """
        event = self.get()
        while event.__class__ is StreamStartEvent:
            event = self.get()
        if event.__class__ is StreamEndEvent:
            return None, None
        self.count = 1
        first = self.get()
        body = self.node(first)
        self.get()  # the end of the document, for which libyaml looks one token ahead
        return body, first.start_mark

    def rest(self) -> Any:
        """Returns the mark of what stands after the document and is never read, None when nothing does."""
        event = self.get()
        return event.start_mark if event.__class__ is DocumentStartEvent else None

    def node(self, event: Any) -> Any:
        kind = event.__class__
        return self.leaf(event) if kind is ScalarEvent or kind is AliasEvent else self.collection(event)

    def leaf(self, event: Any) -> Any:
        value = self.scalar(event) if event.__class__ is ScalarEvent else self.alias(event)
        return checked(as_json, event, value) if value.__class__ is float else value

    def collection(self, event: Any) -> Any:
        kind = event.__class__
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise Rejected(f"nested deeper than {MAX_DEPTH} levels", event.start_mark)
        before = self.count
        self.count += 1
        self.flow += bool(event.flow_style)
        body: Any = {} if kind is MappingStartEvent else []
        if event.anchor:
            self.anchors[event.anchor] = (body, None)
        if kind is MappingStartEvent:
            self.mapping(body)
        else:
            self.sequence(body)
        if event.anchor and self.anchors[event.anchor][0] is body:
            self.anchors[event.anchor] = (body, self.count - before)
        self.depth -= 1
        self.flow -= bool(event.flow_style)
        return body

    def scalar(self, event: Any) -> Any:
        self.count += 1
        if event.tag:
            value = checked(tagged, event, event.tag, event.value)
        elif event.implicit[0]:
            value = plain(event.value)
        else:
            value = event.value
        if event.anchor:
            self.anchors[event.anchor] = (value, 1)
        if self.careful or self.questions:
            self.refuse(event)
        return value

    def refuse(self, event: Any) -> None:
        """Raises Rejected for a scalar that newer versions of libyaml take and go-yaml does not."""
        if event.style == '"' and _ESCAPED_SLASH.search(self.text, event.start_mark.index, event.end_mark.index):
            raise Rejected("found unknown escape character '/'; write the slash alone", event.start_mark)
        if self.flow and not event.style and "?" in event.value:
            raise Rejected("a '?' ends an unquoted text between brackets; put the text in quotes", event.start_mark)

    def alias(self, event: Any) -> Any:
        value, size = self.anchors.get(event.anchor, (None, 0))
        if not size:
            why = "contains itself" if size is None else "is unknown"
            raise Rejected(f"anchor {event.anchor!r} {why}", event.start_mark)
        self.count += size + 1
        self.aliased += size
        if is_excessive(self.count, self.aliased):
            raise Rejected("excessive aliasing", event.start_mark)
        return value

    def key(self, event: Any) -> Any:
        """Returns a key as the text that it becomes in JSON, or MERGE."""
        if event.__class__ is ScalarEvent:
            if event.value == "<<" and (event.implicit[0] if event.tag is None else event.tag == _MERGE_TAG):
                return MERGE
            value = self.scalar(event)
        elif event.__class__ is AliasEvent:
            value = self.alias(event)
        else:
            raise Rejected("a key must not be a map or a list", event.start_mark)
        if value.__class__ is str:
            return value
        if value.__class__ is dict or value.__class__ is list:
            raise Rejected("a key must not be a map or a list", event.start_mark)
        return checked(key_text, event, value)

    def mapping(self, body: dict[str, Any]) -> None:
        get, careful = self.get, self.careful or (self.questions and self.flow > 0)
        places: dict[str, Any] = {}
        merged: set[str] = set()
        self.positions[id(body)] = places
        while True:
            key_event = get()
            if key_event.__class__ is MappingEndEvent:
                return
            key: Any = None
            if key_event.__class__ is ScalarEvent and not (
                key_event.style or key_event.tag or key_event.anchor or careful
            ):
                key = plain(key_event.value)
            if key.__class__ is str and key != "<<":
                self.count += 1
            else:
                key = self.key(key_event)
                if key is MERGE:
                    merged |= self.merge(body, places)
                    continue
            event = get()
            start, kind = key_event.start_mark, event.__class__
            if key in body:
                if key not in merged:
                    self.duplicates.append(Duplicate(key, start, key_event.end_mark, places[key][0]))
                merged.discard(key)
            if kind is ScalarEvent and not (event.tag or event.anchor or careful):
                places[key] = (start, key_event.end_mark, event.start_mark, event.end_mark)
                value = event.value if event.style else plain(event.value)
                self.count += 1
                body[key] = checked(as_json, event, value) if value.__class__ is float else value
            elif kind is ScalarEvent or kind is AliasEvent:
                places[key] = (start, key_event.end_mark, event.start_mark, event.end_mark)
                body[key] = self.leaf(event)
            else:
                places[key] = (start, key_event.end_mark, event.start_mark, None)
                body[key] = self.collection(event)

    def merge(self, body: dict[str, Any], places: dict[str, Any]) -> set[str]:
        event = self.get()
        value = self.node(event)
        sources = value if value.__class__ is list and event.__class__ is not AliasEvent else [value]
        if any(source.__class__ is not dict for source in sources):
            raise Rejected("map merge requires map or sequence of maps as the value", event.start_mark)
        for source in reversed(sources):
            body.update(source)
            places.update(self.positions[id(source)])
        return {key for source in sources for key in source}

    def sequence(self, body: list[Any]) -> None:
        get, careful = self.get, self.careful or (self.questions and self.flow > 0)
        places: list[Any] = []
        self.positions[id(body)] = places
        while True:
            event = get()
            kind = event.__class__
            if kind is SequenceEndEvent:
                return
            start, end = event.start_mark, event.end_mark
            if kind is ScalarEvent and not (event.tag or event.anchor or careful):
                places.append((start, end, start, end))
                value = event.value if event.style else plain(event.value)
                self.count += 1
                body.append(checked(as_json, event, value) if value.__class__ is float else value)
            elif kind is ScalarEvent or kind is AliasEvent:
                places.append((start, end, start, end))
                body.append(self.leaf(event))
            else:
                places.append((start, end, start, None))
                body.append(self.collection(event))


def checked(make: Callable[..., Any], event: Any, *arguments: Any) -> Any:
    """Returns what a function makes of its arguments; its ValueError becomes Rejected, at the event."""
    try:
        return make(*arguments)
    except ValueError as error:
        raise Rejected(str(error), event.start_mark) from None


def is_excessive(count: int, aliased: int) -> bool:
    """Tells whether too many of the values that a document stands for come from aliases, by go-yaml's own measure."""
    if count <= _FEW or aliased <= _FEW_ALIASED:
        return False
    grown = min(max(count - _SMALL, 0) / (_LARGE - _SMALL), 1.0)
    return aliased / count > _MOST_ALIASED_IN_SMALL - (_MOST_ALIASED_IN_SMALL - _MOST_ALIASED_IN_LARGE) * grown
