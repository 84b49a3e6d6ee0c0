"""Cuts the bytes of a file into the pieces of text that Kubernetes reads one by one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from gitopsmith.documents import lines
from gitopsmith.documents.document import Problem

_BINARY_PROBE = 8192
BINARY = Problem("yaml-syntax", "this is a binary file, not YAML", 1, 1, 1, 2)


def decode(data: bytes) -> tuple[str, Problem | None]:
    """Returns the text, in which a byte that is not UTF-8 is a lone surrogate, and what forbids to read any of it."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        message = "this is UTF-16, which Kubernetes stumbles over; save the file as UTF-8"
        return data.decode("utf-16", "replace"), Problem("yaml-syntax", message, 1, 1, 1, 2)
    try:
        return data.decode("utf-8-sig"), None
    except UnicodeDecodeError:
        if has_zero_bytes(data):
            return "", BINARY
    return data.decode("utf-8-sig", "surrogateescape"), None


def has_zero_bytes(data: bytes) -> bool:
    """Tells whether a file begins like one that is no text."""
    return b"\0" in data[:_BINARY_PROBE]


def split(text: str) -> list[str]:
    """Cuts a text at its document markers; the markers stay at the head of their piece."""
    cuts = [0, *_markers(text), len(text)]
    return [text[a:b] for a, b in itertools.pairwise(cuts) if b > a]


def pieces(text: str) -> Iterator[tuple[str, int, Problem | None]]:
    """Yields the text between two markers, its first line's number from 0, and what is wrong with the marker before it.

    The rules are those of Kubernetes' ``YAMLReader``, which kustomize's ``ByteReader`` shares: any line that begins
    with ``---`` ends a document, only a comment may follow on it, and the last line ends even where its end is missing.
    """
    line = 0
    before = False
    for piece in split(text):
        problem = None
        if piece.startswith("---"):
            marker, _, rest = piece.partition("\n")
            problem = _marker_problem(marker, line)
            if before:
                piece = rest
                line += 1
        before = piece != ""
        yield piece if piece.endswith("\n") else piece + "\n", line, problem
        line += lines.count(piece)


def _markers(text: str) -> Iterator[int]:
    """Yields where the lines that begin with ``---`` start, but not the first line of all."""
    at = text.find("\n---")
    while at >= 0:
        yield at + 1
        at = text.find("\n---", at + 1)


def _marker_problem(marker: str, line: int) -> Problem | None:
    said = marker[3:].strip()
    if not said or said.startswith("#"):
        return None
    message = f"only a comment may follow on a line that begins with '---', not {said[:40]!r}; put it on the next line"
    return Problem("yaml-syntax", message, line + 1, 1, line + 1, len(marker.rstrip()) + 1)
