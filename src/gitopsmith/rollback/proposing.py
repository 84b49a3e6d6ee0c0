"""Words the commit of a rollback."""

from __future__ import annotations

from collections.abc import Mapping

from gitopsmith.git.writing import Entry
from gitopsmith.landing import RESTORES, ROLLBACK_OF
from gitopsmith.proposal import Proposal
from gitopsmith.rollback.images import versions
from gitopsmith.rollback.sides import Sides

_BODIES = {
    "base": (
        "The base has changed since, for every environment. Its old state is kept in the overlay until\n"
        "somebody takes this commit's changes to the overlay back."
    ),
    "files": "What other environments are made from too stays as it was before this commit.",
    "image": "Only images are put back; configuration stays as it was before this commit.",
}


def proposed(
    sides: Sides,
    files: Mapping[str, Entry | None],
    way: str,
    withheld: tuple[str, ...],
    direct: frozenset[str] = frozenset(),
) -> Proposal:
    """Returns the proposal that puts files of the work tree back, with the words of its commit.

    ``direct`` are those that go along only where it is pushed.
    """
    before, after = versions(sides)
    kept = [f"Secrets stay as they are: {', '.join(withheld)}"] if withheld else []
    return Proposal(
        f"rollback({sides.environment}/{sides.here.app}): {before} -> {after}",
        files,
        "\n\n".join(filter(None, (_BODIES.get(way, ""), *kept))),
        {ROLLBACK_OF: sides.bad, RESTORES: sides.target, "App": sides.here.app, "Environment": sides.environment},
        f"rollback-{sides.here.app}-{sides.environment}",
        direct=direct,
    )
