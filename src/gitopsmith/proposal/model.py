"""A proposal: some files of the repository, and the message of their commit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from gitopsmith.git.writing import Entry


@dataclass(frozen=True, slots=True)
class Proposal:
    """What to change on top of a commit.

    ``files`` maps paths of the whole work tree to what is there afterwards, None for nothing. ``trailers`` are what
    programs read of the commit, such as ``Rollback-Of``; ``name`` is what its branch is called, ``rollback-web-prod``.
    """

    subject: str
    files: Mapping[str, Entry | None]
    body: str = ""
    trailers: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    images: Mapping[str, str] = field(default_factory=dict)
    """What containers run afterwards, by what a difference calls them: ``image of web in Deployment/web``."""
    taken: Mapping[str, Entry | None] = field(default_factory=dict)
    """Those of the files that are meant to be just so, as an image is, whatever there was before."""

    passing: frozenset[str] = frozenset()
    """Names of trailers that say which commit it was looked at on: they do not tell it from what is asked for again."""

    direct: frozenset[str] = frozenset()
    """Those of the files that go along only where it is pushed: any two requests would conflict in them."""

    @property
    def requested(self) -> Proposal:
        """The same as a request has it."""
        return replace(self, files={path: entry for path, entry in self.files.items() if path not in self.direct})

    @property
    def lasting(self) -> dict[str, str]:
        """The trailers that stay what they are when it is made again on another commit."""
        return {name: value for name, value in self.trailers.items() if name not in self.passing}

    def is_meant_as(self, other: Proposal) -> bool:
        """Tells whether it brings the very same as another, which may be made on another commit."""
        return (self.images, self.taken) == (other.images, other.taken)


def is_message_of(text: str, proposal: Proposal) -> bool:
    """Tells whether a message is that of the proposal, whatever commit it was made on."""
    passing = tuple(f"{name}: " for name in proposal.passing)
    told = (one.strip().splitlines() for one in (text, message(proposal)))
    one, other = ([line for line in lines if not line.startswith(passing)] for lines in told)
    return one == other


def message(proposal: Proposal) -> str:
    """Returns the message of its commit."""
    trailers = "\n".join(f"{name}: {' '.join(value.split())}" for name, value in proposal.trailers.items())
    return "\n\n".join(filter(None, (proposal.subject, proposal.body, trailers))) + "\n"
