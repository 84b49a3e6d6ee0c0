"""The lines of a file, counted as the YAML reader counts them."""

from __future__ import annotations

import functools
import re

from gitopsmith.finding import Location
from gitopsmith.tree import Tree

_LINE_END = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")


@functools.lru_cache(maxsize=256)
def lines(tree: Tree, path: str) -> tuple[str, ...]:
    """Returns the lines of a YAML file without their ends."""
    return tuple(_LINE_END.split(tree.documents(path).text))


def line(tree: Tree, place: Location) -> str:
    """Returns the line that a place begins in, an empty one when the file has no such line."""
    found = lines(tree, place.path)
    return found[place.line - 1] if 0 < place.line <= len(found) else ""
