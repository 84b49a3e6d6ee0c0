"""Hides the values of secrets in the text of a file, so that an excerpt can show its keys.

Three kinds of text, three ways: in YAML that can be read, exactly the values of Secrets, of ``secretGenerator``
literals and of patches on them; in strings that hold such manifests, and in text that cannot be read, every value.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

MASK = "***"
LINE_END = re.compile(r"\r\n|\n|\r")
_SECRET = re.compile(r"\bSecret\b|[sS]ecretGenerator|secretTemplates|stringData|/data\b")
_MAY_HOLD = re.compile(rf"{_SECRET.pattern}|\bdata\b")
_QUOTES = ('"', "'")
_PATCHED = ("/data", "/stringData")
_TEMPLATES = frozenset({"template", "secretTemplates"})
_COMMENT = re.compile(r"(?<![^\s])#[^\r\n]*")
_ITEM = re.compile(r"\s*(?:-\s+)*")
_KEY = re.compile(r"""(?:"[^"]*"|'[^']*'|[\w./-]+)\s*:(?=\s|$)\s*""")
_LINE_OF_VALUE = re.compile(r"([ \t]*)[^ \t\r\n][^\r\n]*")
_BLOCK_HEADER = re.compile(r"(?:[&!]\S*\s+)*[|>][-+0-9]*\s*(?:#.*)?\Z")
_STRUCTURE = re.compile(r"\s*(?:---|\.\.\.|[\[\]{}]*,?)\s*")


class Hidden(NamedTuple):
    """A piece of text that must not be shown: where it stands, from 0, and what its value is once YAML has read it."""

    start: int
    end: int
    value: str


class _Leaf(NamedTuple):
    start: int
    end: int
    value: str
    alias: tuple[int, int] | None = None


class _Field(NamedTuple):
    """A value in a map: its leaves by number, its place in the text from its key on, and itself when it is a scalar."""

    first: int
    last: int
    start: int
    end: int
    value: str | None


@dataclass(slots=True)
class _Frame:
    """A map or list that is being read. ``name`` is the key that it stands under, through lists."""

    name: str | None
    is_map: bool
    first: int
    start: int
    anchor: str | None
    key: str | None = None
    key_end: int = 0
    fields: list[tuple[str, _Field]] = field(default_factory=list)


def mask(text: str) -> str:
    """Returns the text with the values of secrets replaced by ``***``; lines stay where they are."""
    return replaced(text, hidden(text))


def hidden(text: str) -> tuple[Hidden, ...]:
    """Returns what must not be shown of a text, in its order; a text that cannot be read hides every value."""
    if not _MAY_HOLD.search(text):
        return ()
    reader = _Reader(text)
    rest = reader.read()
    found = [*reader.found, *(_every_value(text, rest, len(text)) if _SECRET.search(text, rest) else ())]
    return tuple(sorted(found))


def hide_lines(text: str, numbers: Iterable[int]) -> tuple[Hidden, ...]:
    """Returns the values in the given lines, counted from 1, and in the deeper lines that belong to them."""
    lines = _lines(text)
    wanted: set[int] = set()
    for number in sorted(set(numbers)):
        if 0 < number <= len(lines):
            wanted.add(number - 1)
            wanted.update(_deeper(text, lines, number - 1))
    return tuple(piece for index in sorted(wanted) for piece in _every_value(text, *lines[index]))


def replaced(text: str, pieces: Iterable[Hidden]) -> str:
    """Returns the text with each piece replaced by ``***``, line by line."""
    out, position = [], 0
    for start, end, _ in sorted(pieces):
        if end > position:
            start = max(start, position)
            out += [text[position:start], _stars(text[start:end])]
            position = end
    return "".join((*out, text[position:]))


def values(pieces: Iterable[Hidden]) -> frozenset[str]:
    """Returns every form in which the pieces could turn up in a message: as YAML reads them, by line, and decoded."""
    lines = {line.strip() for piece in pieces for line in (piece.value, *piece.value.splitlines())}
    plain = {*lines, *(line.partition("=")[2] for line in lines)}
    return frozenset(form for form in (*plain, *_decoded(plain), *_numbers(plain)) if any(map(str.isalnum, form)))


class _Reader:
    """Walks libyaml's events and collects what is secret, without recursion, however deep the text is nested."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.found: list[Hidden] = []
        self.leaves: list[_Leaf] = []
        self.frames: list[_Frame] = []
        self.anchors: dict[str, tuple[int, int]] = {}
        self.masked: set[int] = set()

    def read(self) -> int:
        """Reads as far as the text is YAML; returns where the part begins that is not."""
        done, readable = 0, self.text.replace(MASK, "xxx")  # a mask would be an alias
        try:
            events: Iterator[Any] = yaml.parse(readable, Loader=yaml.CSafeLoader)
            for event in events:
                if isinstance(event, DocumentStartEvent):
                    self.anchors, self.frames = {}, []
                elif isinstance(event, DocumentEndEvent):
                    done = _at(event.end_mark)
                else:
                    self.take(event)
        except (yaml.YAMLError, UnicodeError, ValueError):
            return done
        return len(self.text)

    def take(self, event: Any) -> None:
        """Follows one event: a container opens or closes, a key or a value comes."""
        if isinstance(event, MappingStartEvent | SequenceStartEvent):
            is_map = isinstance(event, MappingStartEvent)
            parent = self.frames[-1] if self.frames else None
            name = (parent.key if parent.is_map else parent.name) if parent else None
            self.frames.append(_Frame(name, is_map, len(self.leaves), _at(event.start_mark), event.anchor))
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            self.close(_at(event.end_mark))
        elif isinstance(event, ScalarEvent) and self.expects_key():
            self.frames[-1].key, self.frames[-1].key_end = event.value, _at(event.end_mark)
        elif isinstance(event, ScalarEvent | AliasEvent):
            self.leaf(event)

    def expects_key(self) -> bool:
        return bool(self.frames) and self.frames[-1].is_map and self.frames[-1].key is None

    def leaf(self, event: Any) -> None:
        start, end, first = _at(event.start_mark), _at(event.end_mark), len(self.leaves)
        is_alias = isinstance(event, AliasEvent)
        value = "" if is_alias else event.value
        self.leaves.append(_Leaf(start, end, value, self.anchors.get(event.anchor) if is_alias else None))
        if event.anchor and not is_alias:
            self.anchors[event.anchor] = (first, first + 1)
        if _holds_manifest(value):
            self.found += _every_value(self.text, _after_header(self.text, start, end), end)
        self.ended(_Field(first, first + 1, start, end, value))

    def close(self, end: int) -> None:
        frame = self.frames.pop()
        last = len(self.leaves)
        if frame.anchor:
            self.anchors[frame.anchor] = (frame.first, last)
        secret = _secret_fields(frame, root=not self.frames)
        for name, value in frame.fields:
            if name in secret:
                self.hide(value, literal=name == "literals")
        self.ended(_Field(frame.first, last, frame.start, end, None))

    def ended(self, value: _Field) -> None:
        """Tells the map that a value stands in about it; a map or list as a key counts as a value without a name."""
        if self.frames and self.frames[-1].is_map:
            frame = self.frames[-1]
            frame.fields.append((frame.key or "", value._replace(start=frame.key_end)))
            frame.key = None if frame.key is not None else ""

    def hide(self, value: _Field, *, literal: bool) -> None:
        pending = [(value.first, value.last)]
        while pending:
            for index in range(*pending.pop()):
                if index not in self.masked:
                    self.masked.add(index)
                    leaf = self.leaves[index]
                    pending += [leaf.alias] if leaf.alias else []
                    self.found.append(_of_leaf(self.text, leaf, literal=literal))
        end = LINE_END.search(self.text, value.end)
        for comment in _COMMENT.finditer(self.text, value.start, end.start() if end else len(self.text)):
            self.found.append(Hidden(comment.start() + 1, comment.end(), comment[0][1:]))


def _at(mark: Any) -> int:
    return int(mark.index)


def _secret_fields(frame: _Frame, *, root: bool) -> frozenset[str]:
    """Returns the keys of a map whose values are secret; a kind that an alias or a merge brings in counts as one."""
    names = {name for name, _ in frame.fields}
    kinds = {value.value for name, value in frame.fields if name == "kind"}
    paths = [value.value or "" for name, value in frame.fields if name == "path"]
    unknown = "" in kinds or "<<" in names or (not kinds and frame.anchor is not None)
    secret = {"stringData"}
    if "Secret" in kinds or unknown or (root and kinds != {"ConfigMap"}) or frame.name in _TEMPLATES:
        secret.add("data")
    if "SecretGenerator" in kinds or frame.name == "secretGenerator":
        secret.add("literals")
    if any(path.startswith(_PATCHED) for path in paths):
        secret.add("value")
    return frozenset(secret)


def _of_leaf(text: str, leaf: _Leaf, *, literal: bool) -> Hidden:
    start, end, value = leaf.start, leaf.end, leaf.value
    if literal and "=" in value:
        key, _, value = value.partition("=")
        equals = text.find("=", start, end)
        quoted = text[start] in _QUOTES and text[end - 1] == text[start]
        start, end = (equals + 1, end - quoted) if key in text[start:equals] else (start, end)
    return Hidden(_after_header(text, start, end), end, value)


def _after_header(text: str, start: int, end: int) -> int:
    """Returns where a block scalar's own lines begin, so that ``|-`` stays to be seen."""
    line_end = LINE_END.search(text, start, end)
    return line_end.end() if line_end and _BLOCK_HEADER.match(text[start : line_end.start()]) else start


def _holds_manifest(value: str) -> bool:
    return ("\n" in value or value.lstrip()[:1] in {"{", "["}) and _SECRET.search(value) is not None


def _every_value(text: str, start: int, end: int) -> Iterator[Hidden]:
    """Yields all of a text but the keys that its lines begin with."""
    for line_start, line_end in _lines(text, start, end):
        if _STRUCTURE.fullmatch(text, line_start, line_end):
            continue
        at = _ITEM.match(text, line_start, line_end).end()  # type: ignore[union-attr]
        key = _KEY.match(text, at, line_end)
        value = text[key.end() if key else at : line_end].rstrip()
        if value:
            at = key.end() if key else at
            yield Hidden(at, at + len(value), value.strip("\"'"))


def _lines(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """Returns where each line begins and where its content ends."""
    end = len(text) if end is None else end
    out = []
    for match in LINE_END.finditer(text, start, end):
        out.append((start, match.start()))
        start = match.end()
    return [*out, (start, end)]


def _deeper(text: str, lines: list[tuple[int, int]], index: int) -> Iterator[int]:
    """Yields the lines below one that are indented deeper than its key."""
    depth = _depth(text, lines[index])
    for below in range(index + 1, len(lines)):
        start, end = lines[below]
        content = text[start:end]
        if content.strip():
            if len(content) - len(content.lstrip()) <= depth:
                return
            yield below


def _depth(text: str, line: tuple[int, int]) -> int:
    match = _ITEM.match(text, *line)
    return match.end() - line[0] if match else 0


def _stars(piece: str) -> str:
    """Writes a mask over each line of a piece and keeps quotes, indentation and line ends."""
    if len(piece) > 2 and piece[0] in _QUOTES and piece[-1] == piece[0]:
        return piece[0] + _LINE_OF_VALUE.sub(rf"\1{MASK}", piece[1:-1]) + piece[0]
    return _LINE_OF_VALUE.sub(rf"\1{MASK}", piece)


def _decoded(forms: Iterable[str]) -> Iterator[str]:
    for form in forms:
        try:
            decoded = base64.b64decode(form, validate=True).decode()
        except (binascii.Error, ValueError):
            continue
        yield from (decoded.strip(), *(line.strip() for line in decoded.splitlines()))


def _numbers(forms: Iterable[str]) -> Iterator[str]:
    """Yields numbers as a program prints them: YAML writes 31 as 0x1F or 037, too."""
    for form in forms:
        for read in (lambda text: int(text, 0), lambda text: int(text, 8), float):
            try:
                yield f"{read(form):.15g}"
            except (ValueError, OverflowError):
                continue
