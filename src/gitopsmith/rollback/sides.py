"""What a rollback is made of: the commit that it is built on, the one that it restores, and the files of both."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import NamedTuple

from gitopsmith import git
from gitopsmith.finding import Failure
from gitopsmith.git import writing
from gitopsmith.git.writing import Entry
from gitopsmith.kustomization import is_below
from gitopsmith.states import Place, Reader, State
from gitopsmith.tree import join

Files = dict[str, Entry | None]
"""What is to be at some paths, which are relative to the root that is linted; None for nothing."""


class Permissions(NamedTuple):
    """What a rollback may do beyond restoring the files of one environment that hold no secrets."""

    secrets: bool = False
    application: bool = False
    shared: bool = False


class Sides(NamedTuple):
    """An application in an environment at two commits: ``tip`` is built on, ``target`` has what to go back to.

    ``bad`` is the commit that began what is there now, ``hold`` whether nobody shall bring its images back.
    """

    reader: Reader
    app: str
    environment: str
    tip: str
    target: str
    bad: str
    permissions: Permissions = Permissions()
    hold: bool = True

    @property
    def now(self) -> State:
        return self.reader.state(self.tip, self.app, self.environment)

    @property
    def then(self) -> State:
        return self.reader.state(self.target, self.app, self.environment)

    @property
    def here(self) -> Place:
        """The place as it is now. Raises Failure where somebody took it away."""
        if self.now.place is None:
            raise Failure(self.now.failure)
        return self.now.place

    @property
    def there(self) -> Place:
        """The place as it was then. Raises Failure where there was none."""
        if self.then.place is None:
            raise Failure(self.then.failure)
        return self.then.place


def listing(sides: Sides, commit: str) -> dict[str, Entry]:
    """Returns the files of a commit below the root that is linted."""
    return _listing(sides.reader.root, commit)


@functools.lru_cache(maxsize=4)
def _listing(root: Path, commit: str) -> dict[str, Entry]:
    prefix = git.below(root)
    found = writing.entries(root, commit, filter(None, (prefix.rstrip("/"),)))
    return {path.removeprefix(prefix): entry for path, entry in found.items()}


def whole(sides: Sides, files: Files) -> Files:
    """Returns the same files by their paths in the whole work tree."""
    prefix = git.below(sides.reader.root).rstrip("/")
    return {join(prefix, path): entry for path, entry in files.items()}


def is_own(sides: Sides, path: str) -> bool:
    """Tells whether a file lies in a folder that the application is built from in this environment."""
    return any(is_below(path, entry) for entry in sides.here.entries)


def changed(sides: Sides) -> Files:
    """Returns what the files that are read, now or then, were then, where that differs.

    Of an overlay that moved, each file goes to where the folder is now.
    """
    old, new = listing(sides, sides.target), listing(sides, sides.tip)
    pairs = {_moved(sides.there, sides.here, path): path for path in sides.then.inputs}
    pairs |= {path: _moved(sides.here, sides.there, path) for path in sides.now.inputs}
    own = (sides.here.application.resource.origin.path, sides.there.application.resource.origin.path)
    if sides.permissions.application and all(own):
        pairs[own[0]] = own[1]
    return {path: old.get(before) for path, before in sorted(pairs.items()) if old.get(before) != new.get(path)}


def _moved(before: Place, after: Place, path: str) -> str:
    """Returns where a file is after the folders that a place is built from have other names."""
    if before.entries != after.entries and len(before.entries) == len(after.entries):
        for old, new in zip(before.entries, after.entries, strict=True):
            if old and path.startswith(f"{old}/"):
                return join(new, path.removeprefix(f"{old}/"))
    return path
