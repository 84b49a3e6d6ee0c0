"""Writes a report as GitHub's workflow commands, which annotate the lines of a pull request.

The escapes are those of GitHub's own toolkit (``packages/core/src/command.ts``). GitHub shows ten annotations of a type
for one step and keeps silent about the others; each command therefore names its place, so that the log tells it.
"""

from __future__ import annotations

from collections import Counter

from gitopsmith.finding import Finding, Location, Report, Severity
from gitopsmith.report import summary
from gitopsmith.report.excerpt import safe
from gitopsmith.report.options import Options

SHOWN = 10
_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(report: Report, _options: Options) -> str:
    """Returns one command a finding and for what the run did not look at, then a plain line that sums the run up."""
    scope = (f"::notice title=gitopsmith::{_data(note.message)}" for note in report.notes if note.kind == "scope")
    return "\n".join((*map(_command, report.findings), *scope, _summary(report))) + "\n"


def _command(finding: Finding) -> str:
    place = finding.location
    properties = {"file": place.path, **_span(place), "title": finding.rule}
    text = f"{place.path}:{place.line}:{place.column}: {finding.message}"
    if finding.help:
        text += f"\nhelp: {finding.help}"
    written = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{_COMMANDS[finding.severity]} {written}::{_data(text)}"


def _span(place: Location) -> dict[str, int]:
    """Returns the span; GitHub takes columns only where it lies within one line."""
    columns = {"col": place.column, "endColumn": place.end_column} if place.end_line == place.line else {}
    return {"line": place.line, "endLine": place.end_line, **columns}


def _data(text: str) -> str:
    return safe(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _summary(report: Report) -> str:
    text = f"gitopsmith: {summary.found(report)} in {summary.looked_at(report.summary)}{summary.suppressed(report)}"
    if noted := sum(note.count for note in report.notes):
        text += f"; {summary.number(noted, 'note')}"
    counts = Counter(finding.severity for finding in report.findings)
    if unseen := sum(max(0, count - SHOWN) for count in counts.values()):
        text += f"; GitHub annotates the first {SHOWN} of a type in a step, so {unseen:,} stand in this log alone"
    return text
