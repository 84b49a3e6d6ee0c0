"""Tells what is another way than it was, one line for each application in an environment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from gitopsmith.report.excerpt import safe
from gitopsmith.status.model import Row, Status


def changes(before: Status | None, after: Status, now: datetime) -> str:
    """Returns one line for everything that has changed since, all of it where there was nothing before."""
    known = {} if before is None else {(row.namespace, row.name): _said(row) for row in before.rows}
    there = {(row.namespace, row.name): row for row in after.rows}
    lines = [f"{now:%H:%M:%S}  {_said(row)}" for key, row in there.items() if known.get(key) != _said(row)]
    gone = [f"{now:%H:%M:%S}  {key[1]}: gone" for key in known if key not in there]
    return "".join(f"{safe(line)}\n" for line in (*lines, *gone))


def _said(row: Row) -> str:
    return f"{row.name}: {', '.join(_words(row))}"


def _words(row: Row) -> Iterator[str]:
    if row.seen is not None:
        yield from (row.seen.sync, row.seen.health)
        yield f"at {(row.synced.commit if row.synced else next(iter(row.seen.revisions), '-'))[:7]}"
    elif row.git is not None:
        yield f"{row.git.commit[:7]} in git"
    yield from (problem.message for problem in row.problems)
