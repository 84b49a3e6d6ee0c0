"""Changes to lines that mean the same afterwards: comments, and keys that stand twice with one value."""

from __future__ import annotations

import itertools
import re

from gitopsmith import documents
from gitopsmith.documents import Documents
from gitopsmith.edit.proving import same
from gitopsmith.edit.source import line_starts
from gitopsmith.finding import Failure

_INDENT = re.compile(r" *")
_NOTHING = re.compile(r"\s*(#.*)?\Z")


def rewrite(text: str, line: int, old: str, new: str, *, path: str = "") -> str:
    """Returns the text with other words in a comment of one line, from 1; a comment without any words is gone.

    Raises Failure where the words are not there, or are more than a comment.
    """
    lines = _lines(text)
    written = lines[line - 1] if 0 < line <= len(lines) else ""
    if written.count(old) != 1:
        raise Failure(f"{path}:{line}: this comment reads otherwise by now; make this change by hand")
    changed = written.replace(old, new)
    bare = changed.rstrip("\r\n")
    kept = changed if new else bare.rstrip() + changed[len(bare) :] if bare.strip() else ""
    after = "".join((*lines[: line - 1], kept, *lines[line:]))
    if _read(after)[:2] != _read(text)[:2]:
        raise Failure(f"{path}:{line}: this is more than a comment; make this change by hand")
    return after


def deduplicate(text: str, line: int, *, path: str = "") -> str:
    """Returns the text without the key in one line, from 1, that stands in its map a second time.

    Raises Failure where the two do not say the same, or share their lines with something else.
    """
    lines = _lines(text)
    end = _end(lines, line - 1)
    after = "".join((*lines[: line - 1], *lines[end:]))
    before, found = documents.read(_bytes(text)), documents.read(_bytes(after))
    if len(found.problems) != len(before.problems) - 1 or not same(_bodies(found), _bodies(before)):
        raise Failure(f"{path}:{line}: the two differ, or cannot be told apart; decide by hand which one is meant")
    return after


def _end(lines: list[str], at: int) -> int:
    """Returns the index of the line behind a key and all that is below it."""
    indent = _indent(lines[at]) if at < len(lines) else 0
    end = last = at + 1
    while end < len(lines) and (not lines[end].strip() or _is_below(lines[end], indent)):
        end += 1
        last = last if _NOTHING.match(lines[end - 1]) else end
    return last


def _is_below(line: str, indent: int) -> bool:
    return _indent(line) > indent or (_indent(line) == indent and line.lstrip().startswith("- "))


def _indent(line: str) -> int:
    match = _INDENT.match(line)
    return match.end() if match else 0


def _lines(text: str) -> list[str]:
    starts = (*line_starts(text), len(text))
    return [text[start:end] for start, end in itertools.pairwise(starts) if start < end]


def _read(text: str) -> tuple[str, int, Documents]:
    found = documents.read(_bytes(text))
    return repr(_bodies(found)), len(found.problems), found


def _bodies(found: Documents) -> list[object]:
    return [one.body for one in found.documents]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
