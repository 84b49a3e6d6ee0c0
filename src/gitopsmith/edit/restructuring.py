"""Gives keys other names, and moves values into others, with the comments that they have."""

from __future__ import annotations

import re

from gitopsmith.edit import places, written
from gitopsmith.edit.places import Splice
from gitopsmith.edit.proving import changed, open_document, proved, without
from gitopsmith.edit.source import Node, Source
from gitopsmith.finding import Route
from gitopsmith.manifest import get

_INDENT = 2
_BARE = re.compile(r"[\w.+-]+")


def rename(text: str, route: Route, key: str, *, document: int = 0, path: str = "") -> str:
    """Returns the text with another name for the key at a route. Raises Failure where that name is taken."""
    source = open_document(text, document, path)
    above = get(source.document.body, *route[:-1])
    if not source.document.has(route) or key in above:
        raise source.refuse(route, f"{key!r} is here already, or what should become it is not")
    mark, end, *_ = source.document.positions[id(above)][route[-1]]
    splice = Splice(source.offset(mark), source.offset(end), written.scalar(key))
    body = changed(
        source.document.body,
        route[:-1],
        lambda old: {key if name == route[-1] else name: value for name, value in old.items()},
    )
    return proved(text, source, route, [splice], body)


def quote(text: str, route: Route, *, document: int = 0, path: str = "") -> str:
    """Returns the text with quotes around a scalar that is no text, which then is what stands there, letter by letter.

    Raises Failure for anything but one plain word.
    """
    source = open_document(text, document, path)
    node = source.node(route) if source.document.has(route) else Node("", 0, 0, 0)
    word = source.text[node.start : source.end(node)] if node.end is not None else ""
    if isinstance(node.value, str) or not _BARE.fullmatch(word):
        raise source.refuse(route, "there is no single word here to put quotes around")
    splice = Splice(node.start, source.end(node), f'"{word}"')
    return proved(text, source, route, [splice], changed(source.document.body, route, lambda _: word))


def wrap(text: str, route: Route, key: str | None, *, document: int = 0, path: str = "") -> str:
    """Returns the text with what stands at a route below a new key, or in a new list where the key is None."""
    source = open_document(text, document, path)
    if get(source.document.body, *route) in (None, {}, []):
        raise source.refuse(route, "there is nothing here")
    node = source.node(route)
    content = source.content(node)
    is_block = node.end is None and not source.is_flow(node)
    if is_block and not source.text[source.line_start(content) : content].strip():
        splices = _wrap_block(source, route, content, key)
    elif not is_block and key is not None and isinstance(route[-1], int) and not source.in_flow(route):
        splices = [Splice(node.start, node.start, f"{key}: "), *_shifted(source, node.start, source.end(node))]
    elif is_block or source.text[content] in "|>":
        raise source.refuse(route, "there is no safe way to move this as it is written")
    else:
        opening, closing = ("[", "]") if key is None else (f"{{{key}: ", "}")
        end = source.end(node)
        splices = [Splice(node.start, node.start, opening), Splice(end, end, closing)]
    body = changed(source.document.body, route, lambda old: [old] if key is None else {key: old})
    return proved(text, source, route, splices, body)


def _wrap_block(source: Source, route: Route, content: int, key: str | None) -> list[Splice]:
    """Moves the lines of a map or a list to the right, below a dash or a key."""
    node = source.node(route)
    rest = _shifted(source, content, source.end(node))
    if key is None:
        return [Splice(content, content, "- "), *rest]
    column = source.column(content)
    if isinstance(node.value, list) and route and column == source.column(node.key):
        column += _INDENT
    line = source.line_start(content)
    header = f"{' ' * column}{key}:{places.newline(source.text)}"
    return [Splice(line, line, header + " " * _INDENT), *rest]


def _shifted(source: Source, start: int, end: int, by: int = _INDENT) -> list[Splice]:
    """Moves the lines that follow the one of ``start`` to the right, as far as ``end``."""
    out = []
    line = source.next_line(start + 1)  # what begins a line is on it
    while line < end:
        following = source.next_line(line + 1)
        if source.text[line:following].strip():
            out.append(Splice(line, line, " " * by))
        line = following
    return out


def move(text: str, route: Route, to: Route, *, front: bool = False, document: int = 0, path: str = "") -> str:
    """Returns the text with all items of a list at the end of another one, or in front of it; the first list is gone.

    Both are written in blocks, else a Failure is raised.
    """
    source = open_document(text, document, path)
    nodes = [source.node(each) for each in (route, to) if source.document.has(each)]
    blocks = [node for node in nodes if isinstance(node.value, list) and node.value and not source.is_flow(node)]
    if len(blocks) < 2 or source.text[source.content(blocks[1])] == "*":
        raise source.refuse(route, "only items of a list on lines of their own are moved to another such list")
    splices = _moved(source, route, *blocks, front=front)
    moved = get(source.document.body, *route)
    body = changed(source.document.body, to, lambda old: [*moved, *old] if front else [*old, *moved])
    body = changed(body, route[:-1], lambda old: without(old, route[-1]))
    return proved(text, source, route, splices, body)


def _moved(source: Source, route: Route, one: Node, other: Node, *, front: bool) -> list[Splice]:
    first, target = source.content(one), source.content(other)
    start, end = source.line_start(first), source.next_line(source.end(one))
    header = source.line_start(one.key)
    if "#" in source.text[source.next_line(one.key) : start] or "#" in source.text[one.key : source.next_line(one.key)]:
        raise source.refuse(route, "a comment stands above the items of this list")
    shift = source.column(target) - source.column(first)
    lines = [_indented(line, shift) for line in source.text[start:end].splitlines()]
    at = source.above_comments(source.line_start(target)) if front else source.next_line(source.end(other))
    return [Splice(header, end, ""), places.whole_lines(source, at, lines)]


def _indented(line: str, shift: int) -> str:
    if shift >= 0 or not line.strip():
        return " " * shift + line if line.strip() else line
    return line[min(-shift, len(line) - len(line.lstrip(" "))) :]
