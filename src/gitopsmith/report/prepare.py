"""Makes a report safe to write down: sorted, in plain Unicode, and without the value of any secret."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from gitopsmith.finding import Finding, Fix, Location, Note, ObjectName, Related, Replacement, Report, Suppressed
from gitopsmith.report import masking, secret_yaml
from gitopsmith.report.masking import MASK, Hidden

_EXCERPTS = (".yaml", ".yml", ".json", "Kustomization")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_TELLING = 6
"""From this length on a secret value is looked for in every message about its file; shorter ones are common words."""


class _Placed(NamedTuple):
    """Something hidden, with the lines that it begins and ends in, from 1."""

    first: int
    last: int
    piece: Hidden


class _Source(NamedTuple):
    """A file's text with its secrets hidden, what was hidden, and the values among that which are no common words."""

    text: str
    hidden: tuple[_Placed, ...]
    telling: frozenset[str]


def prepare(report: Report) -> Report:
    """Returns the report sorted, with secrets masked in texts and messages, and with no character that UTF-8 lacks."""
    findings = (*report.findings, *(entry.finding for entry in report.suppressed))
    marked = _marked(finding for finding in findings if finding.rule in report.secret_rules)
    sources = {path: _source(plain(text), marked.get(path, set())) for path, text in sorted(report.sources.items())}
    return replace(
        report,
        findings=tuple(sorted((_finding(finding, sources) for finding in report.findings), key=lambda f: f.order)),
        suppressed=tuple(sorted((_suppressed(entry, sources) for entry in report.suppressed), key=_order)),
        notes=tuple(sorted(_note(note, sources) for note in report.notes)),
        sources={plain(path): source.text for path, source in sources.items() if path.endswith(_EXCERPTS)},
    )


def plain(text: str) -> str:
    """Replaces what stands for bytes that are not UTF-8, so that the text can be encoded."""
    return _SURROGATE.sub("\ufffd", text)


def _order(entry: Suppressed) -> tuple[tuple[Location, str, str, str], str, str]:
    return (entry.finding.order, entry.how, entry.reason)


def _marked(findings: Iterable[Finding]) -> dict[str, set[int]]:
    """Returns the lines that findings about secrets point at, by path."""
    marked: dict[str, set[int]] = defaultdict(set)
    for finding in findings:
        for place in (finding.location, *(related.location for related in finding.related)):
            marked[place.path].update(range(place.line, max(place.end_line, place.line) + 1))
    return marked


def _source(text: str, marked: set[int]) -> _Source:
    exact = _placed(text, secret_yaml.hidden(text))
    covered = {line for first, last, _ in exact for line in range(first, last + 1)}
    whole = _placed(text, masking.hide_lines(text, marked))
    hidden = (*exact, *(placed for placed in whole if placed.first not in covered))
    telling = {value for value in masking.values(placed.piece for placed in hidden) if len(value) >= _TELLING}
    return _Source(masking.replaced(text, (placed.piece for placed in hidden)), hidden, frozenset(telling))


def _placed(text: str, pieces: Iterable[Hidden]) -> tuple[_Placed, ...]:
    line, position, out = 1, 0, []
    for piece in sorted(pieces):
        line += len(masking.LINE_END.findall(text, position, piece.start))
        position = piece.start
        out.append(_Placed(line, line + len(masking.LINE_END.findall(text, piece.start, piece.end)), piece))
    return tuple(out)


def _finding(finding: Finding, sources: dict[str, _Source]) -> Finding:
    places = (finding.location, *(related.location for related in finding.related))
    values = _known(places, sources, whole_file=finding.object is None or "Secret" in finding.object.kind)
    return replace(
        finding,
        message=_redacted(finding.message, values),
        help=_redacted(finding.help, values),
        location=_location(finding.location),
        object=ObjectName(*map(plain, finding.object)) if finding.object else None,
        source=plain(finding.source),
        pointer=plain(finding.pointer),
        applications=tuple(map(plain, finding.applications)),
        related=tuple(Related(_location(place), _redacted(text, values)) for place, text in finding.related),
        fix=_fix(finding.fix, sources, values),
    )


def _fix(fix: Fix | None, sources: dict[str, _Source], values: Iterable[str]) -> Fix | None:
    """Leaves out the text of a fix that reaches over something hidden, or would show it."""
    if fix is None:
        return None
    places = tuple(each.location for each in fix.replacements)
    hidden = _known(places, sources, whole_file=False) or any(
        secret_yaml.mask(text) != text or _redacted(text, values) != text for _, text in fix.replacements
    )
    shown = tuple(Replacement(place._replace(path=plain(place.path)), plain(text)) for place, text in fix.replacements)
    return fix._replace(description=_redacted(fix.description, values), replacements=() if hidden else shown)


def _suppressed(entry: Suppressed, sources: dict[str, _Source]) -> Suppressed:
    values = _known((entry.finding.location,), sources)
    return Suppressed(_finding(entry.finding, sources), _redacted(entry.reason, values), plain(entry.how))


def _note(note: Note, sources: dict[str, _Source]) -> Note:
    values = _known((Location(note.path),), sources)
    return replace(note, message=_redacted(note.message, values), path=plain(note.path))


def _location(place: Location) -> Location:
    """Mends a place so that it is one: everything from 1, and the end not before the start."""
    path, line, column = plain(place.path), max(place.line, 1), max(place.column, 1)
    end_line, end_column = max(place.end_line, line), max(place.end_column, 1)
    return Location(path, line, column, end_line, end_column if end_line > line else max(end_column, column + 1))


def _known(places: Iterable[Location], sources: dict[str, _Source], *, whole_file: bool = True) -> frozenset[str]:
    """Returns the secret values that a message about some places could hold: those in its lines, or in its files."""
    known: set[str] = set()
    for place in places:
        if source := sources.get(place.path):
            last = max(place.end_line, place.line)
            known |= masking.values(
                near.piece for near in source.hidden if near.first <= last and place.line <= near.last
            )
            known |= source.telling if whole_file else set()
    return frozenset(known)


def _redacted(message: str, values: Iterable[str]) -> str:
    message = plain(message)
    for value in sorted(values, key=lambda value: (-len(value), value)):
        if value in message:
            escaped = re.escape(value)
            message = re.sub(escaped if len(value) >= _TELLING else rf"(?<!\w){escaped}(?!\w)", MASK, message)
    return message
