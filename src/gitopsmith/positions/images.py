"""``images``: the one transformer that changes parts of a value."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from typing import Any

from gitopsmith.finding import Route
from gitopsmith.manifest import items
from gitopsmith.positions import fieldspecs
from gitopsmith.positions.fieldspecs import FieldSpec
from gitopsmith.positions.layers import Layered
from gitopsmith.positions.pieces import Branch, Piece, lookup, put


def set_image(layered: Layered, entry: Piece, specs: Iterable[FieldSpec]) -> None:
    """Applies an entry of ``images`` to the image of every container, and to those that the specs name."""
    if layered.resource.kind == "CustomResourceDefinition":
        return
    try:
        pattern = re.compile(rf"{entry.value['name']}(:[a-zA-Z0-9_.{{}}-]*)?(@sha256:[a-zA-Z0-9_.{{}}-]*)?")
    except re.error:
        return
    for found in (
        image_routes,
        functools.partial(_spec_routes, layered, tuple(specs)),
    ):  # both: kustomize adds a tagSuffix twice
        for route, image in found(layered.body):
            if isinstance(image, str) and pattern.fullmatch(image):
                _set_image(layered.root, route, image, entry)


def _set_image(root: Branch, route: Route, image: str, entry: Piece) -> None:
    name, tag, digest = split_image(image)
    item = {key: str(value) for key, value in entry.value.items() if value not in (None, "")}
    name = item.get("newName", name)
    key = "newName" if "newName" in item else ""
    if "newTag" in item or "digest" in item:
        tag, digest = item.get("newTag", ""), item.get("digest", "")
        key = "digest" if digest else "newTag"
    elif "tagSuffix" in item:
        tag, digest, key = tag + item["tagSuffix"], "", "tagSuffix"
    full = name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
    old = lookup(root, route)
    if key == "newName" and (tag or digest) and isinstance(old, Piece):
        put(
            root, route, Piece(old.source, old.route, full, old.place)
        )  # the tag, which findings are about, is still there
    elif key:
        put(root, route, Piece(entry.source, (*entry.route, key), full))


def image_routes(body: Any, route: Route = ()) -> Iterator[tuple[Route, Any]]:
    """Yields the image of every container, wherever containers stand in an object."""
    if isinstance(body, dict):
        for key, inside in body.items():
            if key in fieldspecs.IMAGE_LISTS and isinstance(inside, list):
                for at, item in items(body, key):
                    if "image" in item:
                        yield (*route, *at, "image"), item["image"]
            yield from image_routes(inside, (*route, key))
    elif isinstance(body, list):
        for index, inside in enumerate(body):
            yield from image_routes(inside, (*route, index))


def _spec_routes(layered: Layered, specs: tuple[FieldSpec, ...], body: Any) -> Iterator[tuple[Route, Any]]:
    resource = layered.resource
    for spec in specs:
        if spec.applies(resource.api_version, resource.kind):
            yield from fieldspecs.routes(body, spec.steps)


def split_image(image: str) -> tuple[str, str, str]:
    """Splits an image into name, tag and digest, as kustomize does."""
    rest, _, digest = image.partition("@")
    slash = rest.find("/")
    colon = rest.find(":", max(slash, 0))
    return (rest, "", digest) if colon < 0 else (rest[:colon], rest[colon + 1 :], digest)
