"""Finds the line of a chart's template that writes a field, where it stands there literally.

A template is no YAML before it is filled in, so it is read line by line: keys by their indentation, items of lists by
their name. Lines of template code alone are passed over, and what cannot be found leaves the nearest line above it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from gitopsmith.finding import Location, Route
from gitopsmith.manifest import MERGE_KEYS, Resource, get
from gitopsmith.positions import values
from gitopsmith.tree import Tree

_KEY = re.compile(r"(?P<dashes>(?:- +)*)(?P<quote>[\"']?)(?P<key>[\w./-]+)(?P=quote):(?:\s+(?P<value>.*))?$")
_ITEM = re.compile(r"- ?")
_CODE = re.compile(r"\{\{.*?\}\}")
_COMMENT = re.compile(r"\{\{-?\s*/\*.*?\*/\s*-?\}\}", re.DOTALL)


class Line(NamedTuple):
    """One line of a template that holds YAML. ``indent`` is where its text begins; ``number`` counts from 1."""

    number: int
    indent: int
    text: str


class Block(NamedTuple):
    """The line that opens a map or a list, and the lines within it."""

    head: Line
    lines: Sequence[Line]


def location(tree: Tree, resource: Resource, route: Route) -> Location:
    """Returns the line of a field in the object's template, the nearest one above it, or who asks for the chart."""
    path, asked = resource.origin.path, resource.origin.asked
    data = tree.data(path) if path and tree.kind(path) == "file" else None
    if data is None:
        return asked.location if asked is not None else Location(path)
    block = _document(_lines(data.decode("utf-8", "replace")), resource)
    for index, step in enumerate(route):
        below = _child(block, step, get(resource.body, *route[: index + 1]))
        if below is None:
            break
        block = below
    else:
        filled = _filled(tree, resource, route, block.head)
        if filled is not None:
            return filled
    head = block.head
    return Location(path, head.number, head.indent + 1, head.number, head.indent + 1 + max(1, len(head.text)))


def _filled(tree: Tree, resource: Resource, route: Route, line: Line) -> Location | None:
    """Returns where the value of a field is written that the template takes from elsewhere."""
    match, asked = _KEY.match(line.text), resource.origin.asked
    if match is None or asked is None or not _is_own(asked.chart, resource.origin.path):
        return None
    rendered = get(resource.body, *route)
    if isinstance(rendered, dict | list):
        return None
    return values.location(tree, asked, match["value"] or "", rendered)


def _is_own(chart: str, path: str) -> bool:
    """Tells whether a template is the chart's own; one of a chart within it has other values."""
    return path.startswith(f"{chart}/templates/" if chart else "templates/")


def _lines(text: str) -> list[Line]:
    """Returns the lines that are not blank, not comments, and not template code alone."""
    text = _COMMENT.sub(lambda match: "\n" * match[0].count("\n"), text)
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped and not stripped.startswith("#") and _CODE.sub("", stripped).strip():
            found.append(Line(number, len(line) - len(line.lstrip(" ")), stripped))
    return found


def _document(lines: list[Line], resource: Resource) -> Block:
    """Returns the document that declares the object: of its kind, and best with its name."""
    documents: list[list[Line]] = [[]]
    for line in lines:
        if line.text.startswith("---") and line.indent == 0:
            documents.append([])
        else:
            documents[-1].append(line)
    of_kind = [found for found in documents if any(_is(line, "kind", resource.kind) for line in found)]
    named = [found for found in of_kind if any(_is(line, "name", resource.name) for line in found)]
    found = next(iter(named or of_kind), lines)
    return Block(found[0] if found else Line(1, 0, ""), found)


def _is(line: Line, key: str, value: str) -> bool:
    match = _KEY.match(line.text)
    return match is not None and match["key"] == key and (match["value"] or "").strip("\"' ") == value


def _child(block: Block, step: str | int, body: object) -> Block | None:
    return _item(block, step, body) if isinstance(step, int) else _field(block, step)


def _field(block: Block, key: str) -> Block | None:
    lines = block.lines
    if not lines:
        return None
    level = min(_column(line) for line in lines)
    for index, line in enumerate(lines):
        match = _KEY.match(line.text)
        if match is not None and match["key"] == key and _column(line) == level:
            return Block(line, _below(lines[index + 1 :], level, match["value"]))
    return None


def _column(line: Line) -> int:
    """Returns where a line's key begins: behind the dashes of list items."""
    match = _KEY.match(line.text)
    return line.indent + (len(match["dashes"]) if match is not None else 0)


def _below(lines: Sequence[Line], level: int, value: str | None) -> Sequence[Line]:
    """Returns the lines within a field; a list may stand at the same column as its key."""
    if value and not value.startswith(("{{", "|", ">")):
        return ()
    found: list[Line] = []
    for line in lines:
        if line.indent < level or (line.indent == level and not line.text.startswith("-")):
            break
        found.append(line)
    return found


def _item(block: Block, index: int, body: object) -> Block | None:
    """Returns the item of a list that has the same name; without a name, the one at the same index."""
    starts = [at for at, line in enumerate(block.lines) if _ITEM.match(line.text)]
    if not starts:
        return None
    level = min(block.lines[at].indent for at in starts)
    starts = [at for at in starts if block.lines[at].indent == level]
    ends = [*starts[1:], len(block.lines)]
    items = [_opened(block.lines[start:end]) for start, end in zip(starts, ends, strict=True)]
    for key in MERGE_KEYS:
        wanted = get(body, key)
        same = [item for item in items if any(_is(line, key, str(wanted)) for line in item.lines)]
        if wanted is not None and len(same) == 1:
            return same[0]
    return items[index] if len(items) > index else None


def _opened(lines: Sequence[Line]) -> Block:
    """Takes the dash off an item's first line, so that its keys stand in one column."""
    first = lines[0]
    match = _ITEM.match(first.text)
    width = len(first.text) - len(first.text[match.end() :].lstrip()) if match is not None else 0
    opened = Line(first.number, first.indent + width, first.text[width:])
    return Block(first, [opened, *lines[1:]] if opened.text else lines[1:])
