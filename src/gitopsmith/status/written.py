"""What git says: the newest commit of the branch, what each application is there, and who changed it last."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gitopsmith import git
from gitopsmith.application import Application
from gitopsmith.finding import Failure
from gitopsmith.git import Logged
from gitopsmith.landing import upstream
from gitopsmith.landing.pushing import newest
from gitopsmith.states import Reader, State
from gitopsmith.tree import join

DEPTH = 1000
"""Commits of the branch that are looked at."""


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """A commit of the branch, every Application there, and the states of those in the environments that are asked for.

    ``log`` is the branch, newest first, each commit with the paths that it touched; ``top`` is where the repository's
    root lies in the work tree.
    """

    tip: str
    branch: str
    states: tuple[State, ...]
    applications: tuple[Application, ...]
    log: tuple[tuple[Logged, frozenset[str]], ...]
    root: Path
    top: str
    notes: tuple[str, ...] = ()

    def last(self, paths: frozenset[str], since: str = "") -> Logged | None:
        """Returns the last commit that touched some paths, by the newest commit or one before; None for none."""
        start = self._position(since) if since else 0
        if start is None:
            return None
        return next((logged for logged, touched in self.log[start:] if touched & paths), None)

    def lacking(self, paths: frozenset[str], revision: str) -> int | None:
        """Returns how many commits touched some paths after a revision; None where this clone does not know it."""
        position = self._position(revision)
        if position is not None:
            return sum(bool(touched & paths) for _, touched in self.log[:position])
        try:
            return int(bool(git.between(self.root, revision, self.tip) & paths))
        except Failure:
            return None

    def commit(self, revision: str) -> Logged | None:
        """Returns a commit of the branch, None where it is none of the newest."""
        position = self._position(revision)
        return None if position is None else self.log[position][0]

    def paths(self, state: State) -> frozenset[str]:
        """Returns everything in the work tree that decides what an application is."""
        own = [state.place.application.resource.origin.path] if state.place else []
        return frozenset(join(self.top, path) for path in (*state.inputs, *filter(None, own)))

    def _position(self, revision: str) -> int | None:
        return next((number for number, (one, _) in enumerate(self.log) if one.commit == revision), None)


def tip(root: Path, remote: str, branch: str) -> tuple[str, str, tuple[str, ...]]:
    """Returns the newest commit of the branch, its branch, and what is to be said of that.

    Where no remote answers, it is what the clone has of it.
    """
    said = "there is no remote"
    try:
        if remote or branch or git.remote_names(root):
            there = upstream(root, remote, branch)
            return newest(root, there), there.branch, ()
    except Failure as error:
        if remote or branch:
            raise
        said = str(error)
    name = git.default_branch(root)
    commit = git.commit(root, name or "HEAD")
    if not commit:
        raise Failure(f"{root} has no commit")
    return commit, name.rpartition("/")[2], (f"git as this clone has it: {said}",)


def read(reader: Reader, commit: str, environment: str, notes: tuple[str, ...] = ()) -> Written:
    """Reads what git says at a commit. Raises Failure where the repository has no environments, or not that one."""
    known = reader.settings(commit).environments
    if not known:
        raise Failure("the configuration names no environments; add `environments` to .gitopsmith.yaml")
    if environment and environment not in {one.name for one in known}:
        raise Failure(f"there is no environment {environment!r}; there is {', '.join(one.name for one in known)}")
    log = tuple(git.touching(reader.root, commit, DEPTH))
    states = reader.states(commit, environment)
    top = git.below(reader.root).rstrip("/")
    return Written(commit, reader.branch, states, reader.applications(commit), log, reader.root, top, notes)
