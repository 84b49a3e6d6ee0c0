"""Reads YAML text as Kubernetes does, keeping the place of every key and value.

Kubernetes reads YAML with ``sigs.k8s.io/yaml``, whose parser descends from the same C code as libyaml; what differs is
which plain words become numbers, booleans and nulls, and how merges, anchors and duplicate keys behave. Those rules are
go-yaml v2's ``resolve.go`` and ``decode.go``. Bodies are plain dict, list, str, int, float, bool and None: positions lie
beside them, because the schema validator refuses subclasses.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from dataclasses import dataclass
from typing import Any, NamedTuple

from yaml import YAMLError
from yaml.cyaml import CParser
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    StreamEndEvent,
)

from gitopsmith.finding import Location, Route

MAX_DEPTH = 400
"""Levels of nesting; Go stops at 10,000, but nothing that people write comes near, and Python's stack ends earlier."""
ALIAS_BUDGET = 100_000
"""Nodes that aliases may stand for in one document, so that a few lines cannot grow to gigabytes."""

_INTEGER = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]")
_MARKER = re.compile(r"(?:\A|(?<=[\n\r]))---(?=[ \t\r\n]|\Z)")
_DIRECTIVES_ONLY = re.compile(r"(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n|[\r\n]))*%(?:[^\r\n]*(?:\r\n|[\r\n]|\Z))+\Z")
_LINE_END = re.compile(r"\r\n|\n|\r")
_ESCAPED_SLASH = re.compile(r"(?<!\\)(?:\\\\)*\\/")
_WORDS: dict[str, bool | float | None] = {
    word: value
    for value, words in (
        (True, "y Y yes Yes YES true True TRUE on On ON"),
        (False, "n N no No NO false False FALSE off Off OFF"),
        (None, "~ null Null NULL"),
        (math.inf, ".inf .Inf .INF +.inf +.Inf +.INF"),
        (-math.inf, "-.inf -.Inf -.INF"),
        (math.nan, ".nan .NaN .NAN"),
    )
    for word in words.split()
} | {"": None}
_FIRST_LETTERS = frozenset("+-0123456789yYnNtTfFoO~.")
_BASES = {"x": 16, "b": 2, "o": 8}
_TAG_TYPES: dict[str, tuple[type, ...]] = {"int": (int,), "float": (int, float), "bool": (bool,), "null": (type(None),)}
_memory: dict[str, Any] = {}


class Mark(NamedTuple):
    """A place in one document's text, as libyaml counts: everything from 0."""

    index: int
    line: int
    column: int


class Problem(NamedTuple):
    """Why a text is not the YAML that its author meant. Line and column from 1."""

    rule: str
    message: str
    line: int
    column: int
    end_line: int
    end_column: int
    first_line: int = 0
    """Where a duplicate key stood the first time."""

    def location(self, path: str) -> Location:
        return Location(path, self.line, self.column, self.end_line, self.end_column)


class _Rejected(Exception):  # noqa: N818 - never leaves this module
    def __init__(self, message: str, mark: Any) -> None:
        super().__init__(message)
        self.mark = mark


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document. ``line`` is that of its first character, from 0; ``index`` counts documents in the file."""

    body: Any
    positions: dict[int, Any]
    start: Mark
    line: int
    index: int

    def location(self, path: str, route: Route = (), *, key: bool = False) -> Location:
        """Returns the span of the value at a route, or of its key when it is a map, a list, or ``key`` is asked for.

        A route that leads nowhere gives its nearest existing ancestor.
        """
        entry: tuple[Any, ...] | None = None
        body = self.body
        for step in route:
            places = self.positions.get(id(body))
            try:
                entry = places[step]  # type: ignore[index]
                body = body[step]
            except (KeyError, IndexError, TypeError):
                break
        if entry is None:
            return Location(
                path, self.line + self.start.line + 1, self.start.column + 1, self.line + self.start.line + 1,
                self.start.column + 2,
            )  # fmt: skip
        key_start, key_end, value_start, value_end = entry
        start, end = (value_start, value_end) if value_end is not None and not key else (key_start, key_end)
        return Location(
            path, self.line + start.line + 1, start.column + 1, self.line + end.line + 1, max(end.column, 0) + 1
        )

    def has(self, route: Route) -> bool:
        """Tells whether the document itself holds the field, even when its value is null."""
        body = self.body
        for step in route:
            try:
                body = body[step]
            except (KeyError, IndexError, TypeError):
                return False
        return True


class Documents(NamedTuple):
    """What one file holds: its documents that could be read, and the problems of those that could not."""

    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]
    text: str


def read(data: bytes) -> Documents:
    """Reads all documents of a file; one that is broken becomes a problem and leaves the others alone."""
    text, problem = _decode(data)
    if problem is not None:
        return Documents((), (problem,), text)
    documents: list[Document] = []
    problems: list[Problem] = []
    for chunk, line in _chunks(text):
        _read_chunk(chunk, line, documents, problems)
    return Documents(tuple(documents), tuple(problems), text)


def load(text: str) -> Any:
    """Returns the body of a text that holds one document, without asking where anything stands."""
    documents = read(text.encode("utf-8", "surrogateescape")).documents
    return documents[0].body if documents else None


def split(text: str) -> list[str]:
    """Cuts a text at its document markers; the markers stay at the head of their piece."""
    starts = [match.start() for match in _MARKER.finditer(text)]
    cuts = [0, *(start for start in starts if start), len(text)]
    return [text[a:b] for a, b in zip(cuts, cuts[1:], strict=False) if b > a]


def is_template(text: str) -> bool:
    """Tells whether a text is meant to be filled in before it is YAML: Go, Helm or Jinja braces, or ``${NAME}``."""
    return "{{" in text or "{%" in text or re.search(r"\$\{[A-Za-z_]", text) is not None


def _decode(data: bytes) -> tuple[str, Problem | None]:
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16", "replace"), None
    if b"\0" in data[:8192]:
        return "", Problem("yaml-syntax", "this is a binary file, not YAML", 1, 1, 1, 2)
    try:
        return data.decode("utf-8-sig"), None
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        lines = _LINE_END.split(before)
        line, column = len(lines), len(lines[-1]) + 1
        message = f"byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8"
        return data.decode("utf-8", "replace"), Problem("yaml-syntax", message, line, column, line, column + 1)


def _chunks(text: str) -> list[tuple[str, int]]:
    pieces = split(text)
    merged: list[str] = []
    for piece in pieces:
        if merged and _DIRECTIVES_ONLY.match(merged[-1]):
            merged[-1] += piece
        else:
            merged.append(piece)
    lines = 0
    out = []
    for piece in merged:
        out.append((piece, lines))
        lines += len(_LINE_END.findall(piece))
    return out


def _read_chunk(chunk: str, line: int, documents: list[Document], problems: list[Problem]) -> None:
    builder = _Builder(chunk)
    try:
        for body, positions, start, duplicates in builder.documents():
            if body is not None:
                documents.append(Document(body, positions, start, line, len(documents)))
            problems += [_duplicate(line, *duplicate) for duplicate in duplicates]
    except _Rejected as error:
        problems.append(_problem(str(error), error.mark, line, chunk))
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        message = getattr(error, "problem", None) or str(error).splitlines()[0]
        context = getattr(error, "context", None)
        problems.append(_problem(f"{message} {context}" if context else message, mark, line, chunk))
    except (RecursionError, ValueError) as error:
        problems.append(_problem(str(error), None, line, chunk))


def _problem(message: str, mark: Any, line: int, chunk: str) -> Problem:
    if "did not find expected" in message and "{{" in chunk:
        message += "; the file looks like a template that must be filled in first"
    row, column = (mark.line + line + 1, mark.column + 1) if mark is not None else (line + 1, 1)
    return Problem("yaml-syntax", message, row, column, row, column + 1)


def _duplicate(line: int, key: str, mark: Any, end: Any, first: Any) -> Problem:
    message = f"key {key!r} stands twice in this map; the first, in line {first.line + line + 1}, is silently lost"
    return Problem(
        "yaml-duplicate-key", message, mark.line + line + 1, mark.column + 1, end.line + line + 1, end.column + 1,
        first.line + line + 1,
    )  # fmt: skip


def _number(text: str) -> Any:
    if text[0] != ".":
        if _TIMESTAMP.match(text):
            return text
        digits = text.replace("_", "")
        if _INTEGER.match(digits):
            bare = digits.lstrip("+-")
            base = _BASES.get(bare[1:2].lower())
            value = int(bare[2:], base) if base else int(bare, 8) if len(bare) > 1 and bare[0] == "0" else int(bare)
            value = -value if digits[0] == "-" else value
            if -(1 << 63) <= value < 1 << 64:
                return value
        if not _FLOAT.match(digits):
            return text
    elif "_" in text:
        return text
    else:
        digits = text
    try:
        number = float(digits)
    except ValueError:
        return text
    return text if math.isinf(number) else number


def _plain(text: str) -> Any:
    """Resolves an untagged plain scalar as go-yaml v2 does."""
    if text and text[0] not in _FIRST_LETTERS:
        return text
    try:
        return _memory[text]
    except KeyError:
        pass
    value = _WORDS[text] if text in _WORDS else _number(text) if text[0] in "+-.0123456789" else text
    if len(_memory) < 20_000:
        _memory[text] = value
    return value


def _tagged(event: Any) -> Any:
    tag = event.tag.removeprefix("tag:yaml.org,2002:")
    if tag in _TAG_TYPES:
        value = _plain(event.value)
        if type(value) not in _TAG_TYPES[tag]:
            raise _Rejected(f"cannot decode {event.value[:40]!r} as a !!{tag}", event.start_mark)
        return value
    if tag == "binary":
        try:
            return base64.b64decode(event.value).decode("utf-8", "replace")
        except binascii.Error:
            raise _Rejected("!!binary value contains invalid base64 data", event.start_mark) from None
    return event.value


def _key_text(key: Any, mark: Any) -> str:
    if key is None:
        raise _Rejected("a key must not be null", mark)
    if key.__class__ is bool:
        return "true" if key else "false"
    return str(int(key)) if key == int(key) else str(key)


class _Builder:
    """Turns libyaml's events into bodies and positions, document after document."""

    __slots__ = ("anchors", "budget", "count", "depth", "duplicates", "get", "positions", "slashes", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.slashes = "\\/" in text
        self.get = CParser(text).get_event

    def documents(self) -> Any:
        while True:
            event = self.get()
            kind = event.__class__
            if kind is DocumentStartEvent:
                if event.version and event.version != (1, 1):
                    raise _Rejected("only YAML 1.1 is understood, as in Kubernetes", event.start_mark)
                self.anchors: dict[str, tuple[Any, int | None]] = {}
                self.positions: dict[int, Any] = {}
                self.duplicates: list[tuple[str, Any, Any, Any]] = []
                self.depth = self.count = 0
                self.budget = ALIAS_BUDGET
                first = self.get()
                mark = first.start_mark
                body = self.node(first)
                yield body, self.positions, Mark(mark.index, mark.line, mark.column), self.duplicates
            elif kind is StreamEndEvent:
                return

    def node(self, event: Any) -> Any:
        kind = event.__class__
        if kind is ScalarEvent:
            self.count += 1
            value = self.scalar(event)
            if event.anchor:
                self.anchors[event.anchor] = (value, 1)
            return value
        if kind is AliasEvent:
            return self.alias(event)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _Rejected(f"nested deeper than {MAX_DEPTH} levels", event.start_mark)
        self.count += 1
        before = self.count
        body: Any = {} if kind is MappingStartEvent else []
        if event.anchor:
            self.anchors[event.anchor] = (body, None)
        if kind is MappingStartEvent:
            self.mapping(body)
        else:
            self.sequence(body)
        if event.anchor:
            self.anchors[event.anchor] = (body, self.count - before + 1)
        self.depth -= 1
        return body

    def scalar(self, event: Any) -> Any:
        if event.tag:
            value = _tagged(event)
        elif event.style:
            value = event.value
            if self.slashes and event.style == '"':
                raw = self.text[event.start_mark.index : event.end_mark.index]
                if _ESCAPED_SLASH.search(raw):
                    raise _Rejected("found unknown escape character '/'", event.start_mark)
        else:
            value = _plain(event.value)
        if value.__class__ is float and not math.isfinite(value):
            raise _Rejected("infinity and not-a-number have no place in JSON", event.start_mark)
        return value

    def alias(self, event: Any) -> Any:
        value, size = self.anchors.get(event.anchor, (None, 0))
        if not size:
            raise _Rejected(
                f"anchor {event.anchor!r} " + ("contains itself" if size is None else "is unknown"), event.start_mark
            )
        self.count += size
        self.budget -= size
        if self.budget < 0:
            raise _Rejected("excessive aliasing", event.start_mark)
        return value

    def mapping(self, body: dict[str, Any]) -> None:
        get = self.get
        places: dict[str, Any] = {}
        merged: set[str] = set()
        self.positions[id(body)] = places
        while True:
            key_event = get()
            if key_event.__class__ is MappingEndEvent:
                return
            if key_event.__class__ is ScalarEvent and key_event.tag is None:
                if key_event.style:
                    key = self.scalar(key_event)
                elif key_event.value == "<<":
                    merged.update(self.merge(body, places))
                    continue
                else:
                    key = _plain(key_event.value)
                    if key.__class__ is not str:
                        key = _key_text(key, key_event.start_mark)
                if key_event.anchor:
                    self.anchors[key_event.anchor] = (key, 1)
            else:
                key = self.node(key_event)
                if key.__class__ in {dict, list}:
                    raise _Rejected("a key must not be a map or a list", key_event.start_mark)
                if key.__class__ is not str:
                    key = _key_text(key, key_event.start_mark)
            event = get()
            if key in body and key not in merged:
                self.duplicates.append((key, key_event.start_mark, key_event.end_mark, places[key][0]))
            kind = event.__class__
            end = event.end_mark if kind is ScalarEvent or kind is AliasEvent else None
            places[key] = (key_event.start_mark, key_event.end_mark, event.start_mark, end)
            if kind is ScalarEvent and event.tag is None and event.anchor is None and not event.style:
                self.count += 1
                value = _plain(event.value)
                if value.__class__ is float and not math.isfinite(value):
                    raise _Rejected("infinity and not-a-number have no place in JSON", event.start_mark)
                body[key] = value
            else:
                body[key] = self.node(event)

    def merge(self, body: dict[str, Any], places: dict[str, Any]) -> set[str]:
        event = self.get()
        value = self.node(event)
        sources = [value] if value.__class__ is dict else value
        if sources.__class__ is not list or any(source.__class__ is not dict for source in sources):
            raise _Rejected("map merge requires map or sequence of maps as the value", event.start_mark)
        for source in reversed(sources):
            body.update(source)
            places.update(self.positions[id(source)])
        return {key for source in sources for key in source}

    def sequence(self, body: list[Any]) -> None:
        get = self.get
        places: list[Any] = []
        self.positions[id(body)] = places
        while True:
            event = get()
            kind = event.__class__
            if kind is SequenceEndEvent:
                return
            start = event.start_mark
            end = event.end_mark if kind is ScalarEvent or kind is AliasEvent else None
            places.append((start, event.end_mark, start, end))
            body.append(self.node(event))
