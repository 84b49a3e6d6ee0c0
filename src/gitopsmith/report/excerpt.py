"""Lays out a piece of source text for the terminal: line numbers, the span underlined, a line of context around it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gitopsmith.finding import Location
from gitopsmith.report.masking import MASK

TAB = "    "
MOST_LINES = 6
"""Lines of a long span that are shown; what lies between its head and its last line is left out."""
_CUT = "\N{HORIZONTAL ELLIPSIS}"
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")
_LEAD = 20


class Row(NamedTuple):
    """One row of an excerpt. An underline has no ``number``; ``bar`` stands beside the lines of a span over several."""

    number: str
    bar: str
    text: str
    is_underline: bool = False


def safe(text: str) -> str:
    """Replaces characters that would command the terminal or turn the direction of text by a visible sign."""
    return _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", text)


def rows(lines: Sequence[str], place: Location, width: int) -> tuple[Row, ...]:
    """Returns the rows that show a place in a file's lines, none where it has no such line; ``width`` 0 is no limit."""
    if not 0 < place.line <= len(lines):
        return ()
    place = _within(place, lines)
    cells = {number: _cells(lines[number - 1]) for number in _shown(place, lines)}
    start = _column(cells[place.line], place.column)
    first = max(0, start - _LEAD) if width and start > width - _LEAD else 0
    return tuple(_layout(place, cells, first, width))


def _within(place: Location, lines: Sequence[str]) -> Location:
    """Trims a span to the text that is there: a block scalar's end stands at the start of the line after it."""
    path, line, column, end_line, end_column = place
    if end_line > len(lines):
        end_line, end_column = len(lines), len(lines[-1]) + 1
    while end_line > line and not lines[end_line - 1][: end_column - 1].strip():
        end_line -= 1
        end_column = len(lines[end_line - 1]) + 1
    column = _on_text(lines[line - 1].rstrip(), column)
    end_column = min(end_column, len(lines[end_line - 1].rstrip()) + 1)
    return Location(path, line, column, end_line, end_column if end_line > line else max(end_column, column + 1))


def _on_text(line: str, column: int) -> int:
    """Returns a column that the line has; one beyond its end stood in a value that is masked now."""
    return column if column <= len(line) else line.rfind(MASK) + 1 or len(line) + 1


def _shown(place: Location, lines: Sequence[str]) -> list[int]:
    before, after = place.line - 1, place.end_line + 1
    span = list(range(place.line, place.end_line + 1))
    if len(span) > MOST_LINES:
        span = [*span[: MOST_LINES - 1], span[-1]]
    context = [number for number in (before, after) if 0 < number <= len(lines) and lines[number - 1].strip(" \t-")]
    return sorted({*span, *context})


def _cells(line: str) -> list[str]:
    """Cuts a line into what each of its characters shows as."""
    return [TAB if character == "\t" else safe(character) for character in line]


def _width(shown: str) -> int:
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in shown
    )


def _column(cells: list[str], column: int) -> int:
    """Returns how far to the right a character stands on the terminal, from 0."""
    return sum(map(_width, cells[: column - 1])) + max(0, column - 1 - len(cells))


def _layout(place: Location, cells: dict[int, list[str]], first: int, width: int) -> Iterator[Row]:
    several = place.end_line > place.line
    start, end = _column(cells[place.line], place.column), _column(cells[place.end_line], place.end_column)
    previous = min(cells) - 1
    for number, line in cells.items():
        inside = several and place.line < number <= place.end_line
        if number > previous + 1:
            yield Row("...", "|" if inside else "", "")
        previous = number
        bar = "/" if several and number == place.line else "|" if inside else ""
        yield Row(str(number), bar, _visible("".join(line), first, width))
        if number == place.end_line:
            yield _underline(start - first, end - first, width, several=several)


def _underline(start: int, end: int, width: int, *, several: bool) -> Row:
    if width:
        end = min(end, width)
    if several:
        return Row("", "|", "_" * end + "^", is_underline=True)
    return Row("", "", " " * start + "^" * max(end - start, 1), is_underline=True)


def _visible(text: str, first: int, width: int) -> str:
    """Returns the part of a line that fits, with a sign where something is cut off."""
    if first:
        text = _CUT + _from(text, first + 1)
    if width and _width(text) > width:
        text = _until(text, width - 1) + _CUT
    return text.rstrip()


def _from(text: str, column: int) -> str:
    at = 0
    for index, character in enumerate(text):
        if at >= column:
            return " " * (at - column) + text[index:]
        at += _width(character)
    return ""


def _until(text: str, column: int) -> str:
    at = 0
    for index, character in enumerate(text):
        at += _width(character)
        if at > column:
            return text[:index]
    return text
