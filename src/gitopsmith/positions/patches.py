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
    holder = Source("patch", kustomization.path, kustomization.document)
    if field == "patchesStrategicMerge":
        entries = enumerate(sequence(kustomization.body, key))
        return tuple(
            Patch(None, sources(tree, holder, kustomization.directory, (key, index), entry))
            for index, entry in entries
            if isinstance(entry, str)
        )
    found = items(kustomization.body, key)
    return tuple(entry(tree, holder, kustomization.directory, route, item) for route, item in found)


def apply(layered: Layered, patch: Patch) -> None:
    """Applies a patch to the object if it means it."""
    if patch.target is not None and not selects(patch.target, layered):
        return
    for source in patch.sources:
        body = body_of(source)
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


def entry(tree: Tree, holder: Source, directory: str, route: Route, item: dict[str, Any]) -> Patch:
    """Returns the patch that an entry at a route of a document makes, of a kustomization or a PatchTransformer."""
    target = item.get("target")
    options = item.get("options") if isinstance(item.get("options"), dict) else {}
    found: tuple[Source, ...] = ()
    for key in ("path", "patch", "jsonOp"):
        if isinstance(item.get(key), str) and item[key]:
            found = sources(tree, holder, directory, (*route, key), item[key], file=key == "path")
    return Patch(
        target if isinstance(target, dict) else None,
        found,
        bool(get(options, "allowNameChange")),
        bool(get(options, "allowKindChange")),
    )


def sources(
    tree: Tree, holder: Source, directory: str, route: Route, text: str, *, file: bool | None = None
) -> tuple[Source, ...]:
    """Returns the documents of a patch: those of the file that a string names, or those in the string itself."""
    path = join(directory, text) if "\n" not in text else ""
    if file is None:
        file = bool(path) and tree.kind(path) == "file"
    if not file:
        inside = inline(tree, holder, route, text)
        return tuple(source._replace(writer=_writer(body_of(source), "inline-patch")) for source in inside)
    return tuple(Source(_writer(document.body, "patch"), path, document) for document in tree.documents(path).documents)


def inline(tree: Tree, holder: Source, route: Route, text: str) -> Iterator[Source]:
    """Yields the documents in a string of another document."""
    place = holder.location(route)
    inset = inset_of(tree, place, text)
    for document in documents.read(text.encode("utf-8", "surrogateescape")).documents:
        yield Source(holder.writer, holder.path, document, inset, None if inset else place)


def body_of(source: Source) -> Any:
    """Returns what a source's document holds, None where it has none."""
    return source.document.body if source.document is not None else None


def _writer(body: Any, merges: str) -> str:
    return "json-patch" if isinstance(body, list) else merges
