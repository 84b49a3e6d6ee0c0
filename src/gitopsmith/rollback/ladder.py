"""The ways back, best first: each is built, rendered, and only offered where that proves it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from gitopsmith.finding import Failure
from gitopsmith.holds import Written
from gitopsmith.proposal import Proposal, Weighed, weigh
from gitopsmith.report.summary import listed
from gitopsmith.rollback.carrying import FOLDER, carried
from gitopsmith.rollback.holding import held, stored
from gitopsmith.rollback.images import imaged
from gitopsmith.rollback.proposing import proposed
from gitopsmith.rollback.proving import differing, elsewhere
from gitopsmith.rollback.sides import Files, Sides, changed, is_own, whole
from gitopsmith.rollback.withheld import withheld

EXACT, BASE, FILES, IMAGE = "exact", "base", "files", "image"
NAMES = (EXACT, BASE, FILES, IMAGE)
MOST_LOOKS = 20
"""So many groups of files are tried for what they reach."""


class Way(NamedTuple):
    """What a way back changes; ``notes`` tell what it leaves out."""

    files: Files
    notes: tuple[str, ...] = ()


class Rung(NamedTuple):
    """One way back: what it changes, what it leaves as it is now, and whom else it reaches.

    ``why_not`` tells why it is no way, and is empty where it is one.
    """

    name: str
    meaning: str
    proposal: Proposal | None = None
    weighed: Weighed | None = None
    remaining: tuple[str, ...] = ()
    withheld: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    why_not: str = ""


MEANINGS = {
    EXACT: "the files are restored as they were, and the environment renders as it did then",
    BASE: f"the base has changed, so its old state is carried in the overlay, in {FOLDER}/",
    FILES: "what only this environment is made from is restored, and what others are made from too stays new",
    IMAGE: "the images are those of then, and all else stays as it is now",
}


def ladder(sides: Sides, only: str = "") -> Iterator[Rung]:
    """Yields every way back in its order, also those that are none, each built when it is asked for; or only one."""
    if sides.then.failure:
        yield Rung(EXACT, MEANINGS[EXACT], why_not=f"what it was then cannot be proved: {sides.then.failure}")
    if only == IMAGE or sides.then.failure:
        yield _tried(sides, IMAGE, lambda: Way(imaged(sides)), frozenset())
        return
    files = changed(sides)
    kept = withheld(sides, files) if not sides.permissions.secrets else frozenset()
    free = {path: entry for path, entry in files.items() if path not in kept}
    own = {path: entry for path, entry in free.items() if is_own(sides, path)}
    ways: dict[str, Callable[[], Way]] = {
        BASE: lambda: Way(carried(sides, own, kept)),
        FILES: lambda: _harmless(sides, free),
        IMAGE: lambda: Way(imaged(sides)),
    }
    if only in {"", EXACT}:
        yield _exact(sides, own, free, kept)
    for name, make in ways.items():
        if only in {"", name}:
            yield _tried(sides, name, make, kept if name != IMAGE else frozenset())


def _exact(sides: Sides, own: Files, free: Files, kept: frozenset[str]) -> Rung:
    """Restores the overlay's own folder; and where that is not enough, what else nobody but it is made from."""
    narrow = _tried(sides, EXACT, lambda: Way(own), kept)
    if not narrow.why_not or own == free:
        return narrow
    wide = _tried(sides, EXACT, lambda: Way(free), kept)
    return wide if wide.others or not wide.why_not or not own else narrow


def _tried(sides: Sides, name: str, make: Callable[[], Way], kept: frozenset[str]) -> Rung:
    """Builds and renders one way, and tells whether it is one."""
    rung = Rung(name, MEANINGS[name], withheld=tuple(sorted(kept)))
    try:
        way = make()
        if not way.files:
            return rung._replace(why_not="; ".join(("no file of it would change", *way.notes)))
        hold = _held(sides)
        proposal = proposed(sides, {**whole(sides, way.files), **stored(sides, hold)}, name, rung.withheld, hold.aside)
        weighed = weigh(sides.reader, sides.tip, proposal)
    except Failure as error:
        return rung._replace(why_not=str(error))
    return _judged(sides, rung._replace(proposal=proposal, weighed=weighed, notes=(*way.notes, *hold.notes)))


def _held(sides: Sides) -> Written:
    """Returns the files that hold the versions back; one that is broken must not keep anybody from going back."""
    try:
        return held(sides) if sides.hold else Written({})
    except Failure as error:
        return Written({}, (f"nothing is put on hold: {error}",))


def _judged(sides: Sides, rung: Rung) -> Rung:
    assert rung.weighed is not None
    others = elsewhere(sides, rung.weighed)
    if others and not sides.permissions.shared:
        return rung._replace(others=others, why_not=f"it would change {listed(list(others))}, too")
    after = sides.reader.state(rung.weighed.tree, sides.app, sides.environment)
    if after.failure and (after.is_broken or not sides.then.failure):
        return rung._replace(others=others, why_not=after.failure)
    left = differing(after, sides.then, secrets=sides.permissions.secrets) if not sides.then.failure else ()
    if left and rung.name in {EXACT, BASE}:
        return rung._replace(others=others, why_not=f"{listed(list(left))} would not be what it was")
    if after.is_same(sides.now):
        return rung._replace(others=others, why_not="it would change nothing that is applied")
    return rung._replace(others=others, remaining=left)


def _harmless(sides: Sides, files: Files) -> Way:
    """Returns the files that reach nobody else: those of the own folder together, then the others, else by halves."""
    own = [path for path in files if is_own(sides, path)]
    groups = [group for group in (own, [path for path in files if path not in own]) if group]
    found: Files = {}
    for _ in range(MOST_LOOKS):
        if groups:
            group, *groups = groups
            more = {**found, **{path: files[path] for path in group}}
            if _reaches_nobody(sides, more):
                found = more
            elif len(group) > 1:
                groups += [group[: len(group) // 2], group[len(group) // 2 :]]
    left = [path for group in groups for path in group]
    told = f"not tried for whom else it reaches, after {MOST_LOOKS} others, and left as it is now: {listed(left)}"
    return Way(found, (told,) if left else ())


def _reaches_nobody(sides: Sides, files: Files) -> bool:
    return not elsewhere(sides, weigh(sides.reader, sides.tip, proposed(sides, whole(sides, files), FILES, ())))
