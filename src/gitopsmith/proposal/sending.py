"""Sends a proposal to the branch that Argo CD follows, or asks by a pull request that somebody does."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from gitopsmith.git import writing
from gitopsmith.landing import Landed, Upstream, land
from gitopsmith.proposal.model import Proposal, message

Make = Callable[[str], Proposal | None]
"""Makes a proposal on top of a commit; None where nothing is left to change."""


def send(root: Path, upstream: Upstream, make: Make) -> Landed:
    """Lands a proposal, made anew for each newest commit of the branch. Raises what ``landing.land`` raises."""
    return land(root, upstream, partial(_commit, root, make))


def _commit(root: Path, make: Make, base: str) -> str:
    proposal = make(base)
    if proposal is None:
        return ""
    tree = writing.changed_tree(root, base, proposal.files)
    return writing.commit_tree(root, tree, base, message(proposal))
