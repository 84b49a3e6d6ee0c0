"""How `release` and `promote` end: a wish becomes a proposal, which is proved, shown and sent."""

from __future__ import annotations

from collections.abc import Callable

from gitopsmith.cli.proposing import Case, Choice, propose
from gitopsmith.landing import Upstream
from gitopsmith.proposal import Proposal, Proven, prove
from gitopsmith.release import Wish, make
from gitopsmith.states import Reader


def wished(reader: Reader, upstream: Upstream, wish: Callable[[str], Wish], choice: Choice) -> int:
    """Proposes what is wished for on top of a commit, and returns the exit code."""

    def made(base: str) -> Proposal | None:
        return make(reader, base, wish(base), force=choice.force)

    def proved(base: str, proposal: Proposal) -> Proven:
        return prove(reader, base, proposal, wish(base).place)

    return propose(Case(reader, upstream, made, proved), choice).status
