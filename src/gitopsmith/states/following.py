"""Tells whether a later commit still makes of an application what one commit made of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gitopsmith import git
from gitopsmith.states.reading import Reader


@dataclass(frozen=True, slots=True)
class Follower:
    """What a commit makes of one application in one environment.

    ``fetch`` brings what the branch has become since; it may raise Failure.
    """

    reader: Reader
    commit: str
    app: str
    environment: str
    fetch: Callable[[], object]

    def has(self, revision: str) -> bool:
        """Tells whether a revision has the commit in its history. Raises what ``fetch`` raises.

        A name has not: the branch that Argo CD calls so may be another one in this clone.
        """
        root = self.reader.root
        if not git.commit(root, revision):
            self.fetch()
        return git.commit(root, revision) == revision and git.contains(root, revision, self.commit)

    def is_same(self, revision: str) -> bool:
        """Tells whether a revision has the commit in its history and renders the same. Raises what ``fetch`` raises."""
        if not self.has(revision):
            return False
        wanted, there = (self.reader.state(one, self.app, self.environment) for one in (self.commit, revision))
        return wanted.is_same(there)
