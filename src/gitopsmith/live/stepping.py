"""What to do next so that a commit becomes what runs, by what Argo CD says at one moment.

Measured with Argo CD 3.6.1: an operation that waits for a broken release takes no other commit until it ends; and once
it was ended, no sync of the newest commit begins by itself where ``manifest-generate-paths`` is set.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from gitopsmith.live.reading import Seen

PATIENCE = 2.0
"""Seconds that an operation of another revision gets to end by itself, as one that is well does."""
START = 3.0
"""Seconds until a sync of ours has to have begun."""
AGAIN = 5.0
"""Seconds between two times that Argo CD is asked to look at git."""
SYNCS = 2
"""So many syncs are started, before one that fails is believed."""


class Step(Enum):
    """What the one who waits does next."""

    LOOK = "look again"
    REFRESH = "have Argo CD look at git"
    CONFIRM = "have it look once more"
    TERMINATE = "end the operation"
    SYNC = "start a sync"
    FAIL = "give up"
    DONE = "it is done"


class Moment(NamedTuple):
    """What Argo CD says, and for how many seconds what is so, None where it is not.

    ``is_ours`` tells whether it compares with our commit. ``foreign`` is for how long an operation of another revision
    runs, ``idle`` for how long nothing has happened since the commit was seen or a sync was started, and ``refreshed``
    when Argo CD was last asked to look at git. ``is_confirming`` tells that it was asked since all was in order.
    """

    seen: Seen
    is_ours: bool
    foreign: float | None
    idle: float | None
    refreshed: float
    syncs: int = 0
    is_confirming: bool = False
    patience: float = PATIENCE


def next_step(at: Moment) -> Step:
    """Returns what to do next."""
    if at.foreign is not None:
        return _end_other(at, at.foreign)
    if at.idle is None:
        return Step.LOOK
    if at.is_ours and at.seen.is_done:
        return _confirm(at)
    return _begin_ours(at, at.idle)


def _end_other(at: Moment, foreign: float) -> Step:
    """Ends an operation of another revision once ours is seen: who ends it before may have the same again."""
    if at.seen.operation.phase == "Terminating" or foreign < at.patience:
        return Step.LOOK
    return Step.TERMINATE if at.is_ours or foreign > at.patience + 2 * AGAIN else _look_at_git(at)


def _confirm(at: Moment) -> Step:
    """Believes that all is in order once Argo CD has looked again: what it says first may be older than the push."""
    if not at.is_confirming:
        return Step.CONFIRM
    return Step.DONE if at.seen.is_current else Step.LOOK


def _begin_ours(at: Moment, idle: float) -> Step:
    """Starts a sync where none begins by itself."""
    if not at.is_ours and idle < 2 * AGAIN:
        return _look_at_git(at)
    if at.is_ours and (at.seen.sync == "Synced" or idle < START):
        return Step.LOOK
    if at.syncs < SYNCS:
        return Step.SYNC
    return Step.FAIL if at.seen.operation.has_failed else _look_at_git(at)


def _look_at_git(at: Moment) -> Step:
    return Step.REFRESH if at.refreshed >= AGAIN else Step.LOOK
