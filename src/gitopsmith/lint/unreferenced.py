"""Looks for manifests beside a kustomization that nothing includes."""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.evaluate import Judge
from gitopsmith.finding import Finding, Location
from gitopsmith.graph import Discovery
from gitopsmith.kustomization import FILE_NAMES, Kustomization, State
from gitopsmith.manifest import Resource, is_object, mapping
from gitopsmith.tree import Tree, is_yaml

RULE = "kustomize-file-unreferenced"


def check_unreferenced(
    judge: Judge, discovery: Discovery, read: frozenset[str], only: frozenset[str] | None
) -> list[Finding]:
    """Returns the manifests beside kustomizations that nothing includes; ``read`` are files that something applies."""
    if RULE not in judge.rules:
        return []
    tree = judge.tree
    included = {reference.target for item in discovery.kustomizations for reference in item.states} | read
    folders = {item.directory: item for item in discovery.kustomizations if _is_of_files(item)}
    found = []
    for path in tree.files if only is None else sorted(only & set(tree.files)):
        folder, _, name = path.rpartition("/")
        item = folders.get(folder)
        if item is None or path in included or name in FILE_NAMES or not is_yaml(path):
            continue
        if _is_manifest(tree, path) and not _is_mentioned(tree, item, name):
            message = f"{item.path.rpartition('/')[2]} beside it does not include this file, so nothing applies it"
            place = Location(path, 1, 1, 1, 2)
            found.append(Finding(RULE, judge.rules[RULE], f"{message}; list it there, or remove it", place))
    return found


def with_neighbours(tree: Tree, changed: frozenset[str]) -> frozenset[str]:
    """Returns changed files, with those beside them: what includes a file, or speaks of it, may have changed."""
    folders = {path.rpartition("/")[0] for path in changed}
    return changed | frozenset(path for path in tree.files if path.rpartition("/")[0] in folders)


def _is_of_files(item: Kustomization) -> bool:
    """Tells whether a kustomization lists files that lie beside it, so that one more is likely meant to be listed."""
    beside = (
        reference
        for reference, state in item.states.items()
        if state is State.FOUND_FILE and reference.target.rpartition("/")[0] == item.directory
    )
    return not item.template and any(reference.field in {"resources", "bases"} for reference in beside)


def _is_manifest(tree: Tree, path: str) -> bool:
    """Tells whether a file holds objects that could be applied, and nothing else; Secrets are applied by hand."""
    read = tree.documents(path)
    bodies = [document.body for document in read.documents if document.body is not None]
    return bool(bodies) and not read.problems and all(map(_is_applicable, bodies))


def _is_applicable(body: object) -> bool:
    if not is_object(body):
        return False
    resource = Resource(mapping(body))
    plugin = resource.group.endswith("kustomize.config.k8s.io") or resource.group.startswith("builtin")
    is_secret = resource.group_kind == "Secret"
    return (
        bool(resource.name)
        and not plugin
        and not is_secret
        and "config.kubernetes.io/function" not in resource.annotations
    )


def _is_mentioned(tree: Tree, item: Kustomization, name: str) -> bool:
    """Tells whether a file beside it speaks of a file: as a comment that leaves it out, or as a generator's entry."""
    return any(
        name.encode() in (tree.data(path) or b"") for path in _beside(tree, item) if not path.endswith(f"/{name}")
    )


def _beside(tree: Tree, item: Kustomization) -> Iterator[str]:
    for name in tree.listing(item.directory):
        yield f"{item.directory}/{name}" if item.directory else name
