"""One document of a text, measured in characters of the whole text, so that it can be cut open at a place."""

from __future__ import annotations

import bisect
import re
from dataclasses import dataclass
from typing import Any, NamedTuple

from gitopsmith.documents import Document, Mark
from gitopsmith.finding import Failure, Route

_LINE_END = re.compile(r"\r\n|\n|\r")
_PROPERTIES = re.compile(r"(?:[&!]\S*(?:\s|(?<=\s)#[^\r\n]*)*)*")
_GAP = re.compile(r"(?:\s|,|(?<=[\s,\[{])#[^\r\n]*)*")
_COMMENT = re.compile(r"[ \t]*#")


class Node(NamedTuple):
    """A value and where it stands. ``end`` is None for a map or a list, ``key`` is the value's start in a list."""

    value: Any
    key: int
    start: int
    end: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A document in its text. ``starts`` holds where each line of the text begins."""

    text: str
    path: str
    document: Document
    starts: tuple[int, ...]

    def offset(self, mark: Mark) -> int:
        line = self.document.line + mark.line
        return min(self.starts[line] + mark.column, len(self.text)) if line < len(self.starts) else len(self.text)

    def refuse(self, route: Route, why: str) -> Failure:
        """Returns the failure that says what cannot be edited, and where."""
        place = self.document.location(self.path, route)
        return Failure(f"{place.path}:{place.line}: {why}; make this change by hand")

    def node(self, route: Route) -> Node:
        """Returns what stands at a route that exists."""
        root = self.document
        start = self.offset(root.start)
        node = Node(root.body, start, start, None)
        for step in route:
            node = self._child(node.value, step)
        return node

    def children(self, node: Node) -> list[Node]:
        """Returns what is in a map or a list, as the body has it."""
        steps = node.value if isinstance(node.value, dict) else range(len(node.value))
        return [self._child(node.value, step) for step in steps]

    def _child(self, body: Any, step: str | int) -> Node:
        key, _, start, end = self.document.positions[id(body)][step]
        return Node(body[step], self.offset(key), self.offset(start), None if end is None else self.offset(end))

    def content(self, node: Node) -> int:
        """Returns where a value begins behind its anchor and its tag."""
        match = _PROPERTIES.match(self.text, node.start)
        return match.end() if match else node.start

    def is_flow(self, node: Node) -> bool:
        """Tells whether a map or a list is written in brackets."""
        return self.text[self.content(node) : self.content(node) + 1] in {"[", "{"}

    def in_flow(self, route: Route) -> bool:
        """Tells whether something above a route is written in brackets."""
        return any(self.is_flow(self.node(route[:depth])) for depth in range(len(route)))

    def end(self, node: Node) -> int:
        """Returns where a value ends; the blank lines after a block of text are no part of it, unless it keeps them."""
        if node.end is not None:
            return self._scalar_end(node, node.end)
        ends = [self.end(child) for child in self.children(node)]
        end = max(ends, default=self.content(node) + 1)
        return self.closing(end) + 1 if self.is_flow(node) else end

    def closing(self, at: int) -> int:
        """Returns where the bracket is that closes after the last item, which ends ``at``."""
        match = _GAP.match(self.text, at)
        return match.end() if match else at

    def _scalar_end(self, node: Node, end: int) -> int:
        start = self.content(node)
        if self.text[start : start + 1] not in {"|", ">"}:
            return end
        header = self.text[start:end].splitlines()[0].partition("#")[0]
        return end if "+" in header else start + len(self.text[start:end].rstrip())

    def line_start(self, at: int) -> int:
        """Returns where the line begins that holds a character."""
        return self.starts[bisect.bisect_right(self.starts, at) - 1]

    def next_line(self, at: int) -> int:
        """Returns where the line begins that follows what ends ``at``, the end of the text where there is none."""
        if at and self.text[at - 1] in "\r\n":
            return at
        line = bisect.bisect_right(self.starts, at)
        return self.starts[line] if line < len(self.starts) else len(self.text)

    def column(self, at: int) -> int:
        return at - self.line_start(at)

    def above_comments(self, at: int) -> int:
        """Returns the start of the first of the comment lines that stand right above the line that starts ``at``."""
        line = bisect.bisect_left(self.starts, at)
        while line and _COMMENT.match(self.text, self.starts[line - 1]):
            line -= 1
        return self.starts[line]


def line_starts(text: str) -> tuple[int, ...]:
    """Returns where each line of a text begins."""
    return (0, *(match.end() for match in _LINE_END.finditer(text)))
