"""Finds where files say which image runs: entries of ``images``, manifests and patches, values of charts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from gitopsmith import evaluate, image, kustomization
from gitopsmith.finding import Route
from gitopsmith.manifest import get, items, mapping, scalars, text
from gitopsmith.states import Place
from gitopsmith.tree import Tree, is_yaml

ENTRY, VALUE, VALUES = "entry", "value", "values"
_REPOSITORY = ("repository", "name", "image")
"""What charts call the name of an image, beside its ``tag``."""


class Spot(NamedTuple):
    """A place in a file that decides about an image.

    ``kind`` tells what stands at the route of the document: an entry of ``images``, the whole reference of an image, or
    a map of a chart's values with the name and the tag of one. ``body`` is what is there.
    """

    kind: str
    path: str
    document: int
    route: Route
    body: Any


def find(tree: Tree, paths: Iterable[str], references: frozenset[str]) -> tuple[Spot, ...]:
    """Returns the spots in some files that decide about an image which is rendered as one of the references.

    Those of the strongest kind only: kustomize sets images last, after manifests and patches.
    """
    found = [spot for path in paths for spot in _in_file(tree, path, references)]
    for kind in (ENTRY, VALUE, VALUES):
        spots = tuple(spot for spot in found if spot.kind == kind)
        if spots:
            return spots
    return ()


def near(tree: Tree, place: Place) -> tuple[str, ...]:
    """Returns the files of an application's own folders that it is built from."""
    return tuple(
        path for path in _read(tree, place) if any(kustomization.is_below(path, entry) for entry in place.entries)
    )


def alone(tree: Tree, place: Place, places: Iterable[Place]) -> tuple[str, ...]:
    """Returns all files that an application is built from in one environment, and nothing else is."""
    others = [one for one in places if one.builds != place.builds]
    shared = {path for one in others for build in one.builds for path in evaluate.inputs(tree, build)}
    return tuple(path for path in _read(tree, place) if path not in shared)


def _read(tree: Tree, place: Place) -> Iterator[str]:
    paths = dict.fromkeys(path for build in place.builds for path in evaluate.inputs(tree, build))
    return (path for path in paths if tree.kind(path) == "file" and _is_written_by_hand(path))


def _is_written_by_hand(path: str) -> bool:
    return is_yaml(path) or path.rpartition("/")[2] in kustomization.FILE_NAMES


def _in_file(tree: Tree, path: str, references: frozenset[str]) -> Iterator[Spot]:
    names = {image.parse(reference).name for reference in references}
    for index, document in enumerate(tree.documents(path).documents):
        body = document.body
        if path.rpartition("/")[2] in kustomization.FILE_NAMES:
            for route, item in items(body, "images"):
                if (text(item, "newName") or text(item, "name")) in names:
                    yield Spot(ENTRY, path, index, route, item)
        for route, value in scalars(body):
            if value in references and isinstance(value, str) and "images" not in route[:1]:
                yield Spot(VALUE, path, index, route, value)
        if not text(body, "kind"):
            for route, found in _maps(body):
                if _name(found) in names and _is_tagged(found, references):
                    yield Spot(VALUES, path, index, route, found)


def _maps(body: Any, route: Route = ()) -> Iterator[tuple[Route, dict[str, Any]]]:
    inside = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    if isinstance(body, dict):
        yield route, body
    for step, value in inside:
        yield from _maps(value, (*route, step))


def _name(values: dict[str, Any]) -> str:
    """Returns the name of the image that a map of values is about, empty where it is about none."""
    named = next((found for key in _REPOSITORY if (found := text(values, key))), "")
    registry = text(values, "registry")
    return f"{registry}/{named}" if registry and named else named


def _is_tagged(values: dict[str, Any], references: frozenset[str]) -> bool:
    found = get(values, "tag")
    told = {one.tag for one in map(image.parse, references)} | {one.partition(":")[2] for one in references}
    return isinstance(found, str | int | float) and (str(found) in told or text(mapping(values), "digest") != "")
