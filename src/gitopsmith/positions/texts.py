"""The lines of a file, counted as the YAML reader counts them, and how the lines of its strings lie in them."""

from __future__ import annotations

import functools
import re

from gitopsmith.finding import Location
from gitopsmith.positions.pieces import Inset
from gitopsmith.tree import Tree

_BLOCK = re.compile(r"(?:[&!]\S*\s+)*([|>])[-+0-9]*\s*(?:#.*)?$")
_LINE_END = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")


@functools.lru_cache(maxsize=256)
def lines(tree: Tree, path: str) -> tuple[str, ...]:
    """Returns the lines of a YAML file without their ends."""
    return tuple(_LINE_END.split(tree.documents(path).text))


def inset_of(tree: Tree, place: Location, text: str) -> Inset | None:
    """Tells how a string's own lines lie in its file; None for one whose lines are folded or escaped."""
    around = lines(tree, place.path)
    if not 0 < place.line <= len(around):
        return None
    rest = around[place.line - 1][place.column - 1 :]
    block = _BLOCK.match(rest)
    if block is None:
        start = 1 if rest[:1] in {"'", '"'} else 0
        fits = "\n" not in text and rest[start : start + len(text)] == text
        return Inset(place.line - 1, place.column - 1 + start) if fits else None
    if block[1] == ">":
        return None
    for number, own in enumerate(text.split("\n")):
        if own.strip():
            raw = around[place.line + number] if place.line + number < len(around) else ""
            return Inset(place.line, len(raw) - len(own)) if raw.endswith(own) else None
    return None


def part_of(tree: Tree, place: Location, head: str) -> Location:
    """Returns the part of a quoted scalar on one line that follows its head, the whole where that cannot be told."""
    around = lines(tree, place.path)
    whole = around[place.line - 1] if 0 < place.line <= len(around) else ""
    start, quote = place.column, whole[place.column - 1 : place.column]
    if place.line != place.end_line or quote not in {"'", '"'} or not whole.startswith(head, start):
        return place
    return place._replace(column=start + len(head) + 1, end_column=place.end_column - 1)
