"""Tells what is where, and what promotions would bring, for every application."""

from __future__ import annotations

import itertools
from typing import NamedTuple

from gitopsmith import git, holds
from gitopsmith.config import Config
from gitopsmith.finding import Failure
from gitopsmith.holds import Hold
from gitopsmith.image import Image, parse
from gitopsmith.release.promoting import listed, moved
from gitopsmith.states import Place, Reader, State


class Step(NamedTuple):
    """What a promotion would bring: what containers run and would run, and files. ``held`` is what may not.

    ``failure`` tells why it cannot be known.
    """

    source: str
    target: str
    images: dict[str, tuple[Image, Image]]
    files: tuple[str, ...]
    held: tuple[str, ...]
    failure: str = ""


class Station(NamedTuple):
    """One application: the images of each environment, or why they are not to be had, and the steps between them."""

    app: str
    environments: dict[str, tuple[Image, ...]]
    failures: dict[str, str]
    steps: tuple[Step, ...]


class _Ground(NamedTuple):
    reader: Reader
    base: str
    settings: Config
    holds: tuple[Hold, ...]


def plan(reader: Reader, base: str) -> tuple[Station, ...]:
    """Returns every application that is in an environment, by name."""
    below = git.below(reader.root)
    known = holds.read(holds.texts(reader.root, base, below), below)
    ground = _Ground(reader, base, reader.settings(base), tuple(known.values()))
    by_app: dict[str, list[tuple[Place, State]]] = {}
    for state in reader.states(base):
        if state.place is not None and (state.images or state.failure):
            by_app.setdefault(state.place.app, []).append((state.place, state))
    return tuple(_station(ground, app, found) for app, found in sorted(by_app.items()))


def _station(ground: _Ground, app: str, found: list[tuple[Place, State]]) -> Station:
    pairs = itertools.pairwise((place, state) for place, state in found if not state.failure)
    steps = (_step(ground, *before, *after) for before, after in pairs)
    return Station(
        app,
        {place.environment.name: _images(state) for place, state in found},
        {place.environment.name: state.failure for place, state in found if state.failure},
        tuple(step for step in steps if step.images or step.files or step.failure),
    )


def _images(state: State) -> tuple[Image, ...]:
    return tuple(dict.fromkeys(parse(one) for one in state.images.values()))


def _step(ground: _Ground, here: Place, before: State, there: Place, after: State) -> Step:
    ends = (here.environment.name, there.environment.name)
    try:
        wanted = moved(ground.reader, ground.base, before, after)
    except Failure as error:
        return Step(*ends, {}, (), (), str(error))
    images = {name: (parse(after.images[name]), new) for name, new in wanted.items()}
    single = len(here.entries) == len(there.entries) == 1
    files = listed(ground.reader, ground.base, ground.settings, here, there) if single else {}
    news = dict.fromkeys(str(new) for _, new in images.values())
    held = (new for new in news if holds.find(ground.holds, there.app, there.environment.name, new))
    return Step(*ends, images, tuple(sorted(files)), tuple(held))
