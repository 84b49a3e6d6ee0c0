"""Pushes a change that is built on the newest commit of a branch, and builds it anew when somebody else was faster."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from gitopsmith import git
from gitopsmith.finding import Failure
from gitopsmith.git import writing
from gitopsmith.landing.upstream import Upstream

ATTEMPTS = 30
"""So many others may be faster before this gives up."""
LONGEST_PAUSE = 2.0
"""Seconds."""

Make = Callable[[str], str]
"""Makes the commit of a change on top of another commit; an empty text where nothing is left to change."""


class Protected(Failure):
    """The remote takes no pushes to the branch, as ``said``; ``base`` is the commit on which the change was made."""

    def __init__(self, said: str, base: str) -> None:
        super().__init__(f"{said}; where the branch is protected, --pr makes a pull request", status=3)
        self.said = said
        self.base = base


_PROTECTED = ("declined", "protected branch", "must use a pull request")
"""What servers say of a branch that changes by pull requests alone."""


class Landed(NamedTuple):
    """What became of a change: the commit it was made on, and its own, empty where nothing was to change."""

    base: str
    commit: str
    attempts: int


def land(root: Path, upstream: Upstream, make: Make, *, attempts: int = ATTEMPTS) -> Landed:
    """Lands a change on a branch, exactly once.

    ``make`` is called for each newest commit of the branch until the remote takes what it made. Raises Protected where
    the branch takes no pushes, and Failure where the remote refuses it for another reason than a race, both with the
    remote's words, and when all attempts are lost.
    """
    for attempt in range(1, attempts + 1):
        base = newest(root, upstream)
        commit = make(base)
        if not commit:
            return Landed(base, "", attempt)
        refusal = writing.push(root, upstream.remote, commit, upstream.branch)
        if refusal is None or _has_landed(root, upstream, commit):
            return Landed(base, commit, attempt)
        if not refusal.is_race:
            raise _refused(upstream, refusal.reason, base)
        time.sleep(random.uniform(0, min(LONGEST_PAUSE, 0.05 * 2**attempt)))  # noqa: S311 - it keeps no secret
    raise Failure(f"others pushed to {upstream} faster, {attempts} times; nothing was changed, try again", status=3)


def newest(root: Path, upstream: Upstream) -> str:
    """Returns the newest commit of the branch, and sees that the clone has it. Raises Failure where there is none."""
    found = writing.newest(root, upstream.remote, upstream.branch)
    if not found:
        raise Failure(f"there is no {upstream}; name another branch with --branch")
    return found


def _has_landed(root: Path, upstream: Upstream, commit: str) -> bool:
    """Tells whether a push whose answer got lost did its work all the same."""
    try:
        return git.contains(root, newest(root, upstream), commit)
    except Failure:
        return False


def _refused(upstream: Upstream, reason: str, base: str) -> Failure:
    said = f"{upstream} does not take the commit: {reason}"
    if any(words in reason for words in _PROTECTED):
        return Protected(said, base)
    return Failure(said, status=3)
