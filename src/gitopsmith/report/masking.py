"""Replaces pieces of a text by ``***``, and tells in which forms the hidden values could turn up elsewhere."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple

MASK = "***"
LINE_END = re.compile(r"\r\n|\n|\r")
QUOTES = ('"', "'")
_ITEM = re.compile(r"\s*(?:-\s+)*")
_KEY = re.compile(r"""(?:"[^"]*"|'[^']*'|[\w./-]+)\s*:(?=\s|$)\s*""")
_LINE_OF_VALUE = re.compile(r"([ \t]*)[^ \t\r\n][^\r\n]*")
_STRUCTURE = re.compile(r"\s*(?:---|\.\.\.|[\[\]{}]*,?)\s*")


class Hidden(NamedTuple):
    """A piece of text that must not be shown: where it stands, from 0, and what its value is once YAML has read it."""

    start: int
    end: int
    value: str


def hide_lines(text: str, numbers: Iterable[int]) -> tuple[Hidden, ...]:
    """Returns the values in the given lines, counted from 1, and in the deeper lines that belong to them."""
    lines = _lines(text)
    wanted: set[int] = set()
    for number in sorted(set(numbers)):
        if 0 < number <= len(lines):
            wanted.add(number - 1)
            wanted.update(_deeper(text, lines, number - 1))
    return tuple(piece for index in sorted(wanted) for piece in every_value(text, *lines[index]))


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


def every_value(text: str, start: int, end: int) -> Iterator[Hidden]:
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
    if len(piece) > 2 and piece[0] in QUOTES and piece[-1] == piece[0]:
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
        with suppress(ValueError):
            yield str(int(form, 8 if form[:1] == "0" and form.isdigit() else 0))
        with suppress(ValueError):
            yield f"{float(form):g}"
