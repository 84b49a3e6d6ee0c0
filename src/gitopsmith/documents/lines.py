"""Counts lines and columns as editors and git do."""

from __future__ import annotations

import bisect
import re
from typing import Any

from gitopsmith.documents.document import Mark

_LINE_END = re.compile(r"\r\n|\n|\r")
_STRANGE_LINE_END = re.compile("[\x85\u2028\u2029]")


def count(text: str) -> int:
    """Returns how many lines end in a text: with a line feed, a carriage return, or both."""
    lone = text.count("\r") - text.count("\r\n") if "\r" in text else 0
    return text.count("\n") + lone


class Lines:
    """The lines of a piece of text; ``first`` is the number of its first line in the file, from 0.

    libyaml also ends a line after NEL, LS and PS, as nobody else does; where a text holds one, its marks are corrected.
    """

    __slots__ = ("_starts", "first", "strange", "text")

    def __init__(self, text: str, first: int) -> None:
        self.text = text
        self.first = first
        self.strange = not text.isascii() and _STRANGE_LINE_END.search(text) is not None
        self._starts: list[int] | None = None

    def at(self, offset: int) -> Mark:
        """Returns the place of a character."""
        if self._starts is None:
            self._starts = [0, *(match.end() for match in _LINE_END.finditer(self.text))]
        line = bisect.bisect_right(self._starts, offset) - 1
        return Mark(offset, line, offset - self._starts[line])

    def mark(self, found: Any) -> Mark:
        """Returns the place of one of libyaml's marks; the beginning for None."""
        if found is None:
            return Mark(0, 0, 0)
        return self.at(found.index) if self.strange else Mark(found.index, found.line, found.column)

    def positions(self, found: dict[int, Any]) -> dict[int, Any]:
        """Returns a builder's positions with every mark corrected, unchanged where none needs to be."""
        if not self.strange:
            return found
        return {
            body: {key: self._moved(entry) for key, entry in places.items()}
            if isinstance(places, dict)
            else [self._moved(entry) for entry in places]
            for body, places in found.items()
        }

    def _moved(self, entry: tuple[Any, ...]) -> tuple[Mark | None, ...]:
        return tuple(None if mark is None else self.at(mark.index) for mark in entry)
