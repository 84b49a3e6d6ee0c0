"""Reads the documents of a file, each on its own."""

from __future__ import annotations

import json
import re
from typing import Any

from yaml import MarkedYAMLError, YAMLError
from yaml.reader import ReaderError

from gitopsmith.documents.builder import Builder, Duplicate, Rejected
from gitopsmith.documents.document import Document, Documents, Mark, Problem
from gitopsmith.documents.lines import Lines
from gitopsmith.documents.pieces import BINARY, decode, has_zero_bytes, pieces

_STRAY_BYTE_ORDER_MARK = re.compile("[\n\r\x85\u2028\u2029]\ufeff")
_FOREIGN_BYTE = re.compile("[\udc80-\udcff]")
_DOLLAR_NAME = re.compile(r"\$\{[A-Za-z_]")
_SPACE = re.compile(r"\s*")
_MOST_PARSED_AGAIN = 5_000_000
"""Characters that may be parsed once more for the sake of escapes that libyaml does not know."""


def read(data: bytes) -> Documents:
    """Reads all documents of a file; one that is broken becomes a problem and leaves the others alone.

    Text that begins with a brace and is JSON is taken, as Kubernetes does, even where it is no YAML; it has no places.
    """
    text, problem = decode(data)
    if problem is not None:
        return Documents((), (problem,), text)
    documents: list[Document] = []
    problems: list[Problem] = []
    for piece, line, problem in pieces(text):
        if problem is not None:
            problems.append(problem)
        _read_piece(Lines(piece, line), documents, problems)
    if not documents and has_zero_bytes(data):
        return Documents((), (BINARY,), "")
    if problems and text.lstrip().startswith("{"):
        bodies = _json(text)
        if bodies:
            start = Mark(0, 0, 0)
            return Documents(
                tuple(Document(body, {}, start, 0, n) for n, body in enumerate(bodies)), (), _printable(text)
            )
    return Documents(tuple(documents), tuple(problems), _printable(text))


def load(text: str) -> Any:
    """Returns the body of a text that holds one document, without asking where anything stands."""
    documents = read(text.encode("utf-8", "surrogateescape")).documents
    return documents[0].body if documents else None


def is_template(text: str) -> bool:
    """Tells whether a text is meant to be filled in before it is YAML: Go, Helm or Jinja braces, or ``${NAME}``."""
    return "{{" in text or "{%" in text or _DOLLAR_NAME.search(text) is not None


def _read_piece(lines: Lines, documents: list[Document], problems: list[Problem]) -> None:
    refused = _refused(lines.text)
    if refused is not None:
        message, offset = refused
        problems.append(_problem(message, lines.at(offset), lines))
        return
    try:
        builder, body, start = _build(lines.text)
    except Rejected as error:
        problems.append(_problem(str(error), lines.mark(error.mark), lines))
        return
    except YAMLError as error:
        problems.append(_syntax(error, lines))
        return
    if body is not None:
        positions = lines.positions(builder.positions)
        documents.append(Document(body, positions, lines.mark(start), lines.first, len(documents)))
    problems += [_duplicate(duplicate, lines) for duplicate in builder.duplicates]
    problems += _rest(builder, lines)


def _refused(piece: str) -> tuple[str, int] | None:
    """Returns why libyaml must not see a piece, and where."""
    if piece.isascii():
        return None
    stray = _STRAY_BYTE_ORDER_MARK.search(piece)
    if stray is not None:
        return "a byte order mark in the middle of a file; delete it", stray.end() - 1
    foreign = _FOREIGN_BYTE.search(piece)
    if foreign is not None:
        return f"byte 0x{ord(foreign[0]) - 0xDC00:02x} is not UTF-8; save the file as UTF-8", foreign.start()
    return None


def _build(piece: str) -> tuple[Builder, Any, Any]:
    r"""Returns the builder of a piece, its body and the mark of its start.

    Where libyaml stumbles over ``\'`` in double quotes, which go-yaml takes, the quote is spelled as libyaml wants it.
    """
    for _ in range(_MOST_PARSED_AGAIN // (len(piece) + 1)):
        builder = Builder(piece)
        try:
            return builder, *builder.document()
        except MarkedYAMLError as error:
            at = error.problem_mark.index if error.problem_mark else 0
            if error.problem != "found unknown escape character" or piece[at : at + 2] != "\\'":
                raise
            piece = f"{piece[:at]}\\x27{piece[at + 2 :]}"
    builder = Builder(piece)
    return builder, *builder.document()


def _rest(builder: Builder, lines: Lines) -> list[Problem]:
    message = "nothing is read from here on, since the document has ended; begin the next one with '---'"
    try:
        mark = builder.rest()
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
    else:
        if mark is None:
            return []
    return [_problem(message, lines.mark(mark), lines)]


def _syntax(error: YAMLError, lines: Lines) -> Problem:
    if isinstance(error, ReaderError):
        before = lines.text.encode("utf-8")[: error.position].decode("utf-8", "ignore")
        return _problem(f"{error.reason}: U+{error.character:04X}", lines.at(len(before)), lines)
    message = getattr(error, "problem", None) or str(error).splitlines()[0]
    context = getattr(error, "context", None)
    mark = lines.mark(getattr(error, "problem_mark", None))
    return _problem(f"{message} {context}" if context else message, mark, lines)


def _problem(message: str, mark: Mark, lines: Lines) -> Problem:
    if "{{" in lines.text and message.startswith(("did not find expected", "a key must not be")):
        message += "; the file looks like a template that must be filled in first"
    row, column = mark.line + lines.first + 1, mark.column + 1
    return Problem("yaml-syntax", message, row, column, row, column + 1)


def _duplicate(duplicate: Duplicate, lines: Lines) -> Problem:
    start, end, first = (lines.mark(mark) for mark in duplicate[1:])
    row, end_row, first_row = (mark.line + lines.first + 1 for mark in (start, end, first))
    message = f"key {duplicate.key!r} stands twice in this map; the first, in line {first_row}, is silently lost"
    return Problem("yaml-duplicate-key", message, row, start.column + 1, end_row, end.column + 1, first_row)


def _printable(text: str) -> str:
    return text if text.isascii() else _FOREIGN_BYTE.sub("\ufffd", text)


def _json(text: str) -> list[Any]:
    """Returns the bodies in a stream of JSON, none when the text is anything else."""
    decoder = json.JSONDecoder(parse_constant=_no_constant)
    bodies = []
    at = _after_space(text, 0)
    try:
        while at < len(text):
            body, at = decoder.raw_decode(text, at)
            bodies += [] if body is None else [body]
            at = _after_space(text, at)
    except (ValueError, RecursionError):
        return []
    return bodies


def _after_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _no_constant(name: str) -> Any:
    raise ValueError(name)
