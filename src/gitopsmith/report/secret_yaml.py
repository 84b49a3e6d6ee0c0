"""Finds the values of secrets in the text of a file, so that an excerpt can show its keys and no more.

Three kinds of text, three ways: in YAML that can be read, exactly the values of Secrets, of ``secretGenerator``
literals and of patches on them; in strings that hold such manifests, and in text that cannot be read, every value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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

from gitopsmith.report.masking import LINE_END, MASK, QUOTES, Hidden, every_value, replaced

_SECRET = re.compile(r"\b(?:Sealed|Sops)?Secret\b|[sS]ecretGenerator|secretTemplates|stringData|/data\b")
_DATA = re.compile(r"(?i:\b(?:string)?data\b)")
_MAY_HOLD = re.compile(rf"{_SECRET.pattern}|{_DATA.pattern}")
_COMMENT = re.compile(r"(?<![^\s])#[^\r\n]*")
_COMMENTS = re.compile(r"^[ \t]*#[^\r\n]*(?:(?:\r\n|\n|\r)[ \t]*#[^\r\n]*)*", re.MULTILINE)
_MANIFEST = re.compile(
    r"kind\W{1,4}(?:Sealed|Sops)?Secret\b|[sS]ecretGenerator\W|secretTemplates\W|stringData|path\W{1,5}(?:string)?[dD]ata\b"
)
"""What a manifest of secrets has in it and a text about secrets has not."""
_LOGIN = re.compile(r"(?:https?://(?=[^\s/:@'\"]{20,}@)|://[^\s/:@'\"]*:)(?P<login>[^\s/@'\"]+)@")
"""A password in a URL, or all that stands before its host where that is long enough for a token."""
_BLOCK_HEADER = re.compile(r"(?:[&!]\S*\s+)*[|>][-+0-9]*\s*(?:#.*)?\Z")
_OF_SECRET = frozenset({"apiVersion", "kind", "metadata", "type", "immutable"})
_OF_GENERATOR = _OF_SECRET | {"name", "namespace", "behavior", "options", "files", "env", "envs"}
_OF_OPERATION = frozenset({"op", "path", "from"})
_TEMPLATES = frozenset({"template", "secretTemplates"})


def mask(text: str) -> str:
    """Returns the text with the values of secrets replaced by ``***``; lines stay where they are."""
    return replaced(text, hidden(text))


def hidden(text: str) -> tuple[Hidden, ...]:
    """Returns what must not be shown of a text, in its order; a text that cannot be read hides every value."""
    logins = [Hidden(*found.span("login"), found["login"]) for found in _LOGIN.finditer(text)] if "@" in text else []
    if not _MAY_HOLD.search(text):
        return tuple(logins)
    reader = _Reader(text)
    rest = reader.read()
    unread = every_value(text, rest, len(text)) if _SECRET.search(text, rest) else ()
    return tuple(sorted((*logins, *reader.found, *unread, *_commented_out(text))))


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
        value = f"*{event.anchor}" if is_alias else event.value
        self.leaves.append(_Leaf(start, end, value, self.anchors.get(event.anchor) if is_alias else None))
        if event.anchor and not is_alias:
            self.anchors[event.anchor] = (first, first + 1)
        if _MANIFEST.search(value) and _is_long(value, self.text[start:end]):
            self.found += every_value(self.text, _after_header(self.text, start, end), end)
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
    """Returns the keys of a map whose values are secret.

    What is known to hold secrets hides all but its harmless fields, since a misspelt one holds them, too; a kind that
    an alias or a merge brings in counts as a Secret's.
    """
    names = frozenset(name for name, _ in frame.fields)
    kinds = {value.value or "" for name, value in frame.fields if name == "kind"}
    paths = [value.value or "" for name, value in frame.fields if name == "path"]
    named_so = frozenset(name for name in names if name.lower() in {"data", "stringdata"})
    if any(kind == "Secret" or kind.startswith("*") for kind in kinds) and (root or named_so or "metadata" in names):
        return names - _OF_SECRET
    if "SecretGenerator" in kinds or frame.name == "secretGenerator":
        return names - _OF_GENERATOR
    if names & {"op", "value"} and any(map(_DATA.search, paths)):
        return names - _OF_OPERATION
    unknown = "<<" in names or (not kinds and frame.anchor is not None)
    may_hold = unknown or (root and kinds != {"ConfigMap"}) or frame.name in _TEMPLATES
    return named_so if may_hold else named_so - {"data"}


def _of_leaf(text: str, leaf: _Leaf, *, literal: bool) -> Hidden:
    start, end, value = leaf.start, leaf.end, leaf.value
    if literal and "=" in value:
        key, _, value = value.partition("=")
        equals = text.find("=", start, end)
        quoted = text[start] in QUOTES and text[end - 1] == text[start]
        start, end = (equals + 1, end - quoted) if key in text[start:equals] else (start, end)
    return Hidden(_after_header(text, start, end), end, value)


def _after_header(text: str, start: int, end: int) -> int:
    """Returns where a block scalar's own lines begin, so that ``|-`` stays to be seen."""
    line_end = LINE_END.search(text, start, end)
    return line_end.end() if line_end and _BLOCK_HEADER.match(text[start : line_end.start()]) else start


def _is_long(value: str, written: str) -> bool:
    """Tells whether a scalar has room for a manifest: several lines, or JSON."""
    return LINE_END.search(written) is not None or "\n" in value or value.lstrip()[:1] in {"{", "["}


def _commented_out(text: str) -> Iterator[Hidden]:
    """Yields the lines of comments that are manifests of secrets put out of use."""
    for block in _COMMENTS.finditer(text):
        if _MANIFEST.search(block[0]):
            for line in _COMMENT.finditer(text, block.start(), block.end()):
                yield Hidden(line.start() + 1, line.end(), line[0][1:])
