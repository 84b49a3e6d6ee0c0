"""One YAML document, and what may be wrong with one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from gitopsmith.finding import Location, Route


class Mark(NamedTuple):
    """A place in one document's text, as libyaml counts: everything from 0."""

    offset: int
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
