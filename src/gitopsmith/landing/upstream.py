"""Finds the remote and the branch that a change goes to."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from gitopsmith import git
from gitopsmith.finding import Failure
from gitopsmith.git import writing


class Upstream(NamedTuple):
    """The branch of a remote, as the clone calls it, that changes go to."""

    remote: str
    branch: str

    def __str__(self) -> str:
        return f"{self.branch} at {self.remote}"


def upstream(root: Path, remote: str = "", branch: str = "") -> Upstream:
    """Returns where changes go: what is named, else origin or the only remote, and the branch that it calls its own.

    Raises Failure where there is no remote, or several and none is origin.
    """
    known = git.remote_names(root)
    if remote and remote not in known:
        raise Failure(f"there is no remote {remote!r}; there is {', '.join(known) or 'none'}")
    if not remote and not known:
        raise Failure(f"{root} has no remote, so there is nothing to push to; add one with `git remote add origin URL`")
    if not remote and "origin" not in known and len(known) > 1:
        raise Failure(f"there are {len(known)} remotes, and none is called origin; name one with --remote")
    chosen = remote or ("origin" if "origin" in known else known[0])
    return Upstream(chosen, branch or _own_branch(root, chosen))


def _own_branch(root: Path, remote: str) -> str:
    """Returns the branch that a remote checks out for a new clone, else the usual one that it has."""
    own, branches = writing.heads(root, remote)
    for name in (own, "main", "master"):
        if name in branches:
            return name
    if len(branches) == 1:
        return next(iter(branches))
    raise Failure(f"{remote} does not say which branch is its own; name one with --branch")
