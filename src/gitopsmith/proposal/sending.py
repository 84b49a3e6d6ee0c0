"""Sends a proposal to the branch that Argo CD follows, or asks by a pull request that somebody does."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from gitopsmith.git import writing
from gitopsmith.landing import Upstream, land
from gitopsmith.proposal.model import Proposal, message

Make = Callable[[str], Proposal | None]
"""Makes a proposal on top of a commit; None where nothing is left to change."""


class Sent(NamedTuple):
    """What became of a proposal: the commit that it was made on, and its own; empty where nothing was to change."""

    base: str
    commit: str


def send(root: Path, upstream: Upstream, make: Make) -> Sent:
    """Lands a proposal, made anew for each newest commit of the branch. Raises what ``landing.land`` raises."""
    landed = land(root, upstream, partial(_commit, root, make))
    return Sent(landed.base, landed.commit)


def _commit(root: Path, make: Make, base: str) -> str:
    proposal = make(base)
    if proposal is None:
        return ""
    tree = writing.changed_tree(root, base, proposal.files)
    return writing.commit_tree(root, tree, base, message(proposal))
