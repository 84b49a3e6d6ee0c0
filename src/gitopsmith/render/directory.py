"""Reads a directory source as Argo CD does: every manifest file in it, without kustomize.

Facts: ``findManifests`` and ``getObjsFromYAMLOrJson`` in Argo CD's ``reposerver/repository/repository.go``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from gitopsmith import argocd
from gitopsmith.manifest import Origin, Resource, is_object, sequence
from gitopsmith.tree import Tree, join


class Options(NamedTuple):
    """What a source's ``directory`` block says."""

    recurse: bool = False
    include: str = ""
    exclude: str = ""


def files(tree: Tree, directory: str, options: Options) -> tuple[str, ...]:
    """Returns the manifest files that a directory source takes, in Argo CD's order."""
    prefix = f"{directory}/" if directory else ""
    return tuple(
        path
        for path in _below(tree, directory, recurse=options.recurse)
        if argocd.is_manifest_file(path.removeprefix(prefix), options.include, options.exclude)
        and not argocd.is_skipped(tree.data(path) or b"")
    )


def is_insisted_on(tree: Tree, path: str) -> bool:
    """Tells whether Argo CD gives up a directory source for a broken file in it, instead of ignoring that file.

    What was not read, because it is too big or no text, is insisted on: nobody means such a file to be there.
    """
    parsed = tree.documents(path)
    known = path.endswith(".json") or not parsed.text or bool(parsed.documents)
    return known or argocd.looks_like_manifest(parsed.text)


def read(tree: Tree, paths: tuple[str, ...]) -> tuple[Resource, ...]:
    """Returns the objects in manifest files; lists are opened, as Argo CD opens them. Jsonnet is left out."""
    found = [
        Resource(body, Origin(path=path))
        for path in paths
        if not path.endswith(".jsonnet")
        for document in tree.documents(path).documents
        for body in _objects(document.body)
    ]
    siblings = tuple(found)
    return tuple(Resource(resource.body, resource.origin, siblings) for resource in found)


def _objects(body: Any) -> Iterator[dict[str, Any]]:
    if is_object(body) and body["kind"].endswith("List") and "items" in body:
        yield from (item for item in sequence(body, "items") if is_object(item))
    elif is_object(body):
        yield body


def _below(tree: Tree, directory: str, *, recurse: bool) -> Iterator[str]:
    for name in tree.listing(directory):
        path = join(directory, name)
        kind = tree.kind(path)
        if kind == "file":
            yield path
        elif kind == "directory" and recurse and name != ".git" and not (tree.root / path).is_symlink():
            yield from _below(tree, path, recurse=True)
