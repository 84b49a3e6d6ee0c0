"""What a difference is made of: plain values, in which no secret is left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from gitopsmith.finding import Finding, ObjectName

ADDED, REMOVED, CHANGED = "added", "removed", "changed"


class Change(NamedTuple):
    """One object that is added, removed or changed; ``lines`` are those of a unified diff, without its header."""

    what: str
    object: ObjectName
    lines: tuple[str, ...]


class Highlight(NamedTuple):
    """One value that reviewers look for first: an image, a number of replicas, a chart's version."""

    delivery: str
    environments: tuple[str, ...]
    what: str
    before: str
    after: str


class Loss(NamedTuple):
    """A stateful thing that is no longer applied, and what that means."""

    delivery: str
    environments: tuple[str, ...]
    object: ObjectName
    meaning: str


class Refusal(NamedTuple):
    """An object that stays, and the fields of it that change though they cannot."""

    delivery: str
    environments: tuple[str, ...]
    object: ObjectName
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """What changes of one Application, or of one build that no Application deploys.

    ``what`` is whether it came, went, or changed; ``said`` are sentences about the Application itself, ``uncertain``
    why something of it may change that cannot be known.
    """

    label: str
    is_application: bool
    entries: tuple[str, ...]
    environments: tuple[str, ...]
    what: str
    said: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    uncertain: tuple[str, ...] = ()


class Group(NamedTuple):
    """An environment of the configuration, or what belongs to none, with what changes in it."""

    name: str
    protected: bool
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """All that changes between two revisions; ``new`` and ``fixed`` findings are None where nobody asked for them."""

    base: str
    head: str
    groups: tuple[Group, ...]
    highlights: tuple[Highlight, ...] = ()
    losses: tuple[Loss, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    notes: tuple[str, ...] = ()
    new: tuple[Finding, ...] | None = None
    fixed: tuple[Finding, ...] | None = None
    renderer: str = ""

    @property
    def sections(self) -> tuple[Section, ...]:
        """Every section once, though several environments may share it."""
        return tuple(dict.fromkeys(section for group in self.groups for section in group.sections))

    @property
    def is_empty(self) -> bool:
        """Tells whether nothing changes, as far as can be known."""
        return not any(section.what for section in self.sections)
