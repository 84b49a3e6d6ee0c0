"""The patches of a kustomization, of every style, with the place of every line."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any, NamedTuple

from gitopsmith import documents
from gitopsmith.finding import Route
from gitopsmith.kustomization import Kustomization
from gitopsmith.manifest import get, items, sequence
from gitopsmith.positions import jsonpatch, strategic
from gitopsmith.positions.layers import Layered
from gitopsmith.positions.pieces import Piece, Source
from gitopsmith.positions.selectors import is_named_by, selects
from gitopsmith.positions.texts import inset_of
from gitopsmith.tree import Tree, join


class Patch(NamedTuple):
    """One entry. Without a target, each of its documents names its object."""

    target: dict[str, Any] | None
    sources: tuple[Source, ...]
    renames: bool = False
    changes_kind: bool = False


@functools.lru_cache(maxsize=4096)
def read(tree: Tree, kustomization: Kustomization, field: str) -> tuple[Patch, ...]:
    """Returns the entries under ``patches``, ``patchesStrategicMerge`` or ``patchesJson6902``, in their order."""
    key = kustomization.key(field)
    if key is None:
        return ()
    if field == "patchesStrategicMerge":
        entries = enumerate(sequence(kustomization.body, key))
        return tuple(
            Patch(None, _sources(tree, kustomization, (key, index), entry))
            for index, entry in entries
            if isinstance(entry, str)
        )
    return tuple(_entry(tree, kustomization, route, item) for route, item in items(kustomization.body, key))


def apply(layered: Layered, patch: Patch) -> None:
    """Applies a patch to the object if it means it."""
    if patch.target is not None and not selects(patch.target, layered):
        return
    for source in patch.sources:
        body = source.document.body if source.document else None
        piece = Piece(source, (), body)
        if isinstance(body, list) and patch.target is not None:
            layered.remember()
            jsonpatch.apply(layered.root, piece)
        elif isinstance(body, dict) and (patch.target is not None or is_named_by(body, layered)):
            layered.remember()
            _merge(layered, patch, piece)


def _merge(layered: Layered, patch: Patch, piece: Piece) -> None:
    layered.writers.append(piece)
    keyed = layered.keyed
    kept = {"apiVersion", "metadata"} if patch.changes_kind else {"apiVersion", "kind", "metadata"}
    strategic.merge(layered.root, piece, keyed=keyed, skip=frozenset(kept))
    if isinstance(piece.value.get("metadata"), dict):
        names = {"namespace"} if patch.renames else {"name", "namespace"}
        metadata = piece.at("metadata")
        left = {key: item for key, item in metadata.value.items() if key not in names}
        strategic.merge(layered.root, _only(piece, "metadata", left), keyed=keyed)


def _only(piece: Piece, key: str, value: dict[str, Any]) -> Piece:
    return Piece(piece.source, piece.route, {key: value})


def _entry(tree: Tree, kustomization: Kustomization, route: Route, item: dict[str, Any]) -> Patch:
    target = item.get("target")
    options = item.get("options") if isinstance(item.get("options"), dict) else {}
    sources: tuple[Source, ...] = ()
    for key in ("path", "patch", "jsonOp"):
        if isinstance(item.get(key), str) and item[key]:
            sources = _sources(tree, kustomization, (*route, key), item[key], file=key == "path")
    return Patch(
        target if isinstance(target, dict) else None,
        sources,
        bool(get(options, "allowNameChange")),
        bool(get(options, "allowKindChange")),
    )


def _sources(
    tree: Tree, kustomization: Kustomization, route: Route, text: str, *, file: bool | None = None
) -> tuple[Source, ...]:
    path = join(kustomization.directory, text) if "\n" not in text else ""
    if file is None:
        file = bool(path) and tree.kind(path) == "file"
    if not file:
        return tuple(inline(tree, kustomization, route, text))
    return tuple(Source(_writer(document.body, "patch"), path, document) for document in tree.documents(path).documents)


def inline(tree: Tree, kustomization: Kustomization, route: Route, text: str) -> Iterator[Source]:
    """Yields the documents in a string of a kustomization."""
    assert kustomization.document is not None
    place = kustomization.document.location(kustomization.path, route)
    inset = inset_of(tree, place, text)
    for document in documents.read(text.encode("utf-8", "surrogateescape")).documents:
        writer = _writer(document.body, "inline-patch")
        yield Source(writer, kustomization.path, document, inset, None if inset else place)


def _writer(body: Any, merges: str) -> str:
    return "json-patch" if isinstance(body, list) else merges
