"""The version of one environment for the next one: its images, and the files that the configuration lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gitopsmith import git, image, kustomization
from gitopsmith.config import Config, matches
from gitopsmith.finding import Failure
from gitopsmith.git import writing
from gitopsmith.git.writing import Entry
from gitopsmith.image import Image
from gitopsmith.release.making import PROMOTE_FROM, Wish
from gitopsmith.release.pairing import Side, affixes, counterparts
from gitopsmith.release.stations import at, names, stations
from gitopsmith.states import Place, Reader, State
from gitopsmith.tree import join


def promotion(reader: Reader, base: str, app: str, source: str = "", target: str = "", *, skip: bool = False) -> Wish:
    """Returns the wish that an application is in one environment what it is in another.

    Without a source, that is the environment before the target; without a target, the one after the source. Raises
    Failure where that leaves an environment out, unless it may ``skip``, and for a way back.
    """
    here, there = _ends(stations(reader.named(base, app), app), source, target, skip=skip)
    before = _rendered(reader, base, here)
    after = _rendered(reader, base, there)
    trailers = {PROMOTE_FROM: f"{here.environment.name}@{base[:12]}", "Promote-To": there.environment.name}
    files = listed(reader, base, reader.settings(base), here, there)
    return Wish("promote", there, moved(reader, base, before, after), files, trailers)


def moved(reader: Reader, base: str, before: State, after: State) -> dict[str, Image]:
    """Returns what the containers of one environment run in the other, by what they are called in the former.

    A container that only one of them has comes with the base, and one that has the same image in both stays. Raises
    Failure where it is not known which container is which.
    """
    found = {}
    for name, other in counterparts(*_sides(reader, base, before, after)).items():
        wanted, there = before.images[name], after.images[other]
        if there != wanted and image.parse(wanted) != image.parse(there):
            found[other] = image.parse(wanted)
    return found


def _sides(reader: Reader, base: str, *states: State) -> Iterator[Side]:
    """Yields what containers are paired by; overlays are read only where names differ."""
    is_same = len({frozenset(state.images) for state in states}) == 1
    for state in states:
        if is_same or state.place is None:
            yield Side(str(state.place), state.images)
            continue
        with reader.archive.tree(base) as tree:
            yield Side(str(state.place), state.images, tuple(affixes(tree, state.place)))


def _rendered(reader: Reader, base: str, place: Place) -> State:
    state = reader.state(base, place.application.name, place.environment.name)
    if state.failure:
        raise Failure(f"{place}: {state.failure}")
    return state


def _ends(found: tuple[Place, ...], source: str, target: str, *, skip: bool) -> tuple[Place, Place]:
    order = names(found)
    if not source and not target:
        raise Failure(f"say where to: --to ENVIRONMENT; {found[0].app} goes {' -> '.join(order)}")
    for name in filter(None, (source, target)):
        at(found, name)
    to = order.index(target) if target else order.index(source) + 1
    of = order.index(source) if source else to - 1
    if of < 0:
        raise Failure(
            f"{order[0]} is the first environment of {found[0].app}; `gitopsmith release` brings versions there"
        )
    if to >= len(order):
        raise Failure(f"{order[-1]} is the last environment of {found[0].app}")
    if to <= of:
        raise Failure(f"{order[to]} does not come after {order[of]}: {' -> '.join(order)}; a way back is `rollback`")
    if to > of + 1 and not skip:
        left_out = ", ".join(order[of + 1 : to])
        raise Failure(f"this leaves out {left_out}: {' -> '.join(order)}; --skip does it all the same")
    return found[of], found[to]


def listed(reader: Reader, base: str, settings: Config, here: Place, there: Place) -> Mapping[str, Entry | None]:
    """Returns what the files of one overlay shall be, of those that the configuration lists for promotion."""
    patterns = (*settings.promoted_files, *settings.promoted_files_of.get(there.app, ()))
    if not patterns:
        return {}
    if len(here.entries) != 1 or len(there.entries) != 1:
        raise Failure(f"{there} is built from several folders, so it is not known which files of which to promote")
    below = git.below(reader.root).rstrip("/")
    of, to = (join(below, place.entries[0]) for place in (here, there))
    chosen, known = (_chosen(reader, base, folder, patterns) for folder in (of, to))
    gone: dict[str, Entry | None] = {join(to, name): None for name in known if name not in chosen}
    return {**gone, **{join(to, name): entry for name, entry in chosen.items() if known.get(name) != entry}}


def _chosen(reader: Reader, base: str, folder: str, patterns: tuple[str, ...]) -> dict[str, Entry]:
    found = writing.entries(reader.root, base, (folder,))
    inside = {path.removeprefix(f"{folder}/"): entry for path, entry in found.items()}
    return {
        name: entry for name, entry in inside.items()
        if matches(name, patterns) and name not in kustomization.FILE_NAMES
    }  # fmt: skip
