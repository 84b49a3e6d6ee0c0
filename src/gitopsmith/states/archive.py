"""Reads commits out of a repository: of each as little as decides what is asked, or all of it."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from gitopsmith import config, excerpt, policy
from gitopsmith.applied.sides import Side, side, standing_for
from gitopsmith.config import FILE_NAME, Config
from gitopsmith.excerpt import Excerpt, Shelf, Snapshot, Uncertain
from gitopsmith.finding import Failure
from gitopsmith.tree import Tree

Part = tuple[Snapshot, Excerpt]


@dataclass(slots=True, eq=False)
class Archive:
    """The commits of the repository around ``root``, each as its ``branch`` would have it."""

    root: Path
    branch: str
    _shelf: Shelf = field(init=False)
    _settings: dict[str, Config] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._shelf = Shelf(self.root)

    def settings(self, tree: str) -> Config:
        """Returns what a commit or tree says about itself. Raises Failure where that is wrong."""
        if tree not in self._settings:
            data = self._shelf.file(tree, FILE_NAME)
            found = config.parse(data, Path(FILE_NAME), policy.names()) if data is not None else Config()
            self._settings[tree] = found
        return self._settings[tree]

    def whole(self, tree: str) -> AbstractContextManager[Side]:
        """Returns what yields all files of a commit or tree."""
        return side(self.root, tree, self.branch)

    @contextlib.contextmanager
    def tree(self, tree: str) -> Iterator[Tree]:
        """Yields all files of a commit or tree to be read, but by no other program: they may not be on disk."""
        snapshot = self._shelf.snapshot(tree)
        if excerpt.is_literal(snapshot):
            yield snapshot.tree
            return
        with self.whole(tree) as read:
            yield read.tree

    def part(self, tree: str, app: str) -> Part | None:
        """Returns the files that decide what an application is, None where only all of them together do."""
        with contextlib.suppress(Uncertain, Failure):
            snapshot = self._shelf.snapshot(tree)
            return snapshot, excerpt.of_application(snapshot, self.settings(tree), app)
        return None

    @contextlib.contextmanager
    def taken(self, part: Part) -> Iterator[Side]:
        """Yields some files of a commit; they go afterwards."""
        snapshot, chosen = part
        with tempfile.TemporaryDirectory(prefix="gitopsmith-") as name:
            files = excerpt.take(self.root, snapshot, chosen, Path(name).resolve())
            yield standing_for(self.root, snapshot.name, files, self.branch)

    @contextlib.contextmanager
    def compared(self, before: str, after: str, paths: Iterable[str] | None) -> Iterator[tuple[Side, Side]]:
        """Yields both sides of a change of some paths of the work tree: what reads them; all if unsure, or None."""
        opened: list[AbstractContextManager[Side]] = []
        if paths is not None:
            opened += [self.taken(part) for part in self._parts(before, after, frozenset(paths))]
        opened = opened or [self.whole(before), self.whole(after)]
        with ExitStack() as stack:
            yield stack.enter_context(opened[0]), stack.enter_context(opened[1])

    def is_same(self, one: tuple[str, str], other: tuple[str, str], paths: Iterable[str]) -> bool:
        """Tells whether two changes of some paths, each before and after, are surely decided by the very same files."""
        if self.settings(one[0]) != self.settings(other[0]):
            return False
        parts = [self._parts(*sides, frozenset(paths)) for sides in (one, other)]
        contents = [[excerpt.contents(*part) for part in each] for each in parts]
        return bool(contents[0]) and contents[0] == contents[1]

    def _parts(self, before: str, after: str, paths: frozenset[str]) -> tuple[Part, ...]:
        with contextlib.suppress(Uncertain, Failure):
            snapshots = self._shelf.snapshot(before), self._shelf.snapshot(after)
            chosen = excerpt.of_change(snapshots, self.settings(before), paths)
            return tuple(zip(snapshots, chosen, strict=True))
        return ()
