"""Chooses the state to go back to, out of the history of what was applied."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from gitopsmith import git
from gitopsmith.finding import Failure
from gitopsmith.git import writing
from gitopsmith.landing import Upstream, marks
from gitopsmith.report.summary import number
from gitopsmith.rollback.undoing import Past, pasts
from gitopsmith.states import Change, Place, Reader, history

MOST = 10
"""So many states are looked at for one that is known to have run."""


class Wish(NamedTuple):
    """Which state a person asks for: that of a revision, one so many states back, or the usual one."""

    to: str = ""
    steps: int = 0


class Target(NamedTuple):
    """The state that is there now, the one to go back to with why it is that, and all that were looked at.

    ``then`` is None where there is nothing to do, which ``reason`` tells.
    """

    now: Change
    then: Change | None
    reason: str
    seen: tuple[Change, ...]


def choose(reader: Reader, upstream: Upstream, tip: str, app: str, environment: str, wish: Wish) -> Target:
    """Returns the state to go back to from the one at ``tip``; a shallow clone is deepened where it ends too early.

    Raises Failure where there is no such application, and where there is nothing to go back to.
    """
    state = reader.state(tip, app, environment)
    if state.place is None:
        raise Failure(state.failure)
    try:
        return _chosen(reader, upstream, tip, app, state.place, wish)
    except Failure:
        if not git.is_shallow(reader.root):
            raise
        writing.deepen(reader.root, upstream.remote, upstream.branch)
        return _chosen(reader, upstream, tip, app, state.place, wish)


def _chosen(reader: Reader, upstream: Upstream, tip: str, app: str, place: Place, wish: Wish) -> Target:
    past = pasts(reader, history(reader, tip, app, place.environment.name), app, place)
    now = next(past, None)
    if now is None:
        raise Failure(f"git knows no commit that made {place} what it is")
    if wish.to:
        then = _named(reader, upstream, tip, app, place.environment.name, wish.to)
        seen = (now.change, *_since(reader.root, past, then.commit), then)
        return Target(now.change, then, "it was asked for", seen)
    if wish.steps:
        return _counted(now.change, past, wish.steps, str(place))
    if now.undoing is not None:
        return Target(now.change, None, "it is rolled back already; --steps or --to goes further", (now.change,))
    running = marks(reader.root, upstream.remote, place.app, place.environment.name)
    return _usual(reader.root, now.change, past, running, str(place))


def _named(reader: Reader, upstream: Upstream, tip: str, app: str, environment: str, revision: str) -> Change:
    commit = git.commit(reader.root, revision) if not revision.startswith("-") else ""
    if not commit or not git.contains(reader.root, tip, commit):
        raise Failure(f"{revision!r} is no commit of {upstream}; `git log --first-parent` lists them")
    state = reader.state(commit, app, environment)
    if state.place is None:
        raise Failure(f"{revision} has no such state: {state.failure}")
    logged = next(git.log(reader.root, commit, (), 1))
    return Change(commit, logged.when, logged.author, logged.subject, state, logged.trailers)


def _since(root: Path, past: Iterable[Past], commit: str) -> Iterator[Change]:
    """Yields the states that began after a commit."""
    changes = (one.change for one in past)
    return itertools.takewhile(lambda change: not git.contains(root, commit, change.commit), changes)


def _counted(now: Change, past: Iterator[Past], steps: int, what: str) -> Target:
    seen, counted = [now], 0
    for one in past:
        seen.append(one.change)
        counted += one.counts
        if counted == steps:
            return Target(now, _there(one.change, what), f"{steps} back", tuple(seen))
    raise Failure(
        f"{what} has {number(counted, 'state')} before the one of now that {'was' if counted == 1 else 'were'} not "
        f"rolled back, not {steps}{_fix_forward(seen)}"
    )


def _there(change: Change, what: str) -> Change:
    if change.state.place is None:
        raise Failure(f"{what} did not exist at {change.commit[:12]}: {change.state.failure}")
    return change


def _usual(root: Path, now: Change, past: Iterator[Past], running: tuple[str, ...], what: str) -> Target:
    """Takes the state before, but none that was rolled back itself; names the newest that is known to have run."""
    seen, possible, ran = [now], [], None
    for change, counts, _ in past:
        newer = seen[-1]
        seen.append(change)
        if counts and change.state.place is not None and not change.state.is_same(now.state):
            possible.append(change)
            if _has_run(root, change, newer, running):
                ran = change
                break
        if len(seen) > MOST or (possible and not possible[-1].state.failure and not running):
            break
    if not possible:
        raise Failure(f"{what} has no other state to go back to{_fix_forward(seen)}")
    then = next((change for change in possible if not change.state.failure), possible[0])
    return Target(now, then, _why(then, ran, running), tuple(seen[: seen.index(then) + 1]))


def _why(then: Change, ran: Change | None, running: tuple[str, ...]) -> str:
    if then is ran:
        return "it is the last one that was seen to run"
    if ran is not None:
        known = f"{ran.commit[:9]} ({ran.subject})"
        return f"it is the one before; the last one that was seen to run is {known}, which --to {ran.commit[:9]} takes"
    return "it is the one before; none before it is recorded to have run" if running else "it is the one before"


def _has_run(root: Path, change: Change, newer: Change, running: Iterable[str]) -> bool:
    """Tells whether a commit with this state was recorded: it has the change in its history, and not the next one."""
    return any(
        git.contains(root, commit, change.commit) and not git.contains(root, commit, newer.commit) for commit in running
    )


def _fix_forward(seen: list[Change]) -> str:
    first = seen[-1]
    return f"; its history begins with {first.commit[:12]} ({first.subject}), so fix it forward with a new commit"
