"""What a change touches: the files that differ from a revision, and those that the next commit changes."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from gitopsmith import argocd, git, kustomization, suppress, tree
from gitopsmith.config import FILE_NAME
from gitopsmith.finding import Failure, Note, Report
from gitopsmith.git import writing
from gitopsmith.lint.scope import Change, Options, find_root
from gitopsmith.revisions import Checkout
from gitopsmith.tree import Tree

_FAR = ("kind: CustomResourceDefinition", "name: argocd-cm")
"""What a file holds that decides about objects which do not name it: schemas, and how Argo CD renders."""


class Narrowed(NamedTuple):
    """Options that name the changed files, and what is to be said where they do not name what was asked for."""

    options: Options
    notes: tuple[Note, ...] = ()

    def told(self, report: Report) -> Report:
        """Returns a report of a run with these options that says it."""
        return replace(report, notes=(*self.notes, *report.notes))


@contextlib.contextmanager
def narrowed(options: Options) -> Iterator[Narrowed]:
    """Yields options that name the changed files, and for ``staged`` the files of the index, as long as they are there.

    Raises Failure outside of a git checkout, and for a revision that is not there.
    """
    if not options.base and not options.staged:
        yield Narrowed(options)
        return
    root = find_root(options)
    top = git.toplevel(root)
    if top is None:
        raise Failure(f"{root} is in no git checkout, so it is not known what has changed")
    base = options.base
    if options.staged and "PRE_COMMIT" in os.environ and not git.staged(root):
        base = os.environ.get("PRE_COMMIT_FROM_REF", "")
        options = replace(options, staged=False, base=base)
    if not options.staged:
        yield _narrowed_to(options, root, base)
        return
    with tempfile.TemporaryDirectory(prefix="gitopsmith-") as name:
        folder = Path(name).resolve() / "tree"
        git.read_index(top, folder)
        files = tree.open_tree(_made(folder / git.below(root)))
        change = _weighed(root, "HEAD", frozenset(git.staged(root) or ()), files)
        yield Narrowed(replace(options, staged=False, paths=(), files=files, checkout=Checkout(root), change=change))


def _narrowed_to(options: Options, root: Path, base: str) -> Narrowed:
    """Returns options for what has changed since a revision; for everything where it is not known what that is.

    A shallow clone lacks revisions that are good ones, and a green run that has looked at nothing would be worse than a
    long one. Without a base, it is pre-commit that runs over all files, and has nothing staged.
    """
    whole = replace(options, base="")
    if not base:
        return Narrowed(whole, (Note("scope", "nothing is staged, and pre-commit asks, so everything is linted"),))
    if not _commit(root, base) and git.is_shallow(root):
        said = f"this shallow clone has no revision {base!r} to compare with, so everything is linted; fetch more of it"
        return Narrowed(whole, (Note("scope", said),))
    return Narrowed(replace(whole, change=_since(root, base)))


def _commit(root: Path, base: str) -> str:
    return git.commit(root, base) if not base.startswith("-") else ""


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _since(root: Path, base: str) -> Change | None:
    """Returns what differs from where the checkout left a revision, or from it where they have nothing in common."""
    commit = _commit(root, base)
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
    across = _has(root, revision, changed, files, argocd.API_GROUP)
    return Change(changed, across, frozenset(_let_go(root, revision, changed, files)))


def _let_go(root: Path, revision: str, changed: frozenset[str], files: Tree) -> Iterator[str]:
    """Yields the kustomizations that changed ones included in a revision, and include no more."""
    prefix = git.below(root)
    paths = [path for path in changed if path.rpartition("/")[2] in kustomization.FILE_NAMES]
    is_known = bool(paths) and bool(git.commit(root, revision))
    before = writing.entries(root, revision, (f"{prefix}{path}" for path in paths)) if is_known else {}
    for name, entry in before.items():
        path = name.removeprefix(prefix)
        old = tree.in_memory(files.root, path, writing.content(root, entry.blob))
        for folder in _named(old, path) - _named(files, path):
            found = kustomization.find(files, folder)
            if found is not None:
                yield found


def _named(files: Tree, path: str) -> set[str]:
    if files.kind(path) != "file":
        return set()
    return {reference.target for reference in kustomization.read(files, path).states}


def _has(root: Path, revision: str, changed: frozenset[str], files: Tree, text: str) -> bool:
    """Tells whether one of the changed files holds a text, or held it."""
    if not changed:
        return False
    holds = any(text.encode() in (files.data(path) or b"") for path in changed)
    return holds or bool(changed & git.holding(root, revision, text))
