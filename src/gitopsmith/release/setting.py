"""Sets images where an application's own files say what it runs, and leaves every other byte as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from gitopsmith import edit, image, kustomization
from gitopsmith.finding import Failure
from gitopsmith.image import Image
from gitopsmith.manifest import text
from gitopsmith.release import spots
from gitopsmith.release.spots import ENTRY, VALUE, Spot
from gitopsmith.states import Place
from gitopsmith.tree import Tree


def set_images(
    tree: Tree, place: Place, places: Callable[[], Iterable[Place]], wanted: Mapping[str, Image]
) -> dict[str, str]:
    """Returns the files, by path, in which images are others; ``wanted`` maps what is rendered to what shall be.
    ``places`` returns all that there are, and is called only where it matters who else reads a file.

    What the folders of the application say is changed there, what only it is built from is changed where it stands,
    and what it shares with others becomes an entry of ``images`` in its overlay. Raises Failure, with the place, where
    none of that is to be had.
    """
    changed: dict[str, str] = {}
    for name, new in _by_name(wanted).items():
        references = frozenset(old for old in wanted if image.parse(old).name == name)
        found = spots.find(tree, spots.near(tree, place), references)
        found = found or spots.find(tree, spots.alone(tree, place, places()), references)
        for spot in found:
            before = changed.get(spot.path) or _text(tree, spot.path)
            changed[spot.path] = _set(before, spot, new)
        if not found:
            path = _overlay(tree, place, name)
            changed[path] = _add(changed.get(path) or _text(tree, path), path, name, new)
    return changed


def _by_name(wanted: Mapping[str, Image]) -> dict[str, Image]:
    found: dict[str, Image] = {}
    for old, new in wanted.items():
        name = image.parse(old).name
        if found.setdefault(name, new) != new:
            raise Failure(f"{name} would have to be {found[name].version} and {new.version} at once; do it by hand")
    return found


def _text(tree: Tree, path: str) -> str:
    return (tree.data(path) or b"").decode("utf-8", "surrogateescape")


def _set(before: str, spot: Spot, new: Image) -> str:
    if spot.kind == VALUE:
        return edit.put(before, spot.route, str(new), document=spot.document, path=spot.path)
    fields = _entry(spot, new) if spot.kind == ENTRY else _values(spot, new)
    for key, value in fields.items():
        route = (*spot.route, key)
        if value:
            before = edit.put(before, route, value, document=spot.document, path=spot.path)
        else:
            before = edit.remove(before, route, document=spot.document, path=spot.path)
    return before


def _entry(spot: Spot, new: Image) -> dict[str, str]:
    """Returns the fields of an entry of ``images``, empty for one that goes: never an old digest beside a new tag."""
    if text(spot.body, "tagSuffix"):
        raise Failure(f"{spot.path}: the entry of {new.name} has a tagSuffix; put newTag in its place by hand")
    renamed = {} if (text(spot.body, "newName") or text(spot.body, "name")) == new.name else {"newName": new.name}
    if renamed and text(spot.body, "name") == new.name:
        renamed = {"newName": ""}
    return {**renamed, "newTag": new.tag, "digest": new.digest}


def _values(spot: Spot, new: Image) -> dict[str, str]:
    """Returns the fields of a map in a chart's values; charts that know no digest take one behind the tag."""
    if "digest" in spot.body:
        return {"tag": new.tag, "digest": new.digest}
    return {"tag": new.tag + (f"@{new.digest}" if new.digest else "")}


def _overlay(tree: Tree, place: Place, name: str) -> str:
    """Returns the kustomization that an entry for an image goes to, since nothing here says which one runs."""
    found = (kustomization.find(tree, build.entry) for build in place.builds if build.type == "kustomize")
    path = next(filter(None, found), None)
    if path is None:
        where = ", ".join(place.entries) or place.application.resource.origin.path
        raise Failure(f"nothing that only {place} is built from says which {name} runs; change it by hand: {where}")
    return path


def _add(before: str, path: str, name: str, new: Image) -> str:
    item: dict[str, Any] = {"name": name, "newName": "" if new.name == name else new.name}
    item |= {"newTag": new.tag, "digest": new.digest}
    return edit.append(before, ("images",), {key: value for key, value in item.items() if value}, path=path)
