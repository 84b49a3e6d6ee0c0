"""``replacements``: fields that are copied from one object to others."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

from gitopsmith.finding import Route
from gitopsmith.kustomization import Kustomization
from gitopsmith.manifest import Resource, get, items, mapping, sequence, text
from gitopsmith.positions.candidates import unrendered
from gitopsmith.positions.layers import Layered
from gitopsmith.positions.matching import as_text, same
from gitopsmith.positions.pieces import Copied, Piece, Source, lookup, put
from gitopsmith.positions.selectors import labels_match
from gitopsmith.tree import Tree, join

_STEP = re.compile(r"\[[^\]]*\]|(?:\\\.|[^.\[])+")


@functools.lru_cache(maxsize=1024)
def read(tree: Tree, kustomization: Kustomization) -> tuple[Piece, ...]:
    """Returns the replacements of a kustomization, those in files included."""
    whole = Piece(Source("replacements", kustomization.path, kustomization.document), (), kustomization.body)
    return listed(tree, whole, kustomization.key("replacements") or "", kustomization.directory)


def listed(tree: Tree, holder: Piece, key: str, directory: str) -> tuple[Piece, ...]:
    """Returns the replacements under a key of a document, those in files included."""
    found: list[Piece] = []
    for route, item in items(holder.value, key):
        if isinstance(item.get("path"), str):
            path = join(directory, item["path"])
            for document in tree.documents(path).documents:
                whole = Piece(Source("replacements", path, document), (), document.body)
                body = document.body
                found += [whole.at(index) for index in range(len(body))] if isinstance(body, list) else [whole]
        else:
            found.append(Piece(holder.source, (*holder.route, *route), item))
    return tuple(piece for piece in found if isinstance(piece.value, dict))


def apply(tree: Tree, layered: Layered, replacement: Piece, directory: str) -> None:
    """Writes the source's value to the fields of this object that a replacement in a directory targets."""
    targets = [target for _, target in items(replacement.value, "targets") if _targets(target, layered)]
    if not targets:
        return
    piece = _source(tree, layered, replacement, directory)
    for target in targets:
        options = mapping(target, "options")
        for path in sequence(target, "fieldPaths") or ["metadata.name"]:
            if isinstance(path, str):
                _write(layered, split(path), piece, options)


def _write(layered: Layered, steps: tuple[str, ...], piece: Piece, options: dict[str, Any]) -> None:
    for route in list(resolve(layered.body, steps, create=options.get("create") is True)):
        old = lookup(layered.root, route)
        text_ = _joined(old.value if isinstance(old, Piece) else None, piece.value, options)
        put(layered.root, route, Piece(piece.source, piece.route, text_, piece.place, piece.origin))


def _joined(old: Any, new: Any, options: dict[str, Any]) -> Any:
    delimiter = options.get("delimiter")
    if not isinstance(delimiter, str) or not delimiter or not isinstance(old, str):
        return new
    parts, index = old.split(delimiter), options.get("index")
    index = index if isinstance(index, int) else 0
    if index < 0:
        parts.insert(0, as_text(new))
    elif index >= len(parts):
        parts.append(as_text(new))
    else:
        parts[index] = as_text(new)
    return delimiter.join(parts)


def _source(tree: Tree, layered: Layered, replacement: Piece, directory: str) -> Piece:
    if "sourceValue" in replacement.value:
        return replacement.at("sourceValue")
    source = mapping(replacement.value, "source")
    steps = split(text(source, "fieldPath") or "metadata.name")
    options = mapping(source, "options")
    place = replacement.at("source") if source else replacement
    for resource in _sources(tree, layered, source, directory):
        for route in resolve(resource.body, steps):
            value = _part(get(resource.body, *route), options)
            return Piece(place.source, place.route, value, None, Copied(directory, resource, route))
    return Piece(place.source, place.route, None)


def _sources(tree: Tree, layered: Layered, source: dict[str, Any], directory: str) -> Iterator[Resource]:
    """Yields the objects that a replacement may copy from, the likeliest first; some are dropped from the render."""
    found = [resource for resource in layered.resource.siblings if _is_source(source, resource)]
    namespace = text(source, "namespace")
    yield from sorted(found, key=lambda resource: bool(namespace) and resource.namespace != namespace)
    yield from (dropped for dropped in unrendered(tree, directory, text(source, "kind")) if _is_source(source, dropped))


def _part(value: Any, options: dict[str, Any]) -> Any:
    delimiter, index = options.get("delimiter"), options.get("index", 0)
    if not isinstance(delimiter, str) or not delimiter or not isinstance(index, int):
        return value
    parts = as_text(value).split(delimiter)
    return parts[index] if 0 <= index < len(parts) else value


def _is_source(source: dict[str, Any], resource: Resource) -> bool:
    group, _, version = resource.api_version.rpartition("/")
    known = {"group": group, "version": version, "kind": resource.kind}
    name = text(source, "name")
    return all(not text(source, key) or text(source, key) == value for key, value in known.items()) and (
        not name or name in resource.name
    )


def _targets(target: dict[str, Any], layered: Layered) -> bool:
    return _selected(mapping(target, "select"), layered) and not any(
        _selected(reject, layered) for _, reject in items(target, "reject") if reject
    )


def _selected(selector: dict[str, Any], layered: Layered) -> bool:
    group, _, version = layered.resource.api_version.rpartition("/")
    known = (("group", group), ("version", version), ("kind", layered.resource.kind))
    names = (*layered.ids, layered.identity)
    return (
        all(_fits(selector.get(key), value) for key, value in known)
        and any(_fits(selector.get("namespace"), space) and _fits(selector.get("name"), name) for space, name in names)
        and labels_match(selector.get("labelSelector"), mapping(layered.body, "metadata", "labels"))
        and labels_match(selector.get("annotationSelector"), mapping(layered.body, "metadata", "annotations"))
    )


def _fits(pattern: Any, value: str) -> bool:
    if not isinstance(pattern, str) or not pattern:
        return True
    try:
        return re.fullmatch(pattern, value) is not None
    except re.error:
        return pattern == value


def split(path: str) -> tuple[str, ...]:
    """Splits a field path at its dots; brackets keep theirs, a backslash saves one."""
    return tuple(step.replace("\\.", ".") for step in _STEP.findall(path))


def resolve(body: Any, steps: tuple[str, ...], route: Route = (), *, create: bool = False) -> Iterator[Route]:
    """Yields the routes in a body that a field path leads to: keys, ``[key=value]``, indices, ``*``.

    With ``create``, a path of keys that do not exist leads to where they will be made.
    """
    if not steps:
        yield route
        return
    step, rest = steps[0], steps[1:]
    if step.startswith("[") and "=" not in step:
        step = step[1:-1]
    if isinstance(body, dict):
        for key in body if step == "*" else [step] if step in body else []:
            yield from resolve(body[key], rest, (*route, key), create=create)
        if create and step not in body and not any(part == "*" or part.startswith("[") for part in steps):
            yield (*route, *steps)
    elif isinstance(body, list):
        for index, item in enumerate(body):
            if _is_item(step, index, item):
                yield from resolve(item, rest, (*route, index), create=create)


def _is_item(step: str, index: int, item: Any) -> bool:
    if step.startswith("["):
        key, _, value = step[1:-1].partition("=")
        return same(get(item, key) if key else item, value)
    return step in {"*", str(index)}
