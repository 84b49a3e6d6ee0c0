"""Writes a status for a terminal: one line an application and environment, and below it what is not in order."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from datetime import datetime

from gitopsmith import image
from gitopsmith.report import summary
from gitopsmith.report.excerpt import safe
from gitopsmith.status.model import Counts, Deployment, Row, Status

HEADS = ("ENV", "APP", "GIT", "CLUSTER", "SYNC", "HEALTH", "IMAGE", "DEPLOYED")
_GIT_HEADS = ("ENV", "APP", "GIT", "IMAGE", "CHANGED")
_COLORS = {
    "Synced": "\033[32m",
    "Healthy": "\033[32m",
    "Progressing": "\033[33m",
    "Suspended": "\033[33m",
    "syncing": "\033[33m",
    "OutOfSync": "\033[31m",
    "Degraded": "\033[31m",
    "Missing": "\033[31m",
    "Unknown": "\033[31m",
    "absent": "\033[31m",
}
_RED, _PLAIN = "\033[31m", "\033[0m"


def text(status: Status, now: datetime, *, color: bool = False, width: int) -> str:
    """Returns the table, no wider than ``width`` where words allow that, and one line that sums it up."""
    lines = [*_table(status, now, color=color, width=width), "", *_summary(status, color=color)]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _table(status: Status, now: datetime, *, color: bool, width: int) -> Iterator[str]:
    heads = HEADS if status.access else _GIT_HEADS
    cells = [tuple(safe(cell) for cell in _cells(row, now, is_live=bool(status.access))) for row in status.rows]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    room = width - sum(widths) - 2 * (len(widths) - 1)
    longest = heads.index("IMAGE")
    widths[longest] = max(min(widths[longest], 12), widths[longest] + min(0, room))
    yield _line(heads, widths)
    before = ""
    for row, line in zip(status.rows, cells, strict=True):
        if before and row.environment != before:
            yield ""
        before = row.environment
        yield _line(line, widths, color=color)
        for problem in row.problems:
            for said in _wrapped(safe(problem.message), widths[0] + 2, width):
                yield f"{_RED}{said}{_PLAIN}" if color else said


def _wrapped(message: str, indent: int, width: int) -> list[str]:
    """Returns a message below the line that it is about, in a few lines at most."""
    room = max(width, indent + 40)
    begin, on = f"{' ' * indent}! ", " " * (indent + 2)
    return textwrap.wrap(message, room, initial_indent=begin, subsequent_indent=on, max_lines=4, placeholder=" …")


def _cells(row: Row, now: datetime, *, is_live: bool) -> tuple[str, ...]:
    git = row.follows or (row.git.commit[:7] if row.git else "-")
    named = (row.environment or "-", row.app, git if row.is_in_git else "absent")
    deployed = "-" if row.deployed is None else _deployment(row.deployed, now)
    if not is_live:
        return (*named, _images(row), deployed)
    seen = row.seen
    if seen is None:
        return (*named, "absent", "-", "-", _images(row), deployed)
    synced = (row.synced.commit if row.synced else next(iter(seen.revisions), "-"))[:7]
    sync = "syncing" if seen.operation.is_under_way else seen.sync
    return (*named, synced, sync, seen.health, _images(row), deployed)


def _images(row: Row) -> str:
    """Returns the version of the first image, and how many others there are; where another one runs, both."""
    wrong = dict(row.wrong_images)
    if not row.images:
        return "-"
    first = next((one for one in row.images if one in wrong), row.images[0])
    shown = _version(first)
    if first in wrong:
        shown += f" (runs {_version(wrong[first])})"
    return shown + (f" +{len(row.images) - 1}" if len(row.images) > 1 else "")


def _version(reference: str) -> str:
    parts = image.parse(reference)
    return parts.tag or parts.digest[:14] or reference.rpartition("/")[2]


def _deployment(deployed: Deployment, now: datetime) -> str:
    when = "" if deployed.when is None else age((now - deployed.when).total_seconds())
    by_hand = "" if deployed.is_automatic else "by hand"
    return ", ".join(filter(None, (when, deployed.who, by_hand))) or "-"


def age(seconds: float) -> str:
    """Says how long ago something was, in the unit that makes sense."""
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{int(seconds // length)} {unit} ago"
    return f"{max(0, int(seconds))} s ago"


def _line(cells: Sequence[str], widths: Sequence[int], *, color: bool = False) -> str:
    padded = [f"{_fitting(cell, width):<{width}}" for cell, width in zip(cells, widths, strict=True)]
    if color:
        padded = [
            f"{_COLORS[cell]}{pad}{_PLAIN}" if cell in _COLORS else pad for cell, pad in zip(cells, padded, strict=True)
        ]
    return "  ".join(padded)


def _fitting(cell: str, width: int) -> str:
    return cell if len(cell) <= width else f"{cell[: max(1, width - 1)]}…"


def _summary(status: Status, *, color: bool) -> Iterator[str]:
    yield from (f"note: {safe(note)}" for note in status.notes)
    where = f"{status.branch or 'the newest commit'} is at {status.tip[:7]}"
    if not status.access:
        yield f"git only, no cluster was asked: {summary.number(len(status.rows), 'application')}; {where}"
        return
    bad = sum(bool(row.problems) for row in status.rows)
    said = f"{bad} of {len(status.rows)} not in order" if bad else f"all {len(status.rows)} in order"
    mark = _RED if bad else _COLORS["Healthy"]
    yield f"{f'{mark}{said}{_PLAIN}' if color else said}; {where}; by {safe(status.access)}"
    yield from _counted(status.counts)


def _counted(counts: Counts) -> Iterator[str]:
    """Tells the measures of success, as far as Applications remember them."""
    yield (
        f"deployments: {counts.automatic} of {counts.deployments} by themselves; "
        f"failed last syncs: {counts.failed} of {counts.applications}; "
        f"self-heals: {counts.healed}; drift left: {counts.drifted}"
    )
    if counts.rollbacks:
        yield f"rollbacks, from commit to deployed: {', '.join(f'{one} s' for one in counts.rollbacks)}"
