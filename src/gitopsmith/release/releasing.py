"""A new version for the first environment."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gitopsmith import image
from gitopsmith.finding import Failure
from gitopsmith.image import Image
from gitopsmith.release.making import Wish
from gitopsmith.release.stations import at, names, stations
from gitopsmith.states import Reader, State

_REFERENCE = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._/:-]*?(?::[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(?:@[a-z0-9]+:[a-f0-9]{32,})?"
)


def release(
    reader: Reader, base: str, app: str, environment: str, references: Iterable[str], *, anywhere: bool = False
) -> Wish:
    """Returns the wish that an application runs some images in its first environment, or in the one that is named.

    Raises Failure for a reference without a version, for an image that no container runs, and for another environment
    than the first unless it may be ``anywhere``.
    """
    found = stations(reader.named(base, app), app)
    place = at(found, environment) if environment else found[0]
    first = found[0].environment.name
    if place.environment.name != first and not anywhere:
        raise Failure(
            f"new versions of {place.app} come to {first}, and are promoted from there: {' -> '.join(names(found))}; "
            f"--any-environment brings one to {place.environment.name} all the same"
        )
    running = reader.state(base, place.application.name, place.environment.name)
    if running.failure:
        raise Failure(f"{place}: {running.failure}")
    wanted: dict[str, Image] = {}
    for new in map(parsed, references):
        wanted |= dict.fromkeys(_containers(running, new, str(place)), new)
    return Wish("release", place, wanted)


def parsed(reference: str) -> Image:
    """Returns the parts of a reference. Raises Failure for what is none, and for one without a version."""
    found = image.parse(reference)
    if not _REFERENCE.fullmatch(reference):
        raise Failure(f"{reference!r} is no image; write NAME:TAG, NAME@sha256:DIGEST or NAME:TAG@sha256:DIGEST")
    if not found.tag and not found.digest:
        raise Failure(f"{reference} names no version; write {reference}:TAG, or {reference}@sha256:DIGEST")
    return found


def _containers(running: State, new: Image, where: str) -> tuple[str, ...]:
    names_there = {container: image.parse(reference).name for container, reference in running.images.items()}
    found = tuple(container for container, name in names_there.items() if name == new.name)
    if not found:
        there = ", ".join(sorted(set(names_there.values()))) or "no image"
        raise Failure(f"no container of {where} runs {new.name}; there is {there}")
    return found
