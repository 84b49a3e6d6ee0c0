"""Renders what Argo CD renders: kustomizations with the kustomize program, directories by reading their manifests."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gitopsmith import documents
from gitopsmith.finding import Location, Route
from gitopsmith.manifest import Origin, Resource, is_object


class Rendered(NamedTuple):
    """One object of a build, before anything looked into it. ``text`` is its YAML, without annotations of ours."""

    text: str
    origin: Origin


class Failed(NamedTuple):
    """Why a build gave nothing.

    ``kind`` is ``error`` for a defect of the repository; ``remote``, ``helm``, ``plugin``, ``dependency``, ``cluster``,
    ``repository`` or ``options`` for what cannot be decided offline; ``timeout`` and ``killed`` for a renderer that did
    not come to an end.
    """

    kind: str
    message: str
    directory: str = ""
    """The innermost directory that the renderer was in, relative to the root."""
    location: Location | None = None
    """The place in a chart that helm names."""
    route: Route = ()
    """The field of the Application's source that asks for what cannot be."""


@dataclass(slots=True, eq=False)
class Bodies:
    """Parsed bodies of rendered texts, not to be changed: overlays of one base render the same over and over."""

    limit: int = 24 * 1024 * 1024
    _size: int = 0
    _bodies: OrderedDict[bytes, tuple[Any, int]] = field(default_factory=OrderedDict)

    def parse(self, text: str) -> tuple[bytes, Any]:
        """Returns the digest of a text and its body, None when it is not one YAML document."""
        data = text.encode("utf-8", "surrogateescape")
        digest = hashlib.sha256(data).digest()
        known = self._bodies.get(digest)
        if known is not None:
            self._bodies.move_to_end(digest)
            return digest, known[0]
        found = documents.read(data).documents
        body = found[0].body if found else None
        self._bodies[digest] = (body, len(data))
        self._size += len(data)
        while self._size > self.limit and self._bodies:
            self._size -= self._bodies.popitem(last=False)[1][1]
        return digest, body


def resources(rendered: tuple[Rendered, ...], bodies: Bodies) -> tuple[tuple[bytes, Resource], ...]:
    """Parses rendered texts into resources that know their siblings, each with the digest of its text."""
    parsed = [(*bodies.parse(item.text), item.origin) for item in rendered]
    siblings: list[Resource] = []
    found = []
    for digest, body, origin in parsed:
        if is_object(body):
            resource = Resource(body, origin)
            siblings.append(resource)
            found.append((digest, resource))
    together = tuple(siblings)
    return tuple((digest, Resource(resource.body, resource.origin, together)) for digest, resource in found)
