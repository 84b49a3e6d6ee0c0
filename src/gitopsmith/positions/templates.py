"""Finds the line of a chart's template that writes a field, where it stands there literally.

A template is no YAML before it is filled in, so it is read line by line: keys by their indentation, items of lists by
their name. Lines of template code alone are passed over, and what cannot be found leaves the nearest line above it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from gitopsmith.finding import Location, Route
from gitopsmith.manifest import MERGE_KEYS, Charted, Resource, get
from gitopsmith.positions import values
from gitopsmith.positions.matching import as_text, same
from gitopsmith.positions.values import PATH, Found, Placed
from gitopsmith.tree import Tree

_TO_YAML = re.compile(rf"\{{\{{-?\s*toYaml\s+(?:{PATH}|\.)\s*\|\s*n?indent\s+\d+\s*-?\}}\}}")
_WITH = re.compile(rf"\{{\{{-?\s*with\s+{PATH}\s*-?\}}\}}")
_BLOCK_CODE = re.compile(r"\{\{-?\s*(?:end|range|with|define|block)\b")
_ELEMENT = re.compile(r"(?:- +)+(?P<value>.*)$")
_COMMENTED = re.compile(r"\s+#.*$")
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


class Written(NamedTuple):
    """Where a field of a chart's object is written: in the template, or in the values that fill it."""

    location: Location
    writer: str
    exact: bool


def find(tree: Tree, resource: Resource, route: Route, placed: Placed) -> Written:
    """Returns the place of a field of a chart's object, or of what is nearest to it.

    That is the value that fills the field, else its line in the template, else the nearest one above it, else who asks
    for the chart. ``placed`` tells where the latter's fields are written.
    """
    path, asked = resource.origin.path, resource.origin.asked
    data = tree.data(path) if path and tree.kind(path) == "file" else None
    if data is None or asked is None:
        return Written(asked.location if asked is not None else Location(path), "chart", exact=False)
    text = data.decode("utf-8", "replace")
    block, taken = _followed(_document(_lines(text), resource), resource, route)
    value = get(resource.body, *route)
    if not isinstance(value, dict | list):
        if _is_own(asked.chart, path):
            filled = _filled(tree, asked, placed, text.splitlines(), block.head, route[taken:], value)
            if filled is not None:
                return Written(filled.location, "values", filled.exact)
        if taken == len(route) and (span := _literal(block.head, value)) is not None:
            start, end = span
            return Written(Location(path, block.head.number, start, block.head.number, end), "template", exact=True)
    head = block.head
    nearest = Location(path, head.number, head.indent + 1, head.number, head.indent + 1 + max(1, len(head.text)))
    return Written(nearest, "chart", exact=False)


def _followed(block: Block, resource: Resource, route: Route) -> tuple[Block, int]:
    """Walks a route in a template as far as it goes; returns where that is, and how many steps it took."""
    for taken, step in enumerate(route):
        below = _child(block, step, get(resource.body, *route[: taken + 1]))
        if below is None:
            return block, taken
        block = below
    return block, len(route)


def _filled(
    tree: Tree, asked: Charted, placed: Placed, lines: list[str], line: Line, rest: Route, rendered: Any
) -> Found | None:
    """Returns the value that fills a field from elsewhere: a scalar of its own, or part of one written whole."""
    match = _KEY.match(line.text) or _ELEMENT.match(line.text)
    if match is None:
        return None
    if not rest:
        return values.filling(tree, asked, placed, match["value"] or "", rendered)
    whole = _whole(lines, line.number, match["value"] or "")
    found = values.find(tree, asked, placed, (*whole, *rest)) if whole else None
    return found if found is not None and same(found.value, rendered) else None


def _whole(lines: list[str], number: int, written: str) -> tuple[str, ...]:
    """Returns the path of the value that ``toYaml`` writes below a key on a line, an empty one where none does."""
    after = written or next((line.strip() for line in lines[number:] if line.strip()), "")
    match = _TO_YAML.fullmatch(after)
    if match is None:
        return ()
    path = match["path"] or _with(lines, number)
    return tuple(path.split(".")) if path else ()


def _with(lines: list[str], number: int) -> str:
    """Returns what ``.`` means on a line: the value of the ``with`` that opens nearest above it."""
    for line in reversed(lines[: number - 1]):
        if (match := _WITH.search(line)) is not None:
            return match["path"]
        if _BLOCK_CODE.search(line):
            return ""
    return ""


def _literal(line: Line, rendered: Any) -> tuple[int, int] | None:
    """Returns the columns of a value that stands in a template as it is rendered, None where it does not."""
    match = _KEY.match(line.text) or _ELEMENT.match(line.text)
    written = _COMMENTED.sub("", (match["value"] or "").strip()) if match is not None else ""
    quoted = written[:1] in {"'", '"'} and written[:1] == written[-1:] and len(written) > 1
    if match is None or "{{" in written or as_text(rendered) != (written[1:-1] if quoted else written) or not written:
        return None
    start = line.indent + 1 + match.start("value")
    return start, start + len(written)


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
