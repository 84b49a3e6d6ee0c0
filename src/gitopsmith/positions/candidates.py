"""The objects in the sources that may have become a rendered one."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from typing import Any

from gitopsmith.documents import Document
from gitopsmith.finding import Route
from gitopsmith.kustomization import FILE_NAMES, State, reachable, read
from gitopsmith.manifest import Origin, Resource, is_object, items, text
from gitopsmith.positions import fieldspecs, generators
from gitopsmith.positions.chain import Chain, chains
from gitopsmith.positions.pieces import Node, Piece, Source, value
from gitopsmith.tree import Tree

_HASH = re.compile(r"-[0-9a-z]{10}\Z")


Candidate = tuple[int, Node, Chain]
"""How likely an object in a source is the rendered one, the object, and the way that it takes."""


def candidates(tree: Tree, entry: str, resource: Resource) -> list[Candidate]:
    """Returns the objects that may be the rendered one where it says that it comes from, the likeliest first."""
    return _ranked(_found(tree, entry, resource, _origins_of(tree, entry, resource), resource.kind))


def strays(tree: Tree, entry: str, resource: Resource) -> list[Candidate]:
    """Returns the objects that may be the rendered one though it says nothing of them, or has another kind.

    A patch that writes all annotations takes away what kustomize keeps there of the origin; one may change the kind.
    """
    stated = _origins_of(tree, entry, resource)
    every = _origins(tree, entry, resource.kind) if not resource.origin.remote else ()
    found = [] if every == stated else [*_found(tree, entry, resource, every, resource.kind)]
    found += _found(tree, entry, resource, stated, "")
    return _ranked(one for one in found if text(value(one[1]), "metadata", "name") in resource.name)


def _ranked(found: Iterable[Candidate]) -> list[Candidate]:
    return sorted(found, key=lambda candidate: -candidate[0])


def _found(tree: Tree, entry: str, resource: Resource, origins: tuple[Origin, ...], kind: str) -> Iterator[Candidate]:
    for origin in origins:
        ways = chains(tree, entry, origin) or ((),)
        for seed in _seeds(tree, entry, kind, origin):
            for way in ways:
                yield _likeness(seed, way, resource), seed, way


def _origins_of(tree: Tree, entry: str, resource: Resource) -> tuple[Origin, ...]:
    """Returns where to look. What a generator replaces has the generator as its origin, but keeps its old labels."""
    origin = resource.origin
    if origin == Origin():
        return _origins(tree, entry, resource.kind)
    file = origin.configured_in
    if file.rpartition("/")[2] in FILE_NAMES and generators.replaces(read(tree, file)):
        return (origin, *_origins(tree, file.rpartition("/")[0], resource.kind))
    return (origin,)


def _seeds(tree: Tree, entry: str, kind: str, origin: Origin) -> Iterator[Node]:
    """Yields the objects that an origin may mean, as the files have them; an empty kind is any."""
    if origin.path and not origin.remote:
        for document in tree.documents(origin.path).documents:
            for route, body in objects(document):
                if kind in {"", text(body, "kind")}:
                    yield Piece(Source("resource", origin.path, document), route, body)
    elif origin.configured_in:
        yield from generators.configured(tree, origin.configured_in)
        for kustomization in reachable(tree, entry):
            if kustomization.path == origin.configured_in:
                yield from generators.made(tree, kustomization)


@functools.lru_cache(maxsize=1024)
def _origins(tree: Tree, entry: str, kind: str) -> tuple[Origin, ...]:
    """Returns where an object of a kind may come from when the renderer does not tell, as for a Component."""
    found: list[Origin] = []
    for kustomization in reachable(tree, entry):
        for reference, state in kustomization.states.items():
            if reference.field in {"resources", "bases"} and state in {State.FOUND_FILE, State.RESTRICTED}:
                found.append(Origin(path=reference.target))
        if any(kind == made for made, _ in generators.entries(kustomization)):
            found.append(Origin(configured_in=kustomization.path, configured_by=f"{kind}Generator"))
    return tuple(found)


@functools.lru_cache(maxsize=256)
def unrendered(tree: Tree, directory: str, kind: str) -> tuple[Resource, ...]:
    """Returns the objects of a kind below a directory as files have them; local configuration is never rendered."""
    return tuple(
        Resource(value(seed), origin)
        for origin in _origins(tree, directory, kind)
        for seed in _seeds(tree, directory, kind, origin)
    )


def objects(document: Document) -> Iterator[tuple[Route, dict[str, Any]]]:
    """Yields the objects of a document; a List is what its items are."""
    body = document.body
    if is_object(body) and body["kind"].endswith("List") and isinstance(body.get("items"), list):
        yield from items(body, "items")
    elif isinstance(body, dict):
        yield (), body


def _likeness(seed: Node, way: Chain, resource: Resource) -> int:
    """Tells how well an object in a file fits the rendered one before any patch is applied."""
    body = value(seed)
    name = _renamed(text(body, "metadata", "name"), resource.kind, way)
    spaces = [stage.kustomization.value("namespace") for stage in way if stage.transforms]
    namespace = next((space for space in reversed(spaces) if space), text(body, "metadata", "namespace"))
    score = 1 + 32 * (body is resource.body) + 8 * (name in names(resource))
    score += 2 * (text(body, "metadata", "name") in resource.name)
    score += 2 * (text(body, "apiVersion") == resource.api_version)
    return score + 4 * (not resource.namespace or namespace == resource.namespace)


def names(resource: Resource) -> tuple[str, ...]:
    """Returns an object's name, and what it is without the hash that generators add."""
    hashed = resource.kind in {"ConfigMap", "Secret"}
    return (resource.name, _HASH.sub("", resource.name)) if hashed else (resource.name,)


def _renamed(name: str, kind: str, way: Chain) -> str:
    if kind in fieldspecs.NOT_RENAMED:
        return name
    for stage in way:
        if stage.transforms:
            prefix, suffix = (stage.kustomization.value(key) for key in ("namePrefix", "nameSuffix"))
            name = f"{prefix or ''}{name}{suffix or ''}"
    return name
