"""Builtin transformers that are configured in files of their own, in directories, or inline."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator

from gitopsmith.kustomization import Kustomization, State, reachable
from gitopsmith.manifest import is_object, sequence, text
from gitopsmith.positions import fieldspecs, patches, replacements, transformers
from gitopsmith.positions.fieldspecs import FieldSpec
from gitopsmith.positions.images import set_image
from gitopsmith.positions.layers import Layered
from gitopsmith.positions.pieces import Piece, Source, lookup
from gitopsmith.tree import Tree, join

WRITER = "transformer"


@functools.lru_cache(maxsize=1024)
def read(tree: Tree, kustomization: Kustomization) -> tuple[Piece, ...]:
    """Returns the transformers of a kustomization that are configured outside of its own fields, in their order."""
    key = kustomization.key("transformers")
    found: list[Source] = []
    for index, entry in enumerate(sequence(kustomization.body, key or "")):
        if isinstance(entry, str) and "\n" in entry:
            holder = Source(WRITER, kustomization.path, kustomization.document)
            found += patches.inline(tree, holder, (key or "", index), entry)
        elif isinstance(entry, str):
            for path in _files(tree, join(kustomization.directory, entry)):
                found += [Source(WRITER, path, document) for document in tree.documents(path).documents]
    pieces = (Piece(source, (), patches.body_of(source)) for source in found)
    return tuple(piece for piece in pieces if is_object(piece.value))


def apply(tree: Tree, layered: Layered, configured: Piece, directory: str) -> None:
    """Applies a transformer to the object; ``directory`` is what the paths in it are relative to."""
    kind = text(configured.value, "kind")
    if kind in _SETTERS:
        _SETTERS[kind](layered, configured)
    elif kind == "ReplacementTransformer":
        for replacement in replacements.listed(tree, configured, "replacements", directory):
            replacements.apply(tree, layered, replacement, directory)
    else:
        for patch in _patches(tree, configured, directory):
            patches.apply(layered, patch)


def _files(tree: Tree, path: str) -> Iterator[str]:
    """Yields a file, or those that the kustomization in a directory has for resources."""
    if tree.kind(path) == "file":
        yield path
    for kustomization in reachable(tree, path) if tree.kind(path) == "directory" else ():
        for reference, state in kustomization.states.items():
            if reference.field in {"resources", "bases"} and state is State.FOUND_FILE:
                yield reference.target


def _patches(tree: Tree, configured: Piece, directory: str) -> Iterator[patches.Patch]:
    body, source = configured.value, configured.source
    kind = text(body, "kind")
    if kind in {"PatchTransformer", "PatchJson6902Transformer"}:
        yield patches.entry(tree, source, directory, (), body)
    elif kind == "PatchStrategicMergeTransformer":
        for index, path in enumerate(sequence(body, "paths")):
            if isinstance(path, str):
                yield patches.Patch(None, patches.sources(tree, source, directory, ("paths", index), path, file=True))
        if text(body, "patches"):
            inside = patches.sources(tree, source, directory, ("patches",), body["patches"], file=False)
            yield patches.Patch(None, inside)


def _set_namespace(layered: Layered, configured: Piece) -> None:
    piece = lookup(configured, ("metadata", "namespace"))
    if isinstance(piece, Piece) and piece.value:
        transformers.set_namespace(layered, piece)


def _set_image(layered: Layered, configured: Piece) -> None:
    piece = lookup(configured, ("imageTag",))
    if isinstance(piece, Piece) and text(piece.value, "name"):
        set_image(layered, piece, _specs(configured))


def _set_count(layered: Layered, configured: Piece) -> None:
    piece = lookup(configured, ("replica",))
    if isinstance(piece, Piece) and isinstance(piece.value, dict):
        transformers.set_count(layered, piece, _specs(configured))


def _set_pairs(key: str) -> Callable[[Layered, Piece], None]:
    def set_pairs(layered: Layered, configured: Piece) -> None:
        piece = lookup(configured, (key,))
        if isinstance(piece, Piece) and isinstance(piece.value, dict):
            transformers.set_pairs(layered, piece, _specs(configured))

    return set_pairs


def _rename(key: str) -> Callable[[Layered, Piece], None]:
    def rename(layered: Layered, configured: Piece) -> None:
        addition = text(configured.value, key)
        transformers.rename(layered, addition, _specs(configured), prefix=key == "prefix")

    return rename


def _specs(configured: Piece) -> tuple[FieldSpec, ...]:
    return fieldspecs.read(configured.value, "fieldSpecs")


_SETTERS: dict[str, Callable[[Layered, Piece], None]] = {
    "NamespaceTransformer": _set_namespace,
    "LabelTransformer": _set_pairs("labels"),
    "AnnotationsTransformer": _set_pairs("annotations"),
    "ImageTagTransformer": _set_image,
    "ReplicaCountTransformer": _set_count,
    "PrefixTransformer": _rename("prefix"),
    "SuffixTransformer": _rename("suffix"),
}
