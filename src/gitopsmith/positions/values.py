"""Finds the value that fills a field of a chart's template, where there is no doubt which one it is.

A field is followed only when its line holds plain references to values and nothing else that is computed, and when the
values that the files give make exactly what was rendered.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from gitopsmith import documents
from gitopsmith.finding import Location
from gitopsmith.manifest import Charted, get
from gitopsmith.tree import Tree, join

_REFERENCE = re.compile(
    r"\{\{-?\s*\.Values\.(?P<path>\w+(?:\.\w+)*)(?:\s*\|\s*(?:quote|squote|toString|trim))*\s*-?\}\}"
)


class Found(NamedTuple):
    """A value, and where it is written."""

    value: Any
    location: Location


def location(tree: Tree, asked: Charted, written: str, rendered: Any) -> Location | None:
    """Returns where the value is written that a template's text takes, None where that is not sure.

    Of several in one text, the last one is what tells a version: ``{{ .Values.repository }}:{{ .Values.tag }}``.
    """
    pieces = [_find(tree, asked, tuple(match["path"].split("."))) for match in _REFERENCE.finditer(written)]
    found = [piece for piece in pieces if piece is not None]
    if not found or len(found) != len(pieces):
        return None
    values = iter(found)
    made = _REFERENCE.sub(lambda _: _text(next(values).value), written)
    return found[-1].location if made.strip("\"' ") == _text(rendered) else None


def _find(tree: Tree, asked: Charted, keys: tuple[str, ...]) -> Found | None:
    """Returns what wins for a value: the Application's own values, then its files from the last to the chart's own."""
    dotted = ".".join(keys)
    if any(f"{name}.".startswith(f"{dotted}.") or f"{dotted}.".startswith(f"{name}.") for name in asked.parameters):
        return None
    inline = get(documents.load(asked.inline), *keys) if asked.inline else None
    if inline is not None:
        return Found(inline, asked.location)
    for path in (*reversed(asked.files), join(asked.chart, "values.yaml")):
        read = tree.documents(path).documents
        value = get(read[0].body, *keys) if read else None
        if value is not None:
            return Found(value, read[0].location(path, keys)) if not isinstance(value, dict | list) else None
    return None


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
