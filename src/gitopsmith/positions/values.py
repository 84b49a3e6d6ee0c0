"""Finds the value that fills a field of a chart's template, where there is no doubt which one it is.

A field is followed only when its text holds plain references to values and nothing else that is computed, and when the
values that are given make exactly what was rendered.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from gitopsmith import documents
from gitopsmith.finding import Location, Route
from gitopsmith.manifest import Charted, get, items, text
from gitopsmith.positions.texts import inset_of
from gitopsmith.tree import Tree, join

Placed = Callable[[Route], Location | None]
"""Tells where a field of the source that asks for the chart is written, None where that is not sure."""
PATH = r"\$?\.Values\.(?P<path>\w+(?:\.\w+)*)"
_REFERENCE = re.compile(
    r"\{\{-?\s*" + PATH + r"(?:\s*\|\s*(?:quote|squote|toString|trim|default\s+(?:\"[^\"]*\"|[^\s|}]+)))*\s*-?\}\}"
)


class Found(NamedTuple):
    """A value, and where it is written; ``exact`` is False where only something near it could be named."""

    value: Any
    location: Location
    exact: bool = True


def filling(tree: Tree, asked: Charted, placed: Placed, written: str, rendered: Any) -> Found | None:
    """Returns the value that a template's text takes, None where that is not sure.

    Of several in one text, the last one is what tells a version: ``{{ .Values.repository }}:{{ .Values.tag }}``.
    """
    pieces = [find(tree, asked, placed, tuple(match["path"].split("."))) for match in _REFERENCE.finditer(written)]
    found = [piece for piece in pieces if piece is not None]
    if not found or len(found) != len(pieces):
        return None
    values = iter(found)
    made = _REFERENCE.sub(lambda _: _text(next(values).value), written)
    return found[-1] if made.strip("\"' ") == _text(rendered) else None


def find(tree: Tree, asked: Charted, placed: Placed, keys: Route) -> Found | None:
    """Returns the scalar that wins: a parameter, else one of the Application itself, of its files, of the chart."""
    dotted = ".".join(map(str, keys))
    touched = [name for name in asked.parameters if _overlap(name, dotted)]
    if touched:
        return _parameter(asked, placed, dotted) if touched == [dotted] else None
    inline = get(documents.load(asked.inline), *keys) if asked.inline else None
    if inline is not None:
        return _inline(tree, asked, placed, keys, inline)
    for path in (*reversed(asked.files), join(asked.chart, "values.yaml")):
        read = tree.documents(path).documents
        value = get(read[0].body, *keys) if read else None
        if value is not None:
            return Found(value, read[0].location(path, keys)) if not isinstance(value, dict | list) else None
    return None


def _overlap(name: str, dotted: str) -> bool:
    """Tells whether a parameter sets a value, something within it or something around it."""
    plain = re.sub(r"\[(\d+)\]", r".\1", name)
    return f"{plain}.".startswith(f"{dotted}.") or f"{dotted}.".startswith(f"{plain}.")


def _parameter(asked: Charted, placed: Placed, name: str) -> Found | None:
    """Returns the last parameter of a name: it wins."""
    block = asked.body
    found = [(route, item) for route, item in items(block, "helm", "parameters") if text(item, "name") == name]
    if not found or not isinstance(found[-1][1].get("value"), str):
        return None
    route, item = found[-1]
    location = placed((*route, "value"))
    return Found(item["value"], location or asked.location, location is not None)


def _inline(tree: Tree, asked: Charted, placed: Placed, keys: Route, value: Any) -> Found | None:
    if isinstance(value, dict | list):
        return None
    location = None
    if get(asked.body, "helm", "valuesObject", *keys) == value:
        location = placed(("helm", "valuesObject", *keys))
    elif text(asked.body, "helm", "values") == asked.inline:
        location = _within(tree, placed(("helm", "values")), asked.inline, keys)
    return Found(value, location or asked.location, location is not None)


def _within(tree: Tree, whole: Location | None, inline: str, keys: Route) -> Location | None:
    """Returns the place of a value in the values that are a string of a manifest."""
    inset = inset_of(tree, whole, inline) if whole is not None else None
    read = documents.read(inline.encode("utf-8", "surrogateescape")).documents
    return inset.shift(read[0].location(whole.path, keys)) if whole and inset and read else None


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
