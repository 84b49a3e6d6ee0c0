"""Tells which states were rolled back, however the commits of the rollbacks came to the branch."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from gitopsmith import git
from gitopsmith.landing import RESTORES, ROLLBACK_OF
from gitopsmith.states import Change, Place, Reader

_LINES = re.compile(rf"^\s*({ROLLBACK_OF}|{RESTORES}|App|Environment): (\S+)\s*$", re.MULTILINE)


class Undoing(NamedTuple):
    """A rollback: its commit, the one that was bad, and the one whose state it brings back.

    The last two are empty where a squash merge kept nothing but the subject.
    """

    commit: str
    bad: str = ""
    restored: str = ""


class Past(NamedTuple):
    """A state of the history. It does not count where it was rolled back, or where a rollback brought it again since.

    ``undoing`` is the rollback that made it.
    """

    change: Change
    counts: bool = True
    undoing: Undoing | None = None


def pasts(reader: Reader, changes: Iterable[Change], app: str, place: Place) -> Iterator[Past]:
    """Yields the states of a history, newest first; a rollback takes back all since the state that it restores."""
    bad: set[str] = set()
    restored, is_next_bad = "", False
    again: Change | None = None
    for change in changes:
        if again is not None and not is_next_bad and change.state.is_same(again.state):
            restored, again = change.commit, None
        if restored or is_next_bad or change.commit in bad:
            yield Past(change, counts=False)
            is_next_bad = False
            restored = "" if restored and git.contains(reader.root, restored, change.commit) else restored
            continue
        found = tuple(_undoings(reader, change, place))
        bad |= {undoing.bad for undoing in found}
        made = next((undoing for undoing in found if _is_in_force(reader, change, undoing, app)), None)
        yield Past(change, undoing=made)
        if made is not None:
            restored, is_next_bad = git.commit(reader.root, made.restored), not made.bad
            again = None if restored else change


def _undoings(reader: Reader, change: Change, place: Place) -> Iterator[Undoing]:
    """Yields the rollbacks of one application in one environment that a commit of the branch is, or brought."""
    title = f"rollback({place.environment.name}/{place.app}): "
    messages = git.brought(reader.root, change.commit, (f"{ROLLBACK_OF}: ", "rollback("))
    found = [Undoing(commit, *told) for commit, text in messages for told in _told(text, place)]
    named = (Undoing(commit) for commit, text in messages if any(line.startswith(title) for line in text.splitlines()))
    yield from found or named


def _told(message: str, place: Place) -> Iterator[tuple[str, str]]:
    """Yields what was bad and what is restored, for each rollback of a message: a squash merge joins many in one."""
    told: list[dict[str, str]] = []
    for name, value in _LINES.findall(message):
        if name == ROLLBACK_OF:
            told.append({})
        if told:
            told[-1].setdefault(name, value)
    for one in told:
        if (one.get("App"), one.get("Environment")) == (place.app, place.environment.name):
            yield one[ROLLBACK_OF], one.get(RESTORES, "")


def _is_in_force(reader: Reader, change: Change, undoing: Undoing, app: str) -> bool:
    """Tells whether a state is what a rollback made: a merge may have brought a newer release beside it."""
    if undoing.commit == change.commit or change.state.place is None:
        return undoing.commit == change.commit
    made = reader.state(undoing.commit, app, change.state.place.environment.name)
    return made.images == change.state.images
