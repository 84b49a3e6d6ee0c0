"""Puts back nothing but images, in the kustomization of the overlay."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitopsmith import edit, image
from gitopsmith.edit.transplanting import transplant
from gitopsmith.git import writing
from gitopsmith.git.writing import Entry
from gitopsmith.kustomization import FILE_NAMES
from gitopsmith.rollback.sides import Files, Sides, listing
from gitopsmith.tree import join


def imaged(sides: Sides) -> Files:
    """Returns the kustomizations of now with the images of then.

    First the field ``images`` as the overlay had it; where that is the same, one entry for each image that differs.
    Raises Failure where a file is written so that this cannot be done.
    """
    old, new = listing(sides, sides.target), listing(sides, sides.tip)
    before = dict(zip(sides.here.entries, sides.there.entries, strict=False))
    files: Files = {}
    for entry in sides.here.entries:
        name = next((name for name in FILE_NAMES if join(entry, name) in new), "")
        path, was = join(entry, name), join(before.get(entry, entry), name)
        if name and was in old:
            text, other = (writing.text(sides.reader.root, found.blob) for found in (new[path], old[was]))
            wanted = transplant(text, "images", other, path=path)
            wanted = wanted if wanted != text else _with_entries(sides, text, path)
            if wanted != text:
                files[path] = Entry(new[path].mode, writing.store_text(sides.reader.root, wanted))
    return files


def _with_entries(sides: Sides, text: str, path: str) -> str:
    for item in _items(sides):
        text = edit.append(text, ("images",), item, path=path)
    return text


def _items(sides: Sides) -> Iterator[dict[str, Any]]:
    """Yields an entry of ``images`` for each image of now that was another one then."""
    seen = set()
    for container, now in sides.now.images.items():
        then = sides.then.images.get(container, now)
        if then != now and now not in seen:
            seen.add(now)
            wanted, there = image.parse(then), image.parse(now)
            renamed = {"newName": wanted.name} if wanted.name != there.name else {}
            told = {"newTag": wanted.tag, "digest": wanted.digest}
            yield {"name": there.name, **renamed, **{key: value for key, value in told.items() if value}}


def versions(sides: Sides) -> tuple[str, str]:
    """Returns what to call the two states: the versions of the images that differ, else the two commits."""
    pairs = (
        (image.parse(now), image.parse(sides.then.images[container]))
        for container, now in sides.now.images.items()
        if sides.then.images.get(container, now) != now
    )
    told = dict.fromkeys((now.version, then.version) for now, then in pairs)
    if len(told) != 1 or len(set(*told)) != 2:
        return sides.tip[:7], sides.target[:7]
    return next(iter(told))
