"""Proves a proposal: it changes one application in one environment, as it is meant to, and brings no new error."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gitopsmith import git, lint
from gitopsmith.diff.findings import brought_errors
from gitopsmith.diff.values import Difference, Section
from gitopsmith.finding import Finding
from gitopsmith.proposal.model import Proposal
from gitopsmith.proposal.weighing import Weighed, is_contained, outside, weigh
from gitopsmith.report import summary
from gitopsmith.states import Place, Reader


@dataclass(frozen=True, slots=True)
class Proven:
    """A proposal on top of a commit, and what it changes; ``against`` are sentences that say why it must not go out.

    ``errors`` are the findings that it brings, for a person to decide about.
    """

    proposal: Proposal
    weighed: Weighed
    against: tuple[str, ...] = ()
    errors: tuple[Finding, ...] = ()

    @property
    def base(self) -> str:
        return self.weighed.base

    @property
    def difference(self) -> Difference:
        return self.weighed.difference


def prove(reader: Reader, base: str, proposal: Proposal, place: Place) -> Proven:
    """Renders and lints what a proposal reaches, before and after."""
    weighed = weigh(reader, base, proposal)
    name, environment = place.application.name, place.environment.name
    elsewhere = (_reaching(section) for section in outside(weighed, name, environment))
    missed = _missed(weighed.difference, proposal, name)
    return Proven(proposal, weighed, (*elsewhere, *missed), new_errors(reader, weighed, proposal))


def _reaching(section: Section) -> str:
    where = f" in {summary.listed(list(section.environments))}" if section.environments else ""
    if section.what:
        return f"this changes {section.label}{where}, too"
    return f"this may change {section.label}{where}: {section.uncertain[0]}"


def _missed(difference: Difference, proposal: Proposal, label: str) -> Iterator[str]:
    """Yields the containers that would not run what is meant."""
    shown = {one.what: one.after for one in difference.highlights if one.delivery == label}
    for container, wanted in proposal.images.items():
        found = shown.get(container, "what it runs now")
        if found != wanted:
            yield f"the {container} would not be {wanted} but {found}: something else sets it"


def new_errors(reader: Reader, weighed: Weighed, proposal: Proposal) -> tuple[Finding, ...]:
    """Returns the errors that a proposal brings, of what its files reach.

    What others apply is looked at only where it may matter: where objects come or go, and where custom ones change.
    """
    below = git.below(reader.root)
    paths = frozenset(path.removeprefix(below) for path in proposal.files if path.startswith(below))
    options = lint.Options(jobs=reader.jobs, timeout=reader.timeout)
    reading = proposal.files if is_contained(weighed.difference) else None
    with reader.archive.compared(weighed.base, weighed.tree, reading) as (before, after):
        return brought_errors(before, after, options, paths)


def unlike_images(difference: Difference) -> Iterator[str]:
    """Yields what changes beside images, one line for each object and each thing that is said of an Application."""
    for section in difference.sections:
        yield from (f"{section.label}: {said}" for said in section.said)
        for change in section.changes:
            changed = (line[1:].strip().lstrip("- ") for line in change.lines if line[:1] in {"+", "-"})
            if any(line and not line.startswith("image:") for line in changed):
                yield f"{section.label}: {change.object} {change.what}"
