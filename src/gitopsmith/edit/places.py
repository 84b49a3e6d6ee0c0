"""Where a change goes, in blocks and in brackets: as pieces of text to put in place of others."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from gitopsmith.documents import Document
from gitopsmith.edit import written
from gitopsmith.edit.source import Node, Source
from gitopsmith.finding import Route

_SPACES = re.compile(r"[ \t]*\Z")
_OFFSET = 2
"""How far dashes stand to the right of their key, in a document that has no list to look at."""


class Splice(NamedTuple):
    """A piece of text that takes the place of what stands from ``start`` to ``end``."""

    start: int
    end: int
    text: str


def insert(source: Source, route: Route, value: Any, index: int) -> list[Splice]:
    """Puts an item in front of the one with this index of a list that has some, or behind the last one."""
    node = source.node(route)
    if source.text[source.content(node)] == "*":
        raise source.refuse(route, "the list stands elsewhere, this is an alias")
    if source.is_flow(node):
        return _insert_in_flow(source, node, value, index)
    dash = source.content(node)
    column = source.column(dash)
    like = source.children(node)[max(index - 1, 0)]
    lines = _item(source, like, value, column)
    if index:
        return [whole_lines(source, source.next_line(source.end(like)), lines)]
    start = source.line_start(dash)
    if source.text[start:dash].strip():
        raise source.refuse((*route, 0), "nothing can be put in front of an item that shares its line with a list")
    return [whole_lines(source, source.above_comments(start), lines)]


def _item(source: Source, like: Node, value: Any, column: int) -> list[str]:
    """Writes an item as the one beside it is written: on one line, in quotes, with lists in brackets."""
    if source.is_flow(like):
        return [f"{' ' * column}- {written.in_flow(value)}"]
    keys = like.value if isinstance(like.value, dict) and like.end is None else ()
    flows = (
        [key for key, child in zip(keys, source.children(like), strict=True) if source.is_flow(child)] if keys else []
    )
    return written.item(value, column, offset(source.document), quote=_quote(source, like), in_brackets=flows)


def _insert_in_flow(source: Source, node: Node, value: Any, index: int) -> list[Splice]:
    children = source.children(node)
    like = children[max(index - 1, 0)]
    text = written.in_flow(value, _quote(source, like))
    if index:
        return _behind_in_flow(source, like, text)
    start = children[0].key
    return [Splice(start, start, f"{text},{_between(source, start)}")]


def _behind_in_flow(source: Source, last: Node, text: str) -> list[Splice]:
    """Puts a text behind an item between brackets: on a line of its own where the item has one."""
    end = source.end(last)
    closing, line_end = source.closing(end), source.next_line(end)
    between = _between(source, last.key)
    if between == " " or closing < line_end:
        return [Splice(end, end, f",{between}{text}")]
    comma = "," in source.text[end:closing].partition("#")[0]
    line = f"{' ' * source.column(last.key)}{text}{',' if comma else ''}"
    return [*([] if comma else [Splice(end, end, ",")]), whole_lines(source, line_end, [line])]


def _between(source: Source, start: int) -> str:
    """Returns what parts two items: a space, or a new line where the item that begins here has one of its own."""
    line = source.line_start(start)
    indent = source.text[line:start]
    return " " if indent.strip() else f"{newline(source.text)}{indent}"


def add_key(source: Source, route: Route, key: str, value: Any) -> list[Splice]:
    """Puts a new key at the end of a map that has some."""
    node = source.node(route)
    if source.text[source.content(node)] == "*":
        raise source.refuse(route, "the map stands elsewhere, this is an alias")
    if source.is_flow(node):
        last = max(source.children(node), key=lambda child: child.key)
        return _behind_in_flow(source, last, written.pair_in_flow(key, value))
    lines = written.entry(key, value, source.column(source.content(node)), offset(source.document))
    return [whole_lines(source, source.next_line(source.end(node)), lines)]


def fill(source: Source, route: Route, value: Any) -> list[Splice]:
    """Puts a map or a list where nothing is: behind a bare key, or in place of null, ``[]`` or ``{}``."""
    node = source.node(route)
    start, end = node.start, source.end(node)
    line = source.line_start(node.key)
    bare = _SPACES.search(source.text, line, start)
    if isinstance(route[-1] if route else 0, int) or source.in_flow(route) or not bare or source.text[start] in "&!*":
        return [Splice(start, end, written.in_flow(value) if start < end else f" {written.in_flow(value)}")]
    lines = written.entry(str(route[-1]), value, source.column(node.key), offset(source.document))[1:]
    return [Splice(bare.start(), end, ""), whole_lines(source, source.next_line(end), lines)]


def replace(source: Source, route: Route, value: Any) -> list[Splice]:
    """Puts a scalar in place of another, in quotes of the same kind."""
    node = source.node(route)
    if node.end is None or source.text[node.start : node.start + 1] in {"*", "&", "!"}:
        raise source.refuse(route, "only a plain value is replaced, no list, map, anchor, alias or tag")
    end = source.end(node)
    quote = _quote(source, node)
    text = written.in_flow(value, quote) if source.in_flow(route) else written.scalar(value, quote)
    return [Splice(node.start, end, text if node.start < end else f" {text}")]


def remove(source: Source, route: Route) -> list[Splice]:
    """Takes a key with its value, or an item, out of a map or a list that has others."""
    above, node = source.node(route[:-1]), source.node(route)
    siblings = sorted(source.children(above), key=lambda child: child.key)
    at = next(index for index, child in enumerate(siblings) if child.key == node.key)
    if len(siblings) == 1 or source.text[source.content(above)] == "*":
        raise source.refuse(route, "nothing else is here, so this cannot be taken away alone")
    if source.is_flow(above):
        start = source.end(siblings[at - 1]) if at else node.key
        return [Splice(start, source.end(node) if at else siblings[1].key, "")]
    line = source.line_start(node.key)
    if source.text[line : node.key].strip() == ("-" if isinstance(route[-1], int) else ""):
        return [Splice(line, source.next_line(source.end(node)), "")]
    if at or "#" in source.text[source.end(node) : siblings[1].key]:
        raise source.refuse(route, "this shares its line with something else")
    return [Splice(node.key, siblings[1].key, "")]


def offset(document: Document) -> int:
    """Returns how far the dashes of a document's first list in a block stand to the right of their key."""
    for body in _mappings(document.body):
        for key, value in body.items():
            mark, _, start, end = document.positions.get(id(body), {}).get(key, (None, None, None, 0))
            if isinstance(value, list) and value and end is None and start.line > mark.line:
                return _OFFSET if start.column > mark.column else 0
    return _OFFSET


def newline(text: str) -> str:
    """Returns how a text ends its lines."""
    return "\r\n" if "\r\n" in text else "\n"


def _mappings(body: Any) -> list[dict[str, Any]]:
    if isinstance(body, list):
        return [found for value in body for found in _mappings(value)]
    if not isinstance(body, dict):
        return []
    return [body, *(found for value in body.values() for found in _mappings(value))]


def _quote(source: Source, node: Node) -> str:
    first = source.text[source.content(node) : source.content(node) + 1]
    return first if node.end is not None and first in {"'", '"'} else ""


def whole_lines(source: Source, at: int, lines: list[str]) -> Splice:
    """Puts whole lines where a line begins, or behind a last line that lacks its end, which the new one lacks too."""
    break_ = newline(source.text)
    text = break_.join(lines)
    ended = not at or source.text[at - 1] in "\r\n"
    return Splice(at, at, text + break_ if ended else break_ + text)
