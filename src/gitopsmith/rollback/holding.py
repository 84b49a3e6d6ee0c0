"""Puts the versions on hold that a rollback takes away, so that neither Renovate nor a promotion brings them back."""

from __future__ import annotations

from datetime import UTC, datetime

from gitopsmith import git, holds
from gitopsmith.git import writing
from gitopsmith.git.writing import Entry
from gitopsmith.holds import Hold, Written
from gitopsmith.rollback.sides import Sides
from gitopsmith.tree import join


def held(sides: Sides) -> Written:
    """Returns the files that hold back every image of now that was another one then, and free those that come back.

    Raises Failure where such a file is broken.
    """
    files, below = _texts(sides)
    free, (_, going) = _freed(sides, files, below), _images(sides)
    if not free and not going:
        return Written({})
    return holds.change(files, below, put=[_hold(sides, image, below) for image in going], lift=free)


def freed(sides: Sides) -> tuple[Hold, ...]:
    """Returns the holds on images that come back. Raises Failure where a file of them is broken."""
    return _freed(sides, *_texts(sides))


def _freed(sides: Sides, files: dict[str, str], below: str) -> tuple[Hold, ...]:
    there = holds.read(files, below).values()
    found = (holds.find(there, sides.here.app, sides.environment, image) for image in _images(sides)[0])
    return tuple(dict.fromkeys(filter(None, found)))


def _texts(sides: Sides) -> tuple[dict[str, str], str]:
    """Returns the files about holds at the tip, and where the repository lies in the work tree."""
    root, below = sides.reader.root, git.below(sides.reader.root)
    return holds.texts(root, sides.tip, below), below


def _hold(sides: Sides, image: str, below: str) -> Hold:
    return Hold(
        *(sides.here.app, sides.environment, image),
        reason=f"rolled back from {sides.bad[:12]}",
        since=datetime.now(UTC).date().isoformat(),
        by=git.setting(sides.reader.root, "user.name"),
        folders=tuple(join(below.rstrip("/"), entry) for entry in sides.here.entries),
    )


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
