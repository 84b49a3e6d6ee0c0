"""Renders both sides of a proposal, and tells what it changes, and where it reaches further than it should."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from gitopsmith.diff import Difference, Options
from gitopsmith.diff.running import difference
from gitopsmith.diff.values import Section
from gitopsmith.git import writing
from gitopsmith.proposal.model import Proposal
from gitopsmith.states import Reader


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
