"""Writes a report for a person at a terminal: each finding with the lines to mend, then what was looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from gitopsmith.finding import Finding, Location, ObjectName, Report, Severity
from gitopsmith.report import excerpt, summary
from gitopsmith.report.excerpt import Row, safe
from gitopsmith.report.masking import LINE_END
from gitopsmith.report.options import Options

Paint = Callable[[str, str], str]
MOST_APPLICATIONS = 3
MOST_RELATED = 3
_COLORS = {Severity.ERROR: "1;31", Severity.WARNING: "1;33", Severity.INFO: "1;36"}
_BOLD, _FRAME, _DIM = "1", "1;34", "2"
_LABEL = 12


def render(report: Report, options: Options) -> str:
    """Returns the report as text; colours are ANSI escapes, and there only when asked for."""
    paint: Paint = (lambda text, code: f"\x1b[{code}m{text}\x1b[0m" if text else "") if options.color else _plain
    lines = {path: LINE_END.split(text) for path, text in report.sources.items() if text}
    if options.statistics:
        blocks = ["\n".join(statistics)] if (statistics := list(_statistics(report, paint))) else []
    else:
        blocks = ["\n".join(_finding(f, lines.get(f.location.path, ()), options, paint)) for f in report.findings]
    if not options.quiet:
        blocks.append("\n".join(_summary(report, options, paint)))
    return "\n\n".join(blocks) + "\n" if blocks else ""


def _plain(text: str, _code: str) -> str:
    return text


def _finding(finding: Finding, lines: Sequence[str], options: Options, paint: Paint) -> Iterator[str]:
    color = _COLORS[finding.severity]
    head, *more = finding.message.splitlines() or [""]
    width = options.width - 8 if options.width else 0
    rows = excerpt.rows(lines, finding.location, width)
    margin = max((len(row.number) for row in rows), default=1)
    yield paint(f"{finding.severity}[{finding.rule}]", color) + paint(f": {safe(head)}", _BOLD)
    yield from (f"{' ' * margin} {paint('|', _FRAME)} {safe(line)}" for line in more)
    yield f"{' ' * margin}{paint('-->', _FRAME)} {_place(finding.location)}"
    yield from _excerpt(rows, margin, color, paint)
    for label, text in _facts(finding, options):
        sign = paint(":::" if label == "" else "=", _FRAME)
        yield f"{' ' * (margin if label == '' else margin + 1)}{sign} {paint(label, _BOLD)}{safe(text)}"


def _excerpt(rows: tuple[Row, ...], margin: int, color: str, paint: Paint) -> Iterator[str]:
    if not rows:
        return
    has_bar = any(row.bar for row in rows)
    yield f"{' ' * margin} {paint('|', _FRAME)}"
    for number, bar, text, is_underline in rows:
        side = f" {paint(bar, color) if bar else ' '}" if has_bar else ""
        content = (
            paint(text, color) if is_underline and has_bar else _under(text, color, paint) if is_underline else text
        )
        glue = "" if is_underline and has_bar else " "
        yield f"{paint(number.rjust(margin), _FRAME)} {paint('|', _FRAME)}{side}{glue}{content}".rstrip()
    yield f"{' ' * margin} {paint('|', _FRAME)}"


def _under(text: str, color: str, paint: Paint) -> str:
    bare = text.lstrip()
    return text[: len(text) - len(bare)] + paint(bare, color)


def _facts(finding: Finding, options: Options) -> Iterator[tuple[str, str]]:
    """Yields what is known beside the message, each with its label; related places have none."""
    related = finding.related if options.verbose else finding.related[:MOST_RELATED]
    for location, message in related:
        yield "", f"{_place(location)}: {' '.join(message.split())}"
    if hidden := len(finding.related) - len(related):
        yield "related: ", f"{summary.number(hidden, 'more place')}; -v shows all"
    if finding.object:
        yield "object: ", _object(finding.object)
    if finding.pointer and options.verbose:
        yield "field: ", finding.pointer
    if finding.applications:
        yield "applications: ", _applications(finding.applications, verbose=options.verbose)
    if finding.help:
        yield "help: ", " ".join(finding.help.split())
    yield "see: ", f"gitopsmith explain {finding.rule}"


def _object(name: ObjectName) -> str:
    return f"{name} in namespace {name.namespace}" if name.namespace else str(name)


def _applications(names: tuple[str, ...], *, verbose: bool) -> str:
    shown = names if verbose else names[:MOST_APPLICATIONS]
    return ", ".join(shown) + (f" (+{len(names) - len(shown):,} more)" if len(shown) < len(names) else "")


def _place(place: Location) -> str:
    return f"{one_line(place.path)}:{place.line}:{place.column}"


def one_line(path: str) -> str:
    """Writes a path so that it stays on its line, whatever characters a file system allows in it."""
    return safe(path.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t"))


def _statistics(report: Report, paint: Paint) -> Iterator[str]:
    """Yields a line for each rule and severity, the worst and most frequent first."""
    counts = summary.by_rule(report)
    width = max((len(f"{count:,}") for *_, count in counts), default=0)
    for severity, rule, count in counts:
        weight = paint(f"{severity!s:<7}", _COLORS[severity])
        yield f"{count:>{width},}  {weight}  {paint(rule, _BOLD)}: {report.rules.get(rule, '')}"


def _summary(report: Report, options: Options, paint: Paint) -> Iterator[str]:
    looked, rendered, validated = summary.looked_at(report.summary), summary.rendered(report), summary.validated(report)
    skipped = tuple(note for note in report.notes if note.kind == summary.SKIPPED)
    others = tuple(note for note in report.notes if note.kind != summary.SKIPPED)
    most = len(report.notes) if options.verbose else summary.MOST_NOTES
    if report.findings:
        yield paint(summary.found(report), _BOLD) + summary.suppressed(report)
        yield from _section("fixable", [fixable] if (fixable := summary.fixable(report)) else [], paint)
        yield from _section("looked at", [looked], paint)
        yield from _section("rendered", [rendered] if rendered else [], paint)
        yield from _section("validated", [validated], paint)
    else:
        facts = [f" in {looked}", f"rendered {rendered}" if rendered else "", f"validated {validated}"]
        yield paint(summary.found(report), _BOLD) + safe("; ".join(filter(None, facts))) + summary.suppressed(report)
    yield from _section("notes", summary.noted(others, most), paint)
    yield from _section("skipped", (line.removeprefix("skipped: ") for line in summary.noted(skipped, most)), paint)
    if options.verbose:
        yield from _section("suppressed", _suppressed(report), paint)
        seconds = ", ".join(f"{stage} {spent:.2f}" for stage, spent in report.summary.seconds.items())
        yield from _section("seconds", [seconds] if seconds else [], paint)


def _section(title: str, lines: Iterable[str], paint: Paint) -> Iterator[str]:
    for index, line in enumerate(lines):
        label = title if index == 0 else ""
        yield f"  {paint(label, _DIM)}{' ' * (_LABEL - len(label))}{one_line(line)}"


def _suppressed(report: Report) -> Iterator[str]:
    for finding, reason, how in report.suppressed:
        yield f"{finding.rule} at {_place(finding.location)}: {reason} ({how})"
