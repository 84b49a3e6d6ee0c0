"""The fields of a kustomization that change objects without a patch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from gitopsmith.kustomization import Kustomization
from gitopsmith.manifest import items, mapping, text
from gitopsmith.positions import fieldspecs
from gitopsmith.positions.fieldspecs import FieldSpec
from gitopsmith.positions.images import set_image
from gitopsmith.positions.layers import Layered
from gitopsmith.positions.pieces import Branch, Piece, Source, child, enter, lookup, put


def field(kustomization: Kustomization, name: str, writer: str) -> Piece | None:
    """Returns a field of a kustomization, None where it has none."""
    key = kustomization.key(name)
    value = kustomization.body[key] if key is not None else None
    if key is None or not value:
        return None
    return Piece(Source(writer, kustomization.path, kustomization.document), (key,), value)


def before_labels(layered: Layered, kustomization: Kustomization) -> None:
    """Applies namespace, namePrefix and nameSuffix."""
    if (piece := field(kustomization, "namespace", "namespace")) is not None:
        set_namespace(layered, piece)
    for name in ("namePrefix", "nameSuffix"):
        piece = field(kustomization, name, "name-prefix" if name == "namePrefix" else "name-suffix")
        if piece is not None:
            specs = (*fieldspecs.NAMES, *layered.specs.get(name, ()))
            rename(layered, str(piece.value), specs, prefix=name == "namePrefix")


def set_labels(layered: Layered, kustomization: Kustomization) -> None:
    """Applies labels, commonLabels and commonAnnotations."""
    if (piece := field(kustomization, "labels", "labels")) is not None and isinstance(piece.value, list):
        for index, label in enumerate(piece.value):
            if isinstance(mapping(label).get("pairs"), dict):
                set_pairs(layered, piece.at(index).at("pairs"), _label_specs(layered, label))
    if (piece := field(kustomization, "commonLabels", "labels")) is not None:
        set_pairs(layered, piece, (*fieldspecs.COMMON_LABELS, *layered.specs.get("commonLabels", ())))
    if (piece := field(kustomization, "commonAnnotations", "annotations")) is not None:
        set_pairs(layered, piece, (*fieldspecs.ANNOTATIONS, *layered.specs.get("commonAnnotations", ())))


def set_counts(layered: Layered, kustomization: Kustomization) -> None:
    """Applies replicas."""
    piece = field(kustomization, "replicas", "replicas")
    for index, _ in _items(piece):
        if piece is not None:
            set_count(layered, piece.at(index), (*fieldspecs.REPLICAS, *layered.specs.get("replicas", ())))


def set_count(layered: Layered, entry: Piece, specs: Iterable[FieldSpec]) -> None:
    """Applies an entry of ``replicas`` to the object if it has, or had, its name."""
    names = {name for _, name in (*layered.ids, layered.identity)}
    if text(entry.value, "name") in names and "count" in entry.value:
        write(layered, specs, entry.at("count"))


def set_images(layered: Layered, kustomization: Kustomization) -> None:
    """Applies images and imageTags."""
    for name in ("images", "imageTags"):
        piece = field(kustomization, name, "images")
        for index, item in _items(piece):
            if piece is not None and text(item, "name"):
                set_image(layered, piece.at(index), (*fieldspecs.IMAGES, *layered.specs.get("images", ())))


def set_namespace(layered: Layered, piece: Piece) -> None:
    layered.remember()
    layered.namespaces.append(piece)
    if layered.namespaced:
        put(layered.root, ("metadata", "namespace"), piece)
    write(layered, (*fieldspecs.NAMESPACE, *layered.specs.get("namespace", ())), piece)
    if layered.resource.kind in {"RoleBinding", "ClusterRoleBinding"}:
        for route, subject in items(layered.body, "subjects"):
            if subject.get("name") == "default":
                put(layered.root, (*route, "namespace"), piece)


def rename(layered: Layered, addition: str, specs: Iterable[FieldSpec], *, prefix: bool) -> None:
    """Adds a prefix or a suffix. The place of a name stays where it is first written: that is what a person renames."""
    resource = layered.resource
    if resource.kind in fieldspecs.NOT_RENAMED:
        return
    layered.remember()
    for spec in dict.fromkeys(specs):
        if spec.applies(resource.api_version, resource.kind):
            for route, name in [*fieldspecs.routes(layered.body, spec.steps)]:
                old = lookup(layered.root, route)
                if isinstance(old, Piece) and isinstance(name, str):
                    longer = f"{addition}{name}" if prefix else f"{name}{addition}"
                    put(layered.root, route, Piece(old.source, old.route, longer, old.place))


def set_pairs(layered: Layered, pairs: Piece, specs: Iterable[FieldSpec]) -> None:
    """Writes labels or annotations into every map that the specs name."""
    specs = tuple(specs)
    for key in mapping(pairs.value):
        write(layered, specs, pairs.at(key), key=str(key))


def write(layered: Layered, specs: Iterable[FieldSpec], piece: Piece, *, key: str = "") -> None:
    """Writes a piece to the fields that the specs name, or under a key in the maps that they name."""
    resource = layered.resource
    for spec in specs:
        if spec.applies(resource.api_version, resource.kind):
            _spread(layered.root, spec.steps, piece, spec.create, key)


def _spread(branch: Branch, steps: tuple[str, ...], piece: Piece, create: bool, key: str) -> None:
    if isinstance(branch.children, list):
        inner = [enter(branch, index) for index in range(len(branch.children))]
        for item in inner:
            if item is not None:
                _spread(item, steps, piece, create, key)
        return
    if not steps:
        branch.children[key] = piece
        return
    step, listed = steps[0].removesuffix("[]"), steps[0].endswith("[]")
    below = child(branch, step)
    if len(steps) == 1 and not key:
        if create or below is not None:
            branch.children[step] = piece
        return
    if create and not listed and (below is None or (isinstance(below, Piece) and below.value is None)):
        branch.children[step] = Branch(piece, {})
    inside = enter(branch, step)
    if inside is not None:
        _spread(inside, steps[1:], piece, create, key)


def _label_specs(layered: Layered, label: dict[str, Any]) -> tuple[FieldSpec, ...]:
    own = (*fieldspecs.read(label, "fields"), *layered.specs.get("labels", ()))
    if label.get("includeSelectors"):
        return (*own, *fieldspecs.COMMON_LABELS, *layered.specs.get("commonLabels", ()))
    if label.get("includeTemplates"):
        return (*own, *fieldspecs.TEMPLATE_LABELS, *layered.specs.get("templateLabels", ()))
    return (*own, *fieldspecs.METADATA_LABELS)


def _items(piece: Piece | None) -> Iterator[tuple[int, dict[str, Any]]]:
    if piece is not None and isinstance(piece.value, list):
        for index, item in enumerate(piece.value):
            if isinstance(item, dict):
                yield index, item
