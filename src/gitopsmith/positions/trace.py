"""Follows one object from its file or generator to what is applied, remembering who wrote what.

Everything happens on our own reading of the sources, in kustomize's order; nothing is rendered. What this makes of an
object is only ever believed where it agrees with what kustomize made of it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

from gitopsmith.documents import Document
from gitopsmith.finding import Route
from gitopsmith.kustomization import Form, Kustomization, State, reachable
from gitopsmith.manifest import Origin, Resource, is_object, items, text
from gitopsmith.positions import fieldspecs, generators, patches, replacements, transformers
from gitopsmith.positions.chain import Chain, chains
from gitopsmith.positions.layers import Layered
from gitopsmith.positions.pieces import Node, Piece, Source, copied, opened, value
from gitopsmith.positions.strategic import has_merge_keys
from gitopsmith.tree import Tree

MAX_TRIES = 128
"""Ways from a file to the entry that are followed to see which one leads to the rendered name."""
_HASH = re.compile(r"-[0-9a-z]{10}\Z")


@functools.lru_cache(maxsize=128)
def trace(tree: Tree, entry: str, resource: Resource) -> Layered | None:
    """Returns the object with the source of each of its fields, None when its origin cannot be found."""
    first: Layered | None = None
    for _, seed, way in sorted(_candidates(tree, entry, resource), key=lambda found: -found[0])[:MAX_TRIES]:
        layered = _run(tree, resource, seed, way)
        if layered is not None and _is_named_like(layered, resource):
            return layered
        first = first or layered
    return first


def _candidates(tree: Tree, entry: str, resource: Resource) -> Iterator[tuple[int, Node, Chain]]:
    """Yields the objects in the sources that may be the rendered one: how likely it is, and the way that it takes."""
    origins = (resource.origin,) if resource.origin != Origin() else _origins(tree, entry, resource.kind)
    for origin in origins:
        ways = chains(tree, entry, origin) or ((),)
        for seed in _seeds(tree, entry, resource.kind, origin):
            for way in ways:
                likeness = _likeness(seed, way, resource)
                if likeness:
                    yield likeness, seed, way


def _run(tree: Tree, resource: Resource, seed: Node, way: Chain) -> Layered | None:
    root = opened(copied(seed))
    if root is None:
        return None
    keyed = has_merge_keys(resource.group) or any(stage.kustomization.value("openapi") for stage in way)
    layered = Layered(root, resource, keyed=keyed, seed=seed)
    layered.remember()
    for stage in way:
        if stage.transforms:
            _transform(tree, layered, stage.kustomization)
        else:
            _configure(tree, layered, stage.kustomization)
            generators.amend(tree, layered, stage.kustomization)
    return layered


def _transform(tree: Tree, layered: Layered, kustomization: Kustomization) -> None:
    """Runs one kustomization's transformers, in the order of ``configureBuiltinTransformers``."""
    for field in ("patchesStrategicMerge", "patches"):
        for patch in patches.read(tree, kustomization, field):
            patches.apply(layered, patch)
    transformers.before_labels(layered, kustomization)
    transformers.set_labels(layered, kustomization)
    for patch in patches.read(tree, kustomization, "patchesJson6902"):
        patches.apply(layered, patch)
    transformers.set_counts(layered, kustomization)
    transformers.set_images(layered, kustomization)
    for replacement in replacements.read(tree, kustomization):
        replacements.apply(layered, replacement)
    for source in _plugins(tree, kustomization):
        if source.document is not None:
            body = source.document.body
            apply = transformers.PLUGINS.get(text(body, "kind"))
            if apply is not None:
                apply(layered, Piece(source, (), body))


@functools.lru_cache(maxsize=1024)
def _plugins(tree: Tree, kustomization: Kustomization) -> tuple[Source, ...]:
    """Returns the transformers that are configured in files of their own, or inline."""
    found: list[Source] = []
    for reference, state in kustomization.states.items():
        if reference.field == "transformers" and state is State.FOUND_FILE:
            path = reference.target
            found += [Source("transformer", path, document) for document in tree.documents(path).documents]
    return tuple(source for source in found if source.document is not None and is_object(source.document.body))


def _configure(tree: Tree, layered: Layered, kustomization: Kustomization) -> None:
    for reference, state in kustomization.states.items():
        if reference.field == "configurations" and state is State.FOUND_FILE:
            for document in tree.documents(reference.target).documents:
                if isinstance(document.body, dict):
                    for name in document.body:
                        layered.specs.setdefault(name, []).extend(fieldspecs.read(document.body, name))


def _seeds(tree: Tree, entry: str, kind: str, origin: Origin) -> Iterator[Node]:
    """Yields the objects that an origin may mean, as the files have them."""
    if origin.path and not origin.remote:
        for document in tree.documents(origin.path).documents:
            for route, body in objects(document):
                if text(body, "kind") == kind:
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


def objects(document: Document) -> Iterator[tuple[Route, dict[str, Any]]]:
    """Yields the objects of a document; a List is what its items are."""
    body = document.body
    if is_object(body) and body["kind"].endswith("List") and isinstance(body.get("items"), list):
        yield from items(body, "items")
    elif isinstance(body, dict):
        yield (), body


def _likeness(seed: Node, way: Chain, resource: Resource) -> int:
    """Tells how well an object in a file fits the rendered one before any patch is applied; 0 is not at all."""
    body = value(seed)
    if text(body, "kind") != resource.kind:
        return 0
    name = _renamed(text(body, "metadata", "name"), resource.kind, way)
    spaces = [stage.kustomization.value("namespace") for stage in way if stage.transforms]
    namespace = next((space for space in reversed(spaces) if space), text(body, "metadata", "namespace"))
    score = 1 + 32 * (body is resource.body) + 8 * (name in _names(resource))
    score += 2 * (text(body, "metadata", "name") in resource.name)
    score += 2 * (text(body, "apiVersion") == resource.api_version)
    return score + 4 * (not resource.namespace or namespace == resource.namespace)


def _names(resource: Resource) -> tuple[str, ...]:
    """Returns an object's name, and what it is without the hash that generators add."""
    hashed = resource.kind in {"ConfigMap", "Secret"}
    return (resource.name, _HASH.sub("", resource.name)) if hashed else (resource.name,)


def _is_named_like(layered: Layered, resource: Resource) -> bool:
    namespace, name = layered.identity
    return name in _names(resource) and (not resource.namespace or namespace == resource.namespace)


def _renamed(name: str, kind: str, way: Chain) -> str:
    if kind in fieldspecs.NOT_RENAMED:
        return name
    for stage in way:
        if stage.transforms:
            prefix, suffix = (stage.kustomization.value(key) for key in ("namePrefix", "nameSuffix"))
            name = f"{prefix or ''}{name}{suffix or ''}"
    return name


def remote_reference(kustomization: Kustomization) -> Piece | None:
    """Returns the entry that fetches something, for what comes from outside of the repository."""
    for reference in kustomization.references:
        if reference.form is Form.REMOTE:
            source = Source("ancestor", kustomization.path, kustomization.document)
            return Piece(source, reference.route, reference.text)
    return None
