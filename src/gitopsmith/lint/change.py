"""What a change touches: the files that differ from a revision, and those that the next commit changes."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from gitopsmith import argocd, git, suppress, tree
from gitopsmith.config import FILE_NAME
from gitopsmith.finding import Failure
from gitopsmith.lint.scope import Change, Options, find_root
from gitopsmith.revisions import Checkout
from gitopsmith.tree import Tree

_FAR = ("kind: CustomResourceDefinition", "name: argocd-cm")
"""What a file holds that decides about objects which do not name it: schemas, and how Argo CD renders."""


@contextlib.contextmanager
def narrowed(options: Options) -> Iterator[Options]:
    """Yields options that name the changed files, and for ``staged`` the files of the index, as long as they are there.

    Raises Failure outside of a git checkout, and for a revision that is not there.
    """
    if not options.base and not options.staged:
        yield options
        return
    root = find_root(options)
    top = git.toplevel(root)
    if top is None:
        raise Failure(f"{root} is in no git checkout, so it is not known what has changed")
    if not options.staged:
        yield replace(options, base="", change=_since(root, options.base))
        return
    with tempfile.TemporaryDirectory(prefix="gitopsmith-") as name:
        folder = Path(name).resolve() / "tree"
        git.read_index(top, folder)
        files = tree.open_tree(_made(folder / git.below(root)))
        change = _weighed(root, "HEAD", frozenset(git.staged(root) or ()), files)
        yield replace(options, staged=False, paths=(), files=files, checkout=Checkout(root), change=change)


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _since(root: Path, base: str) -> Change | None:
    """Returns what differs from where the checkout left a revision, or from it where they have nothing in common."""
    commit = git.commit(root, base) if not base.startswith("-") else ""
    if not commit and base == "HEAD":
        return None  # nothing is committed yet, so that everything is new
    if not commit:
        raise Failure(f"there is no revision {base!r} in this clone; fetch it, or name another base")
    start = git.merge_base(root, commit, "HEAD") or commit
    changed = git.changed(root, start)
    if changed is None:
        raise Failure(f"git cannot tell what has changed since {base}", status=3)
    return _weighed(root, start, frozenset(changed), tree.open_tree(root))


def _weighed(root: Path, revision: str, changed: frozenset[str], files: Tree) -> Change | None:
    """Returns the changed files, None where one of them decides about everything."""
    if changed & {FILE_NAME, suppress.FILE_NAME} or any(_has(root, revision, changed, files, text) for text in _FAR):
        return None
    return Change(changed, across=_has(root, revision, changed, files, argocd.API_GROUP))


def _has(root: Path, revision: str, changed: frozenset[str], files: Tree, text: str) -> bool:
    """Tells whether one of the changed files holds a text, or held it."""
    if not changed:
        return False
    holds = any(text.encode() in (files.data(path) or b"") for path in changed)
    return holds or bool(changed & git.holding(root, revision, text))
