"""The revisions that Applications ask for, of the linted repository and of others: which commit, and its files."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from gitopsmith import git
from gitopsmith.fetch import OWN_FILES_ONLY, SCHEME, Artifact, Moving, Place, Refused, Store
from gitopsmith.finding import Failure
from gitopsmith.helm import find_helm
from gitopsmith.tree import Tree, open_tree

USUAL = ("main", "master")
"""Names of default branches: a clone does not always know its own."""
_FULL_COMMIT = re.compile(r"[0-9a-f]{40}")
_FIXED = re.compile(r"[0-9a-f]{7,40}|v?\d+(\.\d+)+\S*|.*[*<>^~].*|v?\d+(\.[xX\d]+)*")
"""A commit, a version, or a range of versions; anything else that git does not know is taken for a branch."""


class Revision(NamedTuple):
    """What a ``targetRevision`` means. ``commit`` is empty for the tree itself; ``tree`` is None where it is not here.

    It is a digest for an artifact. ``complaint`` tells why another repository's revision is not to be had, and
    ``moves`` that it is a branch there.
    """

    commit: str
    tree: Tree | None
    complaint: str = ""
    moves: bool = False


class Elsewhere(NamedTuple):
    """What is kept of other repositories; more is fetched only where ``online`` is set. ``timeout`` is in seconds."""

    store: Store
    online: bool
    timeout: float


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
    elsewhere: Elsewhere | None = None
    _known: dict[str, Revision] = field(default_factory=dict)
    _others: dict[tuple[str, str], Revision] = field(default_factory=dict)
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

    def find_elsewhere(self, url: str, name: str) -> Revision:
        """Returns a fixed revision of another repository or of an artifact; it has no tree where it is not here."""
        if (url, name) not in self._others:
            try:
                self._others[url, name] = self._find_elsewhere(url, name)
            except Moving:
                self._others[url, name] = Revision("", None, moves=True)
            except (Refused, Failure) as error:
                self._others[url, name] = Revision("", None, str(error))
        return self._others[url, name]

    def at(self, commit: str) -> Tree:
        """Returns the files of a commit; of an empty one, those of the tree itself. Raises Failure with git's words."""
        if not commit:
            return self.tree
        if commit not in self._trees:
            self._trees[commit] = _read_out(self.checkout.folder, commit, self._folder())
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

    def _find_elsewhere(self, url: str, name: str) -> Revision:
        known = self.elsewhere
        if known is None:
            return Revision("", None)
        if url.startswith(SCHEME):
            return self._artifact(known, Artifact(url, name))
        place = Place(url, name)
        if not place.is_askable:
            return Revision("", None)
        found = known.store.find_commit(place)
        if found is None and known.online:
            found = known.store.fetch_commit(place, known.timeout)
        if found is None:
            return Revision("", None)
        if found.submodules:
            raise Refused(f"{place} has submodules, which are not fetched")
        if found.commit not in self._trees:
            git.read_out(found.repository, found.commit, folder := self._folder(), OWN_FILES_ONLY)
            self._trees[found.commit] = open_tree(folder / "tree")
        return Revision(found.commit, self._trees[found.commit])

    def _artifact(self, known: Elsewhere, artifact: Artifact) -> Revision:
        if not artifact.is_exact:
            return Revision("", None)
        found = known.store.find_artifact(artifact)
        if found is None and known.online:
            found = known.store.fetch_artifact(artifact, find_helm(known.timeout), known.timeout)
        if found is None:
            return Revision("", None)
        self._trees.setdefault(found.digest, open_tree(found.files))
        return Revision(found.digest, self._trees[found.digest])

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

    def _folder(self) -> Path:
        """Returns a new folder, which is removed with the context."""
        self._folders.append(tempfile.TemporaryDirectory(prefix="gitopsmith-"))
        return Path(self._folders[-1].name).resolve()

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
