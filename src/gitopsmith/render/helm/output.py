"""Cuts what helm printed into objects that know their template."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from gitopsmith import documents
from gitopsmith.manifest import Origin, sequence, text
from gitopsmith.render import Rendered

_SOURCE = re.compile(r"^# Source: (?P<path>[^\n]+)$", re.MULTILINE)
_LIST = re.compile(r"^\"?kind\"?:\s*[\"']?\w*List\b", re.MULTILINE)


def objects(printed: str, entry: str | None) -> tuple[Rendered, ...]:
    """Returns the objects in helm's order; lists are opened, as Argo CD opens them.

    ``entry`` is the chart's folder relative to the root, None for a chart that is not in this repository. A file of
    definitions is printed whole under one comment, so that the last template named holds for what follows.
    """
    found: list[Rendered] = []
    origin = Origin(remote=entry is None)
    for piece in documents.split(printed):
        match = _SOURCE.search(piece)
        if match is not None:
            origin = _origin(match["path"].strip(), entry)
        body = piece.removeprefix("---\n")
        if any(line.strip() and not line.startswith("#") for line in body.splitlines()):
            found += [Rendered(each, origin) for each in _opened(body)]
    return tuple(found)


def _origin(source: str, entry: str | None) -> Origin:
    inside = source.partition("/")[2]
    if entry is None:
        return Origin(remote=True)
    return Origin(path=f"{entry}/{inside}" if entry else inside)


def _opened(piece: str) -> Iterator[str]:
    if not _LIST.search(piece):
        yield piece
        return
    body = documents.load(piece)
    if text(body, "kind").endswith("List") and isinstance(body.get("items"), list):
        yield from (json.dumps(item) for item in sequence(body, "items"))
    else:
        yield piece
