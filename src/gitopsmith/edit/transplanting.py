"""Gives one YAML text a field of the top as another text has it, with its comments and its way of writing."""

from __future__ import annotations

from gitopsmith import documents
from gitopsmith.edit.places import newline
from gitopsmith.edit.source import Source, line_starts
from gitopsmith.finding import Failure


def transplant(text: str, key: str, other: str, *, path: str = "") -> str:
    """Returns the text with a field of its first document as the other text has it; without it where that has none.

    Raises Failure, with ``path``, where either is written so that no line of it can be taken for itself.
    """
    receiver, giver = _source(text, path), _source(other, path)
    start, end = _lines(receiver, key)
    block = giver.text[slice(*_lines(giver, key))]
    before = receiver.text[:start]
    gap = newline(text) if block and before and not before.endswith(("\n", "\r")) else ""
    after = before + gap + block + receiver.text[end:]
    wanted = {name: value for name, value in receiver.document.body.items() if name != key}
    wanted |= {key: giver.document.body[key]} if key in giver.document.body else {}
    found = documents.read(after.encode("utf-8", "surrogateescape"))
    if found.problems or [one.body for one in found.documents] != [wanted]:
        raise Failure(f"{path}: {key} cannot be put back as it is written; make this change by hand")
    return after


def _source(text: str, path: str) -> Source:
    found = documents.read(text.encode("utf-8", "surrogateescape"))
    if found.problems or len(found.documents) != 1 or not isinstance(found.documents[0].body, dict):
        raise Failure(f"{path}: this is not one map in YAML; make this change by hand")
    return Source(text, path, found.documents[0], line_starts(text))


def _lines(source: Source, key: str) -> tuple[int, int]:
    """Returns where the lines of a field begin and end; the end of the text, twice, where there is none."""
    if key not in source.document.body:
        return len(source.text), len(source.text)
    node = source.node((key,))
    return source.line_start(node.key), source.next_line(source.end(node))
