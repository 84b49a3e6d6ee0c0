"""What a lint run says: findings, notes, and the words that they are made of."""

from __future__ import annotations

import enum
import hashlib
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Route = tuple[str | int, ...]
"""The keys and indices that lead from the top of a manifest to one of its fields."""


class Severity(enum.IntEnum):
    """How bad it is; the higher, the worse."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    def __str__(self) -> str:
        return self.name.lower()


class Location(NamedTuple):
    """A span of text. Path relative to the root, with ``/``; lines and columns from 1, the end column exclusive."""

    path: str
    line: int = 1
    column: int = 1
    end_line: int = 1
    end_column: int = 1


class ObjectName(NamedTuple):
    """The Kubernetes object that a finding is about, as it will be applied."""

    api_version: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}"


class Related(NamedTuple):
    """Another place that helps to understand a finding."""

    location: Location
    message: str


class Edit(NamedTuple):
    """One change of one document: what ``action`` does of ``gitopsmith.edit`` at a route, with a value.

    A policy speaks of the body that it looks at; ``path`` and ``document`` are told by whoever knows the source.
    """

    action: str
    route: Route = ()
    value: Any = None
    path: str = ""
    document: int = 0


class Replacement(NamedTuple):
    """A text that takes the place of what stands from the start of a location to its end."""

    location: Location
    text: str


class Fix(NamedTuple):
    """What mends a finding. ``safe`` promises that all that is applied is the same afterwards.

    ``replacements`` say the same as ``edits`` of the text that was linted, where somebody wants to know.
    """

    description: str
    safe: bool
    edits: tuple[Edit, ...]
    replacements: tuple[Replacement, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, at the place where a person mends it.

    ``pointer`` is the keyed way to the field, ``spec.template.spec.containers[name=web].image``;
    ``source`` names the object as its source file does, ``Deployment/web``, whatever overlays make of the name.
    """

    rule: str
    severity: Severity
    message: str
    location: Location
    object: ObjectName | None = None
    source: str = ""
    pointer: str = ""
    applications: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()
    help: str = field(default="", compare=False)
    fix: Fix | None = field(default=None, compare=False)

    @property
    def fingerprint(self) -> str:
        """Names the finding across moved lines, and never derives from a value in the manifest."""
        subject = self.source or (f"{self.object.kind}/{self.object.name}" if self.object else "")
        text = f"{self.rule}\0{self.location.path}\0{subject}\0{self.pointer}"
        return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]

    @property
    def order(self) -> tuple[Location, str, str, str]:
        """Sorts findings as a reader walks through the files."""
        return (self.location, self.rule, self.pointer, self.message)


@dataclass(frozen=True, slots=True, order=True)
class Note:
    """Something that is not wrong but must not be silent, such as what cannot be known offline."""

    kind: str
    message: str
    path: str = ""
    count: int = 1


class Suppressed(NamedTuple):
    """A finding that a comment, an annotation or the configuration silences, with the reason given there."""

    finding: Finding
    reason: str
    how: str


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run looked at. ``seconds`` maps each stage to the wall seconds spent in it."""

    applications: int = 0
    builds: int = 0
    failed_builds: int = 0
    objects: int = 0
    validated: int = 0
    unvalidated: int = 0
    files: int = 0
    rendered_share: float = 1.0
    seconds: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """All that one run has to say; every format is a way to write it down."""

    findings: tuple[Finding, ...]
    notes: tuple[Note, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    summary: Summary = field(default_factory=Summary)
    renderer: str = ""
    schemas: str = ""
    sources: dict[str, str] = field(default_factory=dict)
    """Text of the files that findings point into, by path, for excerpts."""
    rules: dict[str, str] = field(default_factory=dict)
    """First line of the documentation of each rule that was in force, by id."""
    documentation: dict[str, str] = field(default_factory=dict)
    """The whole documentation of the same rules, by id."""
    secret_rules: frozenset[str] = frozenset()
    """Rules whose findings point at secrets: the value at such a place is shown nowhere, in no excerpt of the file."""


class Failure(Exception):  # noqa: N818 - it is shown to users as a message, not as an error class
    """A run that cannot go on; the text tells what is wrong, where, and what to do; ``status`` is the exit code."""

    def __init__(self, message: str, status: int = 2) -> None:
        super().__init__(message)
        self.status = status
