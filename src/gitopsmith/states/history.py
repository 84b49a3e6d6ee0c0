"""Tells which commits changed what an application is in an environment, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from gitopsmith import git
from gitopsmith.git import Logged
from gitopsmith.states.reading import Reader, State
from gitopsmith.tree import join


class Change(NamedTuple):
    """A commit of the branch, and the state that began with it."""

    commit: str
    when: datetime
    author: str
    subject: str
    state: State
    trailers: dict[str, str]


def history(reader: Reader, tip: str, app: str, environment: str) -> Iterator[Change]:
    """Yields the commits that changed what is applied, newest first, each with what it made of it.

    Only the branch itself counts: what a merge brought is one change. A commit that touched the files and changed
    nothing that is applied is left out. In a shallow clone this ends where the clone does.
    """
    newer: Change | None = None
    for logged in git.log(reader.root, tip, _paths(reader, tip, app, environment)):
        this = _change(logged, reader.state(logged.commit, app, environment))
        if newer is not None and not newer.state.is_same(this.state):
            yield newer
        newer = this
    if newer is not None:
        yield newer


def beginning(reader: Reader, tip: str, app: str, environment: str) -> str:
    """Returns the commit with which began what is applied at a tip; the tip itself where that cannot be told."""
    change = next(history(reader, tip, app, environment), None)
    is_known = change is not None and change.state.is_same(reader.state(tip, app, environment))
    return change.commit if change is not None and is_known else tip


def _change(logged: Logged, state: State) -> Change:
    return Change(logged.commit, logged.when, logged.author, logged.subject, state, logged.trailers)


def _paths(reader: Reader, tip: str, app: str, environment: str) -> tuple[str, ...]:
    """Returns the folders and files that decide what is applied, of the whole work tree, as git is asked for them."""
    state = reader.state(tip, app, environment)
    if state.place is None:
        return ()
    own = state.place.application.resource.origin.path
    paths = {*_folders(state.inputs), *state.place.entries, *filter(None, (own, state.place.application.entry))}
    return tuple(sorted(join(git.below(reader.root).rstrip("/"), path) or "." for path in paths))


def _folders(paths: Iterable[str]) -> Iterator[str]:
    for path in paths:
        yield path.rpartition("/")[0] or path
