"""Finds the entry of a kustomization that kustomize complains about, since kustomize itself names no line."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from gitopsmith import documents
from gitopsmith.finding import Route
from gitopsmith.kustomization import Kustomization
from gitopsmith.manifest import get, items, sequence, text
from gitopsmith.tree import Tree, join

_ID = r"(?P<kind>[^.\s\"]+)\.[^/\s]*/(?P<name>[^\s\"]+)\.[^.\s\"]+"
_MERGE = re.compile(rf"(?:strategic merge patch \"|no matches for Id ){_ID}")
_JSON = re.compile(
    r"(?P<op>add|remove|replace|test|copy|move) (?:operation )?(?:for|failed at) path:? '(?P<path>[^']*)'"
)
_SOURCE = re.compile(rf"nothing selected by {_ID}:")
_REPLICAS = re.compile(r"resource with name (?P<name>\S+) does not match a config")
_GENERATOR = re.compile(r"(?P<kind>ConfigMap|Secret) '(?P<name>[^']*)' does not exist")
_VAR = re.compile(r"var '\{(?P<name>\S+) ")
_FIELD = re.compile(r"unknown field \"(?P<first>[^\"]+)\"|Kustomization\.(?P<second>\w+)[ .]")
_GENERATORS = {"ConfigMap": "configMapGenerator", "Secret": "secretGenerator"}


def blame(tree: Tree, item: Kustomization, message: str) -> Route:
    """Returns the route to the entry that a complaint is about, the first of several alike; an empty one if unknown."""
    candidates = (route for search in _SEARCHES for route in search(tree, item, message))
    return next(candidates, ())


def _named(tree: Tree, item: Kustomization, message: str) -> Iterator[Route]:
    del tree
    return (reference.route for reference in item.references if _names(message, reference.text))


def _names(message: str, entry: str) -> bool:
    return bool(entry) and (f"'{entry}'" in message or f"path({entry})" in message)


def _field(tree: Tree, item: Kustomization, message: str) -> Iterator[Route]:
    del tree
    match = _FIELD.search(message)
    name = (match["first"] or match["second"]).lower() if match else ""
    return ((key,) for key in item.body if key.lower() == name)


def _merge_patches(tree: Tree, item: Kustomization, message: str) -> Iterator[Route]:
    match = _MERGE.search(message)
    for route, body in _patches(tree, item) if match else ():
        if match and text(body, "kind") == match["kind"] and text(body, "metadata", "name") == match["name"]:
            yield route


def _json_patches(tree: Tree, item: Kustomization, message: str) -> Iterator[Route]:
    """Yields the one patch that has the operation; where several have it, the complaint does not say which failed."""
    match = _JSON.search(message)
    wanted = match.group("op", "path") if match else ()
    found = {
        route
        for route, body in (_patches(tree, item) if match else ())
        if isinstance(body, list) and any((get(one, "op"), get(one, "path")) == wanted for one in body)
    }
    yield from found if len(found) == 1 else ()


def _sources(tree: Tree, item: Kustomization, message: str) -> Iterator[Route]:
    del tree
    match = _SOURCE.search(message)
    for route, entry in _entries(item, "replacements") if match else ():
        if match and (text(entry, "source", "kind"), text(entry, "source", "name")) == match.group("kind", "name"):
            yield route


def _named_entries(tree: Tree, item: Kustomization, message: str) -> Iterator[Route]:
    del tree
    for pattern, field in ((_REPLICAS, "replicas"), (_VAR, "vars"), (_GENERATOR, "")):
        match = pattern.search(message)
        for route, entry in _entries(item, field or _GENERATORS[match["kind"]]) if match else ():
            if match and text(entry, "name") == match["name"]:
                yield route


_SEARCHES: tuple[Callable[[Tree, Kustomization, str], Iterator[Route]], ...] = (
    _named, _field, _merge_patches, _json_patches, _sources, _named_entries,
)  # fmt: skip


def _patches(tree: Tree, item: Kustomization) -> Iterator[tuple[Route, Any]]:
    """Yields the bodies of all patches, with the route to the entry that brings each."""
    for name in ("patches", "patchesJson6902"):
        for route, entry in _entries(item, name):
            yield from ((route, body) for body in _bodies(tree, item, text(entry, "patch"), text(entry, "path")))
    key = item.key("patchesStrategicMerge")
    for index, entry in enumerate(sequence(item.body, key) if key else ()):
        inline = str(entry) if "\n" in str(entry).strip() else ""
        yield from (((key or "", index), body) for body in _bodies(tree, item, inline, str(entry)))


def _bodies(tree: Tree, item: Kustomization, inline: str, path: str) -> list[Any]:
    read = documents.read(inline.encode()) if inline else tree.documents(join(item.directory, path))
    return [document.body for document in read.documents]


def _entries(item: Kustomization, name: str) -> Iterator[tuple[Route, dict[str, Any]]]:
    key = item.key(name)
    return items(item.body, key) if key else iter(())
