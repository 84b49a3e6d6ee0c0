"""Puts the versions on hold that a rollback takes away, so that neither Renovate nor a promotion brings them back."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from gitopsmith import git, holds
from gitopsmith.git import writing
from gitopsmith.git.writing import Entry
from gitopsmith.holds import Hold, Read, Written
from gitopsmith.rollback.sides import Sides


def held(sides: Sides) -> Written:
    """Returns the files that hold back every image of now that was another one then, and free those that come back.

    Raises Failure where such a file is broken.
    """
    known: dict[str, str | None] = {}

    def reading(path: str) -> str | None:
        if path not in known:
            known[path] = writing.text_at(sides.reader.root, sides.tip, path)
        return known[path]

    below = git.below(sides.reader.root)
    changed: dict[str, str | None] = {}
    notes: list[str] = []
    free, (_, going) = freed(sides), _images(sides)
    steps = [partial(holds.lift, reading, free, below)] if free else []
    steps += [partial(_put, sides, reading, image, below) for image in going]
    for step in steps:
        written = step()
        known |= written.files
        changed |= written.files
        notes += written.notes
    return Written(changed, tuple(notes))


def freed(sides: Sides) -> tuple[Hold, ...]:
    """Returns the holds on images that come back. Raises Failure where their file is broken."""
    path = git.below(sides.reader.root) + holds.FILE_NAME
    there = holds.read(writing.text_at(sides.reader.root, sides.tip, path), path)
    found = (holds.find(there, sides.here.app, sides.environment, image) for image in _images(sides)[0])
    return tuple(dict.fromkeys(filter(None, found)))


def _put(sides: Sides, reading: Read, image: str, below: str) -> Written:
    hold = Hold(
        *(sides.here.app, sides.environment, image),
        reason=f"rolled back from {sides.bad[:12]}",
        since=datetime.now(UTC).date().isoformat(),
        by=git.setting(sides.reader.root, "user.name"),
    )
    return holds.put(reading, hold, sides.here.entries, below)


def _images(sides: Sides) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Returns the images that come back, and those that go."""
    if sides.then.failure:
        return (), ()
    now, then = sides.now.images, sides.then.images
    differing = [container for container in now if then.get(container, now[container]) != now[container]]
    staying = {*then.values()}
    coming = dict.fromkeys(then[container] for container in differing)
    return tuple(coming), tuple(dict.fromkeys(now[each] for each in differing if now[each] not in staying))


def stored(sides: Sides, written: Written) -> dict[str, Entry | None]:
    """Returns the same files as entries of a tree."""
    return {
        path: None if text is None else Entry(writing.FILE, writing.store_text(sides.reader.root, text))
        for path, text in written.files.items()
    }
