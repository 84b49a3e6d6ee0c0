"""How far Argo CD's Applications are, as values that can be compared and told."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from gitopsmith.live.reading import REFRESH, reason
from gitopsmith.manifest import get, text


class State(NamedTuple):
    """One Application: its sync and health status, and Argo CD's reason for what is not in order."""

    name: str
    sync: str = ""
    health: str = ""
    reason: str = ""
    refreshing: bool = False

    @property
    def done(self) -> bool:
        return self.sync == "Synced" and self.health == "Healthy" and not self.refreshing

    def __str__(self) -> str:
        return f"{self.sync or 'Unknown'}, {self.health or 'Unknown'}"


def states(applications: Iterable[Any]) -> tuple[State, ...]:
    """Reads Applications as the API server returns them, by name."""
    return tuple(sorted(_state(one) for one in applications))


def _state(application: Any) -> State:
    return State(
        name=text(application, "metadata", "name"),
        sync=text(application, "status", "sync", "status"),
        health=text(application, "status", "health", "status"),
        reason=reason(application),
        refreshing=get(application, "metadata", "annotations", REFRESH) is not None,
    )


def changes(before: Sequence[State], after: Sequence[State]) -> list[str]:
    """Returns one line for each Application that looks another way than before."""
    known = {state.name: state for state in before}
    width = max((len(state.name) for state in after), default=0)
    lines = [
        f"{one.name:<{width}}  {one}" for one in after if one.name not in known or str(known[one.name]) != str(one)
    ]
    gone = sorted(known.keys() - {state.name for state in after})
    return [*lines, *(f"{name:<{width}}  gone" for name in gone)]


def all_done(now: Sequence[State], roots: Iterable[str]) -> bool:
    """Tells whether every Application, the roots among them, is Synced and Healthy."""
    return frozenset(roots) <= {state.name for state in now} and all(state.done for state in now)


def remaining(now: Sequence[State], roots: Iterable[str]) -> list[str]:
    """Returns one line for each Application that is not where it should be, with Argo CD's reason."""
    missing = sorted(frozenset(roots) - {state.name for state in now})
    lines = [f"{one.name}: {one}{_because(one)}" for one in now if not one.done]
    return [*lines, *(f"{name}: is not there" for name in missing)]


def _because(state: State) -> str:
    reason = state.reason or (
        "Argo CD has not looked at it since; does its application-controller run?" if state.refreshing else ""
    )
    return f": {' '.join(reason.split())}" if reason else ""
