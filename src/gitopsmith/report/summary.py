"""Says in a few sentences what was found, what was looked at, and what could not be known."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from gitopsmith.finding import Note, Report, Severity, Summary

MOST_NOTES = 10
SKIPPED = "skipped"
"""The kind of the notes that name a file left unread, with the reason as their message."""


class Group(NamedTuple):
    """All notes of one kind that say the same."""

    kind: str
    message: str
    times: int
    paths: tuple[str, ...]


def number(count: int, noun: str) -> str:
    """Writes a count with its noun: ``1 error``, ``1,024 errors``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def listed(words: list[str]) -> str:
    """Joins words as a sentence does: ``a, b and c``."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))) if words else ""


def percent(share: float) -> str:
    """Writes a share rounded down, so that only all of it is 100%."""
    return f"{math.floor(share * 100 + 1e-9)}%"


def found(report: Report) -> str:
    """Counts the findings by severity, the worst first."""
    counts = Counter(finding.severity for finding in report.findings)
    words = [number(counts[severity], str(severity)) for severity in reversed(Severity) if counts[severity]]
    return f"found {listed(words)}" if words else "no findings"


def by_rule(report: Report) -> list[tuple[Severity, str, int]]:
    """Counts the findings of each rule and severity, the worst first, and the most frequent of these."""
    counts = Counter((finding.severity, finding.rule) for finding in report.findings)
    return sorted(((*key, count) for key, count in counts.items()), key=lambda row: (-row[0], -row[2], row[1]))


def suppressed(report: Report) -> str:
    """Counts the findings that are silenced, as the end of a sentence; empty when none is."""
    if not report.suppressed:
        return ""
    before = sum(entry.how == "baseline" for entry in report.suppressed)
    hidden = f", {before:,} of them by the baseline" if before else ""
    return f"; {number(len(report.suppressed), 'finding')} suppressed{hidden}"


def fixable(report: Report) -> str:
    """Counts the findings that ``lint --fix`` mends; empty when there is none."""
    safe = sum(each.fix is not None and each.fix.safe for each in report.findings)
    unsafe = sum(each.fix is not None and not each.fix.safe for each in report.findings)
    words = [f"{safe:,} with lint --fix"] if safe else []
    words += [f"{unsafe:,} with lint --fix --unsafe-fixes"] if unsafe else []
    return listed(words)


def looked_at(summary: Summary) -> str:
    """Counts what the run went through; a repository without Applications or builds is not told so again."""
    missing = f" ({summary.failed_builds:,} not rendered)" if summary.failed_builds else ""
    words = [number(summary.applications, "application")] if summary.applications else []
    words += [number(summary.builds, "build") + missing] if summary.builds else []
    words += [number(summary.objects, "object")]
    return f"{listed(words)} from {number(summary.files, 'file')}"


def validated(report: Report) -> str:
    """Counts the objects that a schema has judged, and those that have none."""
    summary = report.summary
    schemas = f" with {report.schemas}" if report.schemas else ""
    return f"{number(summary.validated, 'object')}{schemas}, {summary.unvalidated:,} without a schema"


def rendered(report: Report) -> str:
    """Tells how much of what Applications name could be rendered, and by which program; empty without any build."""
    if not report.summary.builds:
        return ""
    return percent(report.summary.rendered_share) + (f" with {report.renderer}" if report.renderer else "")


def groups(notes: tuple[Note, ...]) -> list[Group]:
    """Puts notes that say the same together, the most frequent first."""
    paths: dict[tuple[str, str], dict[str, None]] = {}
    counts: Counter[tuple[str, str]] = Counter()
    for note in notes:
        counts[note.kind, note.message] += note.count
        paths.setdefault((note.kind, note.message), {}).update({note.path: None} if note.path else {})
    together = [Group(*key, count, tuple(paths[key])) for key, count in counts.items()]
    return sorted(together, key=lambda group: (-group.times, group))


def noted(notes: tuple[Note, ...], most: int = MOST_NOTES) -> Iterator[str]:
    """Yields a line for each group of notes, and one that counts those that are left out."""
    together = groups(notes)
    for kind, message, times, paths in together[:most]:
        words = [f"{times:,} times"] if times > 1 else []
        words += [place(paths)] if paths else []
        yield f"{kind}: {message}" + (f" ({', '.join(words)})" if words else "")
    if rest := together[most:]:
        yield f"and {number(sum(group.times for group in rest), 'more note')}; -v shows all"


def place(paths: tuple[str, ...]) -> str:
    """Names the first of some paths and counts the others."""
    return paths[0] + (f" and {len(paths) - 1:,} more" if len(paths) > 1 else "")
