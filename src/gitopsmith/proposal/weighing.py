"""Renders both sides of a proposal, and tells what it changes, and where it reaches further than it should."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from gitopsmith.diff import Difference, Options
from gitopsmith.diff.running import difference
from gitopsmith.diff.values import CHANGED, Section
from gitopsmith.git import writing
from gitopsmith.proposal.model import Proposal
from gitopsmith.states import Reader

_OWN_GROUPS = frozenset({"networking.k8s.io", "rbac.authorization.k8s.io", "scheduling.k8s.io", "storage.k8s.io"})
"""Groups of Kubernetes itself whose names have a dot, as those of custom kinds have."""


class Weighed(NamedTuple):
    """A proposal on top of a commit: the tree that it makes, and the difference of what is applied."""

    base: str
    tree: str
    difference: Difference


def weigh(reader: Reader, base: str, proposal: Proposal) -> Weighed:
    """Returns what a proposal changes; only what its files reach is rendered."""
    tree = writing.changed_tree(reader.root, base, proposal.files)
    with reader.archive.compared(base, tree, proposal.files) as (before, after):
        options = Options(jobs=reader.jobs, timeout=reader.timeout)
        return Weighed(base, tree, difference(before, after, options))


def outside(weighed: Weighed, label: str, environment: str) -> Iterator[Section]:
    """Yields what a proposal changes beside one delivery, which has a label, in one environment."""
    for section in weighed.difference.sections:
        if (section.what or section.uncertain) and (section.label != label or section.environments != (environment,)):
            yield section


def is_contained(difference: Difference) -> bool:
    """Tells whether all that changes are objects which stay, of kinds that Kubernetes has itself."""
    changed = [change for section in difference.sections for change in section.changes]
    groups = {change.object.api_version.rpartition("/")[0] for change in changed}
    kept = all(change.what == CHANGED for change in changed)
    return kept and all("." not in group or group in _OWN_GROUPS for group in groups)


def stands(reader: Reader, weighed: Weighed, proposal: Proposal, base: str) -> bool:
    """Tells whether what was weighed stands on another commit: all that the proposal reaches is surely the same there.

    Where it brings objects or takes them away, it reaches everything, and this cannot be told.
    """
    if not is_contained(weighed.difference):
        return False
    before, now = (writing.entries(reader.root, commit, proposal.files) for commit in (weighed.base, base))
    tree = writing.changed_tree(reader.root, base, proposal.files)
    return before == now and reader.archive.is_same((weighed.base, weighed.tree), (base, tree), proposal.files)
