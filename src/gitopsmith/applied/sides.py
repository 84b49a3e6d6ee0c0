"""Reads the files of one commit out, without touching the work tree of the user."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from gitopsmith import git
from gitopsmith.revisions import Checkout
from gitopsmith.tree import Tree, is_skipped


class Side(NamedTuple):
    """One state of a repository: what to call it, its files, and the checkout that they are of."""

    name: str
    tree: Tree
    checkout: Checkout


@contextlib.contextmanager
def side(root: Path, tree: str, branch: str) -> Iterator[Side]:
    """Yields the files of a commit or tree of git that lie below ``root``, as those of a branch; they go afterwards."""
    with tempfile.TemporaryDirectory(prefix="gitopsmith-") as name:
        yield standing_for(root, tree, read_out(root, tree, Path(name).resolve()), branch)


def standing_for(root: Path, tree: str, files: Tree, branch: str) -> Side:
    """Returns the files of a commit or tree of git as those of a branch."""
    return Side(tree[:12], files, Checkout(root, compared=True, branches=frozenset({branch})))


def read_out(root: Path, tree: str, folder: Path) -> Tree:
    """Writes a commit's files below a folder that may be new, and returns those that lie below ``root``."""
    folder.mkdir(exist_ok=True)
    prefix = git.below(root)
    paths = git.read_out(git.toplevel(root) or root, tree, folder)
    files = (path.removeprefix(prefix) for path in paths if path.startswith(prefix))
    top = folder / "tree" / prefix
    top.mkdir(parents=True, exist_ok=True)
    return Tree(top, tuple(path for path in files if not is_skipped(path)))
