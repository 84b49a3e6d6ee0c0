"""Waits until a commit is what an Application runs, and helps Argo CD along where it would not get there by itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple, Protocol

from gitopsmith.application import Application
from gitopsmith.argocd.urls import normalized
from gitopsmith.finding import Failure
from gitopsmith.live.access import Access
from gitopsmith.live.reading import Seen
from gitopsmith.live.stepping import PATIENCE, Moment, Step, next_step

LOOK = 0.25
"""Seconds between two looks at Argo CD."""
SILENCE = 5
"""So many looks in a row may fail."""

Tell = Callable[[str], None]


class Line(Protocol):
    """What tells how revisions stand to the commit. Both raise Failure where that cannot be told."""

    def has(self, revision: str) -> bool:
        """Tells whether a revision has the commit in its history."""

    def is_same(self, revision: str) -> bool:
        """Tells whether it has, and makes the same of the application."""


class Waited(NamedTuple):
    """How far a commit got. ``phases`` are seconds since it all began, by name, in the order of the way.

    ``reason`` tells what is in the way where it is not done, ``revision`` what is synced, and ``superseded`` which
    later commit makes something else of the application, so that ours is not to come any more.
    """

    phases: dict[str, float]
    is_done: bool
    revision: str = ""
    reason: str = ""
    superseded: str = ""


class _Kind(Enum):
    """How a revision stands to our commit."""

    OURS = "it is our commit, or makes the same later"
    LATER = "it came after ours, and makes something else"
    OTHER = "it does not have ours"
    UNKNOWN = "nobody can tell"


def wait(
    access: Access,
    application: Application,
    commit: str,
    line: Line,
    *,
    budget: float,
    tell: Tell,
    begun: float | None = None,
    patience: float = PATIENCE,
) -> Waited:
    """Waits until an Application runs a commit, and is healthy; at most ``budget`` seconds since it all began.

    ``line`` tells of another revision how it stands to the commit; one that came later and makes something else ends
    the wait. ``begun`` is a moment of ``time.monotonic``, now where it is left out; ``patience`` is what an operation
    of another revision gets before it is ended. Every phase is told as it is reached. Raises Failure where Argo CD
    cannot be asked, has no such Application, or builds it from another repository.
    """
    start = time.monotonic() if begun is None else begun
    return _Wait(access, application, commit, line, tell, start, patience).run(budget)


@dataclass(slots=True)
class _Wait:
    """One wait. ``foreign`` is since when an operation of another revision runs, ``quiet`` since when none does."""

    access: Access
    application: Application
    commit: str
    line: Line
    tell: Tell
    begun: float
    patience: float
    phases: dict[str, float] = field(default_factory=dict)
    known: dict[str, _Kind] = field(default_factory=dict)
    syncs: list[float] = field(default_factory=list)
    refreshed: float = 0.0
    is_confirming: bool = False
    foreign: float | None = None
    quiet: float | None = None

    def run(self, budget: float) -> Waited:
        seen = self._look()
        self._help(Step.REFRESH, seen)
        while True:
            seen = self._look()
            later = self._later(seen)
            if later:
                return Waited(self.phases, False, self._revision(seen), f"superseded by {later[:12]}", later)
            step = next_step(self._moment(seen))
            if step is Step.DONE:
                self._reach("healthy")
                return Waited(self.phases, True, self._revision(seen))
            if step is Step.FAIL or self._elapsed >= budget:
                return Waited(self.phases, False, self._revision(seen), _why(seen))
            self._help(step, seen)
            time.sleep(LOOK)

    def _look(self) -> Seen:
        name = (self.application.namespace, self.application.name)
        body = self._persistently(lambda: self.access.application(*name))
        if body is None:
            raise Failure(f"{self.access} shows no Application {self.application.name}", status=3)
        seen = Seen(body)
        if not self._own(seen):
            raise Failure(f"{self.application.name} at {self.access} is built from another repository", status=3)
        return seen

    def _persistently(self, ask: Callable[[], object]) -> object:
        """Asks; one answer that fails to come is not the end."""
        for left in reversed(range(SILENCE)):
            try:
                return ask()
            except Failure:
                if not left:
                    raise
                time.sleep(LOOK)
        return None

    def _own(self, seen: Seen) -> tuple[int, ...]:
        """Returns which of its sources are built from the repository of the commit."""
        own = {normalized(source.repo_url) for source in self.application.sources if source.own}
        return tuple(number for number, (url, _) in enumerate(seen.sources) if normalized(url) in own)

    def _is_ours(self, seen: Seen, revisions: tuple[str, ...]) -> bool:
        """Tells whether revisions, one for each source, have the commit in every source of this repository."""
        own = self._of_ours(seen, revisions)
        return len(own) == len(self._own(seen)) and all(self._kind(one) is _Kind.OURS for one in own)

    def _is_told(self, seen: Seen, revisions: tuple[str, ...]) -> bool:
        return all(self._kind(one) is not _Kind.UNKNOWN for one in self._of_ours(seen, revisions))

    def _later(self, seen: Seen) -> str:
        """Returns the revision that supersedes our commit, which Argo CD applies or compares with; else nothing."""
        applied = seen.operation.revisions if seen.operation.is_under_way else ()
        shown = (*self._of_ours(seen, applied), *self._of_ours(seen, seen.revisions))
        return next((one for one in shown if self._kind(one) is _Kind.LATER), "")

    def _of_ours(self, seen: Seen, revisions: tuple[str, ...]) -> tuple[str, ...]:
        """Returns the revisions that sources of this repository have, out of one for each source."""
        return tuple(revisions[number] for number in self._own(seen) if number < len(revisions))

    def _kind(self, revision: str) -> _Kind:
        if revision not in self.known:
            try:
                self.known[revision] = self._found(revision)
            except Failure as error:
                self.known[revision] = _Kind.UNKNOWN
                self._say(f"whether {revision[:7]} is the same cannot be told: {error}")
        return self.known[revision]

    def _found(self, revision: str) -> _Kind:
        if revision == self.commit or self.line.is_same(revision):
            return _Kind.OURS
        return _Kind.LATER if self.line.has(revision) else _Kind.OTHER

    def _moment(self, seen: Seen) -> Moment:
        """Returns what is so by now, and takes down what has been reached."""
        now, operation = time.monotonic(), seen.operation
        is_known = operation.is_under_way and bool(operation.revisions)
        is_foreign = is_known and not self._is_ours(seen, operation.revisions)
        # What may be newer than ours is nothing to end.
        may_end = is_foreign and self._is_told(seen, operation.revisions)
        self.foreign = (self.foreign or now) if may_end else None
        self.quiet = None if operation.is_under_way else (self.quiet or now)
        is_ours = self._is_ours(seen, seen.revisions)
        if is_ours:
            self._reach("seen")
        if is_ours and seen.sync == "Synced" and seen.is_current and not is_foreign:
            self._reach("synced")
        happened = max((self.begun + self.phases.get("seen", 0.0), *self.syncs))
        return Moment(
            seen,
            is_ours,
            None if self.foreign is None else now - self.foreign,
            None if self.quiet is None else now - max(self.quiet, happened),
            now - self.refreshed,
            len(self.syncs),
            self.is_confirming,
            self.patience,
        )

    def _help(self, step: Step, seen: Seen) -> None:
        name = (self.application.namespace, self.application.name)
        self.is_confirming = step is Step.CONFIRM or (self.is_confirming and step is Step.LOOK)
        if step in {Step.REFRESH, Step.CONFIRM}:
            self._persistently(lambda: self.access.refresh(*name))
            self.refreshed = time.monotonic()
        elif step is Step.TERMINATE:
            about = ", ".join(one[:7] for one in seen.operation.revisions)
            said = " ".join(seen.operation.message.split()) or "it takes no other commit"
            self._say(f"ending the operation of {about}: {said}")
            self._persistently(lambda: self.access.terminate(*name))
            self.foreign = time.monotonic()
        elif step is Step.SYNC:
            self._sync(seen)

    def _sync(self, seen: Seen) -> None:
        """Starts a sync; where that is refused, because one has just begun or a sync window denies it, it is said."""
        self._say("no sync has begun by itself; starting one")
        self.syncs.append(time.monotonic())
        try:
            self.access.sync(self.application.namespace, self.application.name, seen.body)
        except Failure as error:
            self._say(str(error))

    def _reach(self, phase: str) -> None:
        if phase not in self.phases:
            self.phases[phase] = self._elapsed
            self._say(phase)

    def _say(self, text: str) -> None:
        self.tell(f"{self._elapsed:6.1f} s  {text}")

    def _revision(self, seen: Seen) -> str:
        return next(iter(self._of_ours(seen, seen.revisions)), "")

    @property
    def _elapsed(self) -> float:
        return time.monotonic() - self.begun


def _why(seen: Seen) -> str:
    said = seen.reason
    return f"{seen}{f': {said}' if said else ''}"
