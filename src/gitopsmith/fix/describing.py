"""Tells fixes as pieces of text to put in place of others, for editors and for services that show a finding."""

from __future__ import annotations

import itertools
from dataclasses import replace

from gitopsmith.edit.source import line_starts
from gitopsmith.finding import Failure, Finding, Location, Replacement, Report
from gitopsmith.fix.editing import applied, paths


def described(report: Report) -> Report:
    """Returns a report whose fixes say what they replace, as far as the report has the texts and the texts allow it."""
    return replace(report, findings=tuple(_described(finding, report.sources) for finding in report.findings))


def _described(finding: Finding, sources: dict[str, str]) -> Finding:
    if finding.fix is None or not paths(finding) <= sources.keys():
        return finding
    try:
        after = applied(sources, finding)
    except Failure:
        return finding
    found = tuple(_replacement(path, sources[path], text) for path, text in after.items())
    return replace(finding, fix=finding.fix._replace(replacements=found))


def _replacement(path: str, before: str, after: str) -> Replacement:
    """Returns the one piece in which two texts differ."""
    start = _alike(before, after)
    same = _alike(before[start:][::-1], after[start:][::-1])
    end, starts = len(before) - same, line_starts(before)
    (line, column), (end_line, end_column) = (_place(starts, at) for at in (start, end))
    return Replacement(Location(path, line, column, end_line, end_column), after[start : len(after) - same])


def _alike(one: str, other: str) -> int:
    """Returns how many characters two texts have in common from their start."""
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _place(starts: tuple[int, ...], at: int) -> tuple[int, int]:
    line = sum(start <= at for start in starts)
    return line, at - starts[line - 1] + 1
