"""Opens the two sides of a difference, without touching the work tree of the user."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from gitopsmith import git, tree
from gitopsmith.applied.sides import Side, read_out
from gitopsmith.finding import Failure
from gitopsmith.lint.scope import Options, find_root
from gitopsmith.revisions import Checkout


@contextlib.contextmanager
def opened(base: str, head: str) -> Iterator[tuple[Side, Side]]:
    """Yields the base and the head; what was read out for them is removed afterwards.

    An empty base is where the head left the default branch; an empty head is the work tree as it lies.
    Raises Failure outside of a git checkout, and for a revision that this clone does not have.
    """
    root = find_root(Options())
    if git.toplevel(root) is None:
        raise Failure(f"{root} is in no git checkout, so there are no revisions to compare")
    newer = _commit(root, head) if head else ""
    older = _commit(root, base) if base else _common(root, newer or "HEAD")
    checkout = Checkout(root, compared=True, branches=frozenset(map(_branch, filter(None, (base, head)))))
    with tempfile.TemporaryDirectory(prefix="gitopsmith-") as name:
        folder = Path(name).resolve()
        before = Side(_named(older, base), read_out(root, older, folder / "base"), checkout)
        if newer:
            after = Side(_named(newer, head), read_out(root, newer, folder / "head"), checkout)
        else:
            after = Side("the work tree", tree.open_tree(root), checkout)
        yield before, after


def _commit(root: Path, revision: str) -> str:
    found = git.commit(root, revision) if not revision.startswith("-") else ""
    if not found:
        raise Failure(f"there is no revision {revision!r} in this clone{_remedy(root, revision)}")
    return found


def _common(root: Path, head: str) -> str:
    """Returns the commit at which a revision left the default branch."""
    branch = git.default_branch(root)
    if not branch:
        raise Failure("there is no branch main or master, here or at origin, to compare with; name the base")
    if not git.commit(root, head):
        raise Failure("there is no commit yet to compare with")
    found = git.merge_base(root, branch, head)
    if not found:
        short = branch.removeprefix("refs/remotes/").removeprefix("refs/heads/")
        raise Failure(f"this clone has no commit that {head} and {short} have in common{_remedy(root, '')}")
    return found


def _remedy(root: Path, revision: str) -> str:
    if not git.is_shallow(root):
        return "; fetch it, or name another base"
    one = f"`git fetch --depth=1 origin {revision}`, or all of it by " if revision else ""
    return f", which is shallow; fetch {one}`git fetch --unshallow`"


def _named(commit: str, revision: str) -> str:
    return commit[:12] if not revision or commit.startswith(revision) else f"{revision} ({commit[:12]})"


def _branch(revision: str) -> str:
    """Returns the branch that a revision is where it is one, as Applications name it."""
    for prefix in ("refs/heads/", "refs/remotes/", "origin/"):
        revision = revision.removeprefix(prefix)
    return revision
