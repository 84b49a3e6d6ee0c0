"""Plans a rollback on the newest commit, and makes it anew on a newer one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from gitopsmith import git
from gitopsmith.finding import Failure
from gitopsmith.landing import Upstream
from gitopsmith.proposal import Proposal, stands
from gitopsmith.report.summary import listed
from gitopsmith.rollback import ladder
from gitopsmith.rollback.cautions import Caution, cautions, overridden
from gitopsmith.rollback.ladder import Rung
from gitopsmith.rollback.proving import differing
from gitopsmith.rollback.sides import Permissions, Sides
from gitopsmith.rollback.targets import Target, Wish, choose
from gitopsmith.states import Reader

_ONLY_SECRETS = "only secrets differ from {}; --include-secrets restores them, --steps or --to goes further"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asks for. An empty ``way`` is the best one there is."""

    app: str
    environment: str
    wish: Wish = field(default_factory=Wish)
    way: str = ""
    permissions: Permissions = field(default_factory=Permissions)
    hold: bool = True
    every_way: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A rollback that is ready to be sent, with all that was weighed on the way.

    ``rungs`` are the ways that were looked at; ``chosen`` is the one to take, None where there is nothing to do.
    """

    sides: Sides | None
    target: Target
    rungs: tuple[Rung, ...] = ()
    chosen: Rung | None = None
    cautions: tuple[Caution, ...] = ()
    notes: tuple[str, ...] = ()


def plan(reader: Reader, upstream: Upstream, tip: str, asked: Asked) -> Plan:
    """Returns how to go back. Raises Failure where there is no way, and says why each is none."""
    target = choose(reader, upstream, tip, asked.app, asked.environment, asked.wish)
    if target.then is None:
        return Plan(None, target)
    bad = target.now.commit
    sides = Sides(reader, asked.app, asked.environment, tip, target.then.commit, bad, asked.permissions, asked.hold)
    if is_there(sides):
        if _secrets_differ(sides):
            raise Failure(_ONLY_SECRETS.format(f"{target.then.commit[:12]} ({target.then.subject})"), status=1)
        return Plan(sides, target._replace(then=None, reason="it is what is there now"))
    rungs = tuple(_looked_at(sides, asked))
    chosen = next((rung for rung in rungs if not rung.why_not and asked.way in {"", rung.name}), None)
    if chosen is None:
        raise Failure(_no_way(sides, rungs, asked.way), status=3)
    return Plan(sides, target, rungs, chosen, cautions(sides, target, datetime.now(UTC)), chosen.notes)


def _looked_at(sides: Sides, asked: Asked) -> Iterator[Rung]:
    """Yields the ways in their order, up to the one that will be taken, unless all are to be shown."""
    for rung in ladder.ladder(sides, asked.way):
        yield rung
        if not rung.why_not and asked.way in {"", rung.name} and (rung.name == ladder.EXACT or not asked.every_way):
            return


def is_there(sides: Sides) -> bool:
    """Tells whether the environment is already what it was then."""
    now, then = sides.now, sides.then
    if now.failure or then.failure:
        return now.is_same(then)
    return not differing(now, then, secrets=sides.permissions.secrets)


def _secrets_differ(sides: Sides) -> bool:
    return not sides.now.failure and bool(differing(sides.now, sides.then, secrets=True))


def remake(made: Plan, asked: Asked, base: str) -> Proposal | None:
    """Returns the same rollback on a newer commit, None where somebody else has done it.

    Raises Failure where somebody changed the environment otherwise, which nobody has looked at yet.
    """
    sides, chosen = made.sides, made.chosen
    assert sides is not None
    assert chosen is not None
    if base == sides.tip:
        return chosen.proposal
    if _stands(sides, chosen, base):
        return chosen.proposal
    newer = sides._replace(tip=base)
    if is_there(newer):
        return None
    if not newer.now.is_same(sides.now):
        subject = next((one.subject for one in git.log(sides.reader.root, base, (), 1)), "")
        raise Failure(
            f"{sides.here} was changed by somebody else meanwhile ({base[:12]} {subject}); "
            "nothing was pushed, look at it and try again",
            status=3,
        )
    rungs = tuple(_looked_at(newer, replace(asked, way=chosen.name)))
    again = next((rung for rung in rungs if rung.name == chosen.name and not rung.why_not), None)
    if again is None:
        raise Failure(_no_way(newer, rungs, chosen.name), status=3)
    return again.proposal


def _stands(sides: Sides, chosen: Rung, base: str) -> bool:
    """Tells whether a way stays what it was shown to be: nothing that it reaches has changed since."""
    assert chosen.proposal is not None
    return chosen.weighed is not None and stands(sides.reader, chosen.weighed, chosen.proposal, base)


def _no_way(sides: Sides, rungs: tuple[Rung, ...], way: str) -> str:
    told = "; ".join(f"{rung.name}: {rung.why_not}" for rung in rungs if rung.why_not and way in {"", rung.name})
    head = f"there is no way back to {sides.target[:12]} for {sides.here}"
    return "; ".join((f"{head}: {told}", *_advice(sides, rungs)))


def _advice(sides: Sides, rungs: tuple[Rung, ...]) -> Iterator[str]:
    """Yields what a person may allow so that there is a way."""
    if any(rung.others for rung in rungs) and not sides.permissions.shared:
        yield "--include-shared changes them, too"
    fields = overridden(sides) if not sides.permissions.application else []
    if fields:
        yield f"--include-application restores what the Application says itself: {listed(fields)}"
    kept = dict.fromkeys(path for rung in rungs for path in rung.withheld)
    if kept:
        yield f"--include-secrets restores what stays as it is, since secrets are in it: {listed(list(kept))}"
