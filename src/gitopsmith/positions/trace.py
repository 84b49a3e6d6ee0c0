"""Follows one object from its file or generator to what is applied, remembering who wrote what.

Everything happens on our own reading of the sources, in kustomize's order; nothing is rendered. What this makes of an
object is only ever believed where it agrees with what kustomize made of it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

from gitopsmith.kustomization import Form, Kustomization, State
from gitopsmith.manifest import Resource, text
from gitopsmith.positions import fieldspecs, generators, patches, plugins, replacements, transformers
from gitopsmith.positions.candidates import Candidate, candidates, names, strays
from gitopsmith.positions.chain import Chain
from gitopsmith.positions.layers import Layered
from gitopsmith.positions.pieces import Node, Piece, Source, copied, opened
from gitopsmith.positions.strategic import has_merge_keys
from gitopsmith.tree import Tree

MAX_TRIES = 128
"""Ways from a file to the entry that are followed to see which one leads to the rendered name."""


@functools.lru_cache(maxsize=128)
def trace(tree: Tree, entry: str, resource: Resource) -> Layered | None:
    """Returns the object with the source of each of its fields, None when its origin cannot be found."""
    first: Layered | None = None
    for layered in _followed(tree, resource, candidates(tree, entry, resource)):
        if _is_named_like(layered, resource):
            return layered
        first = first or layered
    others = _followed(tree, resource, strays(tree, entry, resource))
    return next((layered for layered in others if _is_named_like(layered, resource)), first)


def _followed(tree: Tree, resource: Resource, found: list[Candidate]) -> Iterator[Layered]:
    for _, seed, way in found[:MAX_TRIES]:
        layered = _run(tree, resource, seed, way)
        if layered is not None:
            yield layered


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
        replacements.apply(tree, layered, replacement, kustomization.directory)
    for configured in plugins.read(tree, kustomization):
        plugins.apply(tree, layered, configured, kustomization.directory)


def _configure(tree: Tree, layered: Layered, kustomization: Kustomization) -> None:
    for reference, state in kustomization.states.items():
        if reference.field == "configurations" and state is State.FOUND_FILE:
            for document in tree.documents(reference.target).documents:
                if isinstance(document.body, dict):
                    for name in document.body:
                        layered.specs.setdefault(name, []).extend(fieldspecs.read(document.body, name))


def _is_named_like(layered: Layered, resource: Resource) -> bool:
    namespace, name = layered.identity
    kind = text(layered.body, "kind")
    same = kind == resource.kind and name in names(resource)
    return same and (not resource.namespace or namespace == resource.namespace)


def remote_reference(kustomization: Kustomization) -> Piece | None:
    """Returns the entry that fetches something, for what comes from outside of the repository."""
    for reference in kustomization.references:
        if reference.form is Form.REMOTE:
            source = Source("ancestor", kustomization.path, kustomization.document)
            return Piece(source, reference.route, reference.text)
    return None
