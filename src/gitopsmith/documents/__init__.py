"""Reads YAML text as Kubernetes does, keeping the place of every key and value.

Kubernetes reads YAML with ``sigs.k8s.io/yaml``, whose parser descends from the same C code as libyaml; what differs is
which plain words become numbers, booleans and nulls, and how merges, anchors and duplicate keys behave. Those rules are
go-yaml v2's ``resolve.go`` and ``decode.go``. Bodies are plain dict, list, str, int, float, bool and None, because the
schema validator refuses subclasses; positions lie beside them.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from yaml import MarkedYAMLError, YAMLError
from yaml.reader import ReaderError

from gitopsmith.documents.builder import MAX_DEPTH, Builder, Duplicate, Rejected
from gitopsmith.finding import Location, Route

__all__ = ["MAX_DEPTH", "Document", "Documents", "Mark", "Problem", "is_template", "load", "read", "split"]

_LINE_END = re.compile(r"\r\n|\n|\r")
_DOLLAR_NAME = re.compile(r"\$\{[A-Za-z_]")
_STRANGE_LINE_END = re.compile("[\x85\u2028\u2029]")
_STRAY_BYTE_ORDER_MARK = re.compile("[\n\r\x85\u2028\u2029]\ufeff")
_FOREIGN_BYTE = re.compile("[\udc80-\udcff]")
_BINARY_PROBE = 8192
_ESCAPED_QUOTES = 100


class Mark(NamedTuple):
    """A place in one document's text, as libyaml counts: everything from 0."""

    offset: int
    line: int
    column: int


class Problem(NamedTuple):
    """Why a text is not the YAML that its author meant. Line and column from 1."""

    rule: str
    message: str
    line: int
    column: int
    end_line: int
    end_column: int
    first_line: int = 0
    """Where a duplicate key stood the first time."""

    def location(self, path: str) -> Location:
        return Location(path, self.line, self.column, self.end_line, self.end_column)


_BINARY = Problem("yaml-syntax", "this is a binary file, not YAML", 1, 1, 1, 2)


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document. ``line`` is that of its first character, from 0; ``index`` counts documents in the file."""

    body: Any
    positions: dict[int, Any]
    start: Mark
    line: int
    index: int

    def location(self, path: str, route: Route = (), *, key: bool = False) -> Location:
        """Returns the span of the value at a route, or of its key when it is a map, a list, or ``key`` is asked for.

        A route that leads nowhere gives its nearest existing ancestor.
        """
        entry: tuple[Any, ...] | None = None
        body = self.body
        for step in route:
            places = self.positions.get(id(body))
            try:
                entry = places[step]  # type: ignore[index]
                body = body[step]
            except (KeyError, IndexError, TypeError):
                break
        if entry is None:
            return Location(
                path, self.line + self.start.line + 1, self.start.column + 1, self.line + self.start.line + 1,
                self.start.column + 2,
            )  # fmt: skip
        key_start, key_end, value_start, value_end = entry
        start, end = (value_start, value_end) if value_end is not None and not key else (key_start, key_end)
        return Location(
            path, self.line + start.line + 1, start.column + 1, self.line + end.line + 1, max(end.column, 0) + 1
        )

    def has(self, route: Route) -> bool:
        """Tells whether the document itself holds the field, even when its value is null."""
        body = self.body
        for step in route:
            try:
                body = body[step]
            except (KeyError, IndexError, TypeError):
                return False
        return True


class Documents(NamedTuple):
    """What one file holds: its documents that could be read, and the problems of those that could not."""

    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]
    text: str


def read(data: bytes) -> Documents:
    """Reads all documents of a file; one that is broken becomes a problem and leaves the others alone.

    Text that begins with a brace and is JSON is taken, as Kubernetes does, even where it is no YAML; it has no places.
    """
    text, problem = _decode(data)
    if problem is not None:
        return Documents((), (problem,), text)
    documents: list[Document] = []
    problems: list[Problem] = []
    for piece, line, problem in _pieces(text):
        if problem is not None:
            problems.append(problem)
        _read_piece(piece, line, documents, problems)
    if not documents and b"\0" in data[:_BINARY_PROBE]:
        return Documents((), (_BINARY,), "")
    if problems and text.lstrip().startswith("{"):
        bodies = _json(text)
        if bodies:
            start = Mark(0, 0, 0)
            documents = [Document(body, {}, start, 0, index) for index, body in enumerate(bodies)]
            problems = []
    return Documents(tuple(documents), tuple(problems), _printable(text))


def load(text: str) -> Any:
    """Returns the body of a text that holds one document, without asking where anything stands."""
    documents = read(text.encode("utf-8", "surrogateescape")).documents
    return documents[0].body if documents else None


def split(text: str) -> list[str]:
    """Cuts a text at its document markers; the markers stay at the head of their piece."""
    cuts = [0, *_markers(text), len(text)]
    return [text[a:b] for a, b in itertools.pairwise(cuts) if b > a]


def is_template(text: str) -> bool:
    """Tells whether a text is meant to be filled in before it is YAML: Go, Helm or Jinja braces, or ``${NAME}``."""
    return "{{" in text or "{%" in text or _DOLLAR_NAME.search(text) is not None


def _decode(data: bytes) -> tuple[str, Problem | None]:
    """Returns the text, in which a byte that is not UTF-8 is a lone surrogate, and what forbids to read any of it."""
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        message = "this is UTF-16, which Kubernetes stumbles over; save the file as UTF-8"
        return data.decode("utf-16", "replace"), Problem("yaml-syntax", message, 1, 1, 1, 2)
    try:
        return data.decode("utf-8-sig"), None
    except UnicodeDecodeError:
        if b"\0" in data[:_BINARY_PROBE]:
            return "", _BINARY
    return data.decode("utf-8-sig", "surrogateescape"), None


def _printable(text: str) -> str:
    return text if text.isascii() else _FOREIGN_BYTE.sub("\ufffd", text)


def _markers(text: str) -> Iterator[int]:
    """Yields where the lines that begin with ``---`` start, but not the first line of all."""
    at = text.find("\n---")
    while at >= 0:
        yield at + 1
        at = text.find("\n---", at + 1)


def _pieces(text: str) -> Iterator[tuple[str, int, Problem | None]]:
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
        line += _count_lines(piece)


def _marker_problem(marker: str, line: int) -> Problem | None:
    said = marker[3:].strip()
    if not said or said.startswith("#"):
        return None
    message = f"only a comment may follow on a line that begins with '---', not {said[:40]!r}; put it on the next line"
    return Problem("yaml-syntax", message, line + 1, 1, line + 1, len(marker.rstrip()) + 1)


def _read_piece(piece: str, line: int, documents: list[Document], problems: list[Problem]) -> None:
    refused = _refused(piece)
    if refused is not None:
        message, offset = refused
        problems.append(_problem(message, _at(offset, piece), line, piece))
        return
    try:
        builder, body, start = _build(piece)
    except Rejected as error:
        problems.append(_problem(str(error), error.mark, line, piece))
        return
    except YAMLError as error:
        problems.append(_syntax(error, line, piece))
        return
    if body is not None:
        positions = _recount(builder.positions, piece) if _has_strange_lines(piece) else builder.positions
        documents.append(Document(body, positions, _mark(start, piece), line, len(documents)))
    problems += [_duplicate(duplicate, line, piece) for duplicate in builder.duplicates]
    problems += _rest(builder, line, piece)


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
    for _ in range(_ESCAPED_QUOTES):
        builder = Builder(piece)
        try:
            body, start = builder.document()
        except MarkedYAMLError as error:
            at = error.problem_mark.index if error.problem_mark else 0
            if error.problem != "found unknown escape character" or piece[at : at + 2] != "\\'":
                raise
            piece = f"{piece[:at]}\\x27{piece[at + 2 :]}"
        else:
            return builder, body, start
    return builder, *Builder(piece).document()


def _rest(builder: Builder, line: int, piece: str) -> list[Problem]:
    message = "nothing is read from here on, since the document has ended; begin the next one with '---'"
    try:
        mark = builder.rest()
    except YAMLError as error:
        return [_problem(message, getattr(error, "problem_mark", None), line, piece)]
    return [] if mark is None else [_problem(message, mark, line, piece)]


def _syntax(error: YAMLError, line: int, piece: str) -> Problem:
    if isinstance(error, ReaderError):
        before = piece.encode("utf-8")[: error.position].decode("utf-8", "ignore")
        return _problem(f"{error.reason}: U+{error.character:04X}", _at(len(before), piece), line, piece)
    message = getattr(error, "problem", None) or str(error).splitlines()[0]
    context = getattr(error, "context", None)
    return _problem(f"{message} {context}" if context else message, getattr(error, "problem_mark", None), line, piece)


def _problem(message: str, found: Any, line: int, piece: str) -> Problem:
    if "{{" in piece and message.startswith(("did not find expected", "a key must not be")):
        message += "; the file looks like a template that must be filled in first"
    mark = _mark(found, piece)
    row, column = mark.line + line + 1, mark.column + 1
    return Problem("yaml-syntax", message, row, column, row, column + 1)


def _duplicate(duplicate: Duplicate, line: int, piece: str) -> Problem:
    start, end, first = (_mark(mark, piece) for mark in duplicate[1:])
    row = first.line + line + 1
    message = f"key {duplicate.key!r} stands twice in this map; the first, in line {row}, is silently lost"
    return Problem(
        "yaml-duplicate-key", message, start.line + line + 1, start.column + 1, end.line + line + 1, end.column + 1, row
    )  # fmt: skip


def _count_lines(text: str) -> int:
    lone = text.count("\r") - text.count("\r\n") if "\r" in text else 0
    return text.count("\n") + lone


def _has_strange_lines(piece: str) -> bool:
    """Tells whether libyaml counts lines that neither editors nor git count: after NEL, LS and PS."""
    return not piece.isascii() and _STRANGE_LINE_END.search(piece) is not None


def _mark(mark: Any, piece: str) -> Mark:
    if mark is None:
        return Mark(0, 0, 0)
    if isinstance(mark, Mark):
        return mark
    if not _has_strange_lines(piece):
        return Mark(mark.index, mark.line, mark.column)
    return _at(mark.index, piece)


def _at(offset: int, piece: str) -> Mark:
    ends = [match.end() for match in _LINE_END.finditer(piece, 0, offset)]
    return Mark(offset, len(ends), offset - (ends[-1] if ends else 0))


def _recount(positions: dict[int, Any], piece: str) -> dict[int, Any]:
    def moved(entry: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(None if mark is None else _mark(mark, piece) for mark in entry)

    return {
        body: {key: moved(entry) for key, entry in places.items()}
        if isinstance(places, dict)
        else [*map(moved, places)]
        for body, places in positions.items()
    }


def _json(text: str) -> list[Any]:
    """Returns the bodies in a stream of JSON, none when the text is anything else."""
    decoder = json.JSONDecoder(parse_constant=_no_constant)
    bodies = []
    rest = text.strip()
    try:
        while rest:
            body, end = decoder.raw_decode(rest)
            bodies += [] if body is None else [body]
            rest = rest[end:].lstrip()
    except (ValueError, RecursionError):
        return []
    return bodies


def _no_constant(name: str) -> Any:
    raise ValueError(name)
