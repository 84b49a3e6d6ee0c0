"""The revisions of the linted repository that its Applications ask for: which commit a name means, and its files."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from gitopsmith import git
from gitopsmith.finding import Failure
from gitopsmith.tree import Tree, open_tree

USUAL = ("main", "master")
"""Names of default branches: a clone does not always know its own."""
_FULL_COMMIT = re.compile(r"[0-9a-f]{40}")
_FIXED = re.compile(r"[0-9a-f]{7,40}|v?\d+(\.\d+)+\S*|.*[*<>^~].*|v?\d+(\.[xX\d]+)*")
"""A commit, a version, or a range of versions; anything else that git does not know is taken for a branch."""


class Revision(NamedTuple):
    """What a ``targetRevision`` means. ``commit`` is empty for the tree itself; ``tree`` is None where git lacks it."""

    commit: str
    tree: Tree | None


class Checkout(NamedTuple):
    """The checkout whose git is asked about a tree that was read from it.

    ``folder`` is where in the checkout the tree lies. A tree that is ``compared`` with another one stands for the
    ``branches`` that the comparison names, and its own commit has no name: each object in which an Application writes
    its revision would differ.
    """

    folder: Path
    compared: bool = False
    branches: frozenset[str] = frozenset()


@dataclass(slots=True, eq=False)
class Revisions:
    """Looks revisions up, and checks out those that are not the tree itself, each once, into a folder of its own.

    ``asked`` counts the Applications that ask for each name. Leaving the context removes what was checked out.
    """

    tree: Tree
    checkout: Checkout
    asked: Mapping[str, int] = field(default_factory=dict)
    _known: dict[str, Revision] = field(default_factory=dict)
    _trees: dict[str, Tree] = field(default_factory=dict)
    _current: frozenset[str] | None = None
    _folders: list[tempfile.TemporaryDirectory[str]] = field(default_factory=list)

    def find(self, name: str) -> Revision:
        """Returns the revision that Argo CD would take: a commit, a tag or a branch.

        The tree itself stands for HEAD, for the branch that is checked out, for the default branch, and for every
        branch that several Applications follow: what is linted is meant to get there.
        """
        if name not in self._known:
            self._known[name] = self._find(name)
        return self._known[name]

    def at(self, commit: str) -> Tree:
        """Returns the files of a commit; of an empty one, those of the tree itself. Raises Failure with git's words."""
        if not commit:
            return self.tree
        if commit not in self._trees:
            folder = tempfile.TemporaryDirectory(prefix="gitopsmith-")
            self._folders.append(folder)
            self._trees[commit] = _read_out(self.checkout.folder, commit, Path(folder.name).resolve())
        return self._trees[commit]

    def commit(self, name: str) -> str:
        """Returns the commit that is deployed by a name, as far as git can tell, else an empty text."""
        return self.find(name).commit or ("" if self.checkout.compared else git.commit(self.checkout.folder))

    def _find(self, name: str) -> Revision:
        if name in {"", "HEAD"}:
            return Revision("", self.tree)
        root = self.checkout.folder
        full = _FULL_COMMIT.fullmatch(name)
        commit = git.commit(root, name if full else f"refs/tags/{name}")
        if not commit and not full and self._is_other_branch(name):
            commit = git.commit(root, f"refs/remotes/origin/{name}") or git.commit(root, f"refs/heads/{name}")
        if commit:
            return self._checked_out(commit)
        return Revision("", None if _FIXED.fullmatch(name) else self.tree)

    def _is_other_branch(self, name: str) -> bool:
        """Tells whether a branch is another one than that which the tree is for, in the Applications' own words.

        A detached HEAD, as CI has it, tells nothing; so some Application must follow the usual branch.
        """
        if self._current is None:
            self._current = self.checkout.branches | {git.branch(self.checkout.folder), *USUAL, "", "HEAD"}
        usual = any(self.asked.get(one) for one in self._current)
        return usual and name not in self._current and self.asked.get(name, 0) <= 1

    def _checked_out(self, commit: str) -> Revision:
        try:
            return Revision(commit, self.at(commit))
        except Failure:
            return Revision("", None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for folder in self._folders:
            folder.cleanup()


def _read_out(root: Path, commit: str, folder: Path) -> Tree:
    """Writes the files of a commit, and returns those that lie below ``root`` in the checkout."""
    git.read_out(git.toplevel(root) or root, commit, folder)
    place = folder / "tree" / git.below(root)
    place.mkdir(parents=True, exist_ok=True)
    return open_tree(place)
