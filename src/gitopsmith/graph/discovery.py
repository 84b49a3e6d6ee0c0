"""What lies in a repository before anything is rendered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gitopsmith import argocd, documents, kustomization
from gitopsmith.graph.facts import ARGO_KINDS
from gitopsmith.graph.templates import template
from gitopsmith.kustomization import FILE_NAMES, Kustomization, State
from gitopsmith.manifest import Origin, Resource, mapping, text
from gitopsmith.tree import Tree, is_yaml


@dataclass(frozen=True, slots=True)
class Discovery:
    """What lies in the repository before anything is rendered."""

    kustomizations: tuple[Kustomization, ...]
    roots: tuple[str, ...]
    raw: tuple[Resource, ...]
    """Applications, ApplicationSets and AppProjects in files that no kustomization includes."""
    stated: tuple[Resource, ...]
    """Argo CD's objects in all files, included or not."""
    included: frozenset[str]
    broken: tuple[str, ...] = ()
    """Files that no kustomization includes, that speak of Argo CD objects, and that are no YAML."""

    @property
    def declared(self) -> tuple[dict[str, Any], ...]:
        """The bodies of all Applications in files."""
        return tuple(each.body for each in self.stated if argocd.is_application(each.body))

    @property
    def sourcing(self) -> tuple[dict[str, Any], ...]:
        """What is read like the body of an Application: those in files, and the templates of ApplicationSets."""
        sets = (each.body for each in self.stated if argocd.is_application_set(each.body))
        return (*self.declared, *map(template, sets))


def discover(tree: Tree) -> Discovery:
    """Reads every kustomization and finds every Application that stands in a file."""
    paths = dict.fromkeys(path for path in tree.files if path.rpartition("/")[2] in FILE_NAMES)
    found = tuple(kustomization.read(tree, path) for path in paths)
    files = {target for item in found for target in _targets(item, State.FOUND_FILE)}
    argo_files = tuple(path for path in tree.files if path not in paths and _speaks_of_argo(tree, path))
    argo = tuple(resource for path in argo_files for resource in _argo_objects(tree, path))
    raw = tuple(
        resource for resource in argo if resource.origin.path not in files and not _is_filled_in_later(resource)
    )
    broken = tuple(path for path in argo_files if path not in files and _is_broken(tree, path))
    return Discovery(found, _roots(found), raw, argo, frozenset(files), broken)


def _targets(item: Kustomization, *wanted: State) -> Iterator[str]:
    return (reference.target for reference, state in item.states.items() if state in wanted)


def _roots(found: tuple[Kustomization, ...]) -> tuple[str, ...]:
    """Returns the directories that nothing includes, and one of each circle that nothing else includes."""
    includes = {item.directory: set(_targets(item, State.FOUND_DIRECTORY, State.COMPONENT)) for item in found}
    included = set().union(*includes.values())
    candidates = dict.fromkeys(item.directory for item in found if not item.is_component)
    roots: list[str] = []
    reached: set[str] = set()
    for directory in (*(each for each in candidates if each not in included), *candidates):
        if directory in reached or directory in roots:
            continue
        roots.append(directory)
        todo = [directory]
        while todo:
            more = includes.get(todo.pop(), set()) - reached
            reached |= more
            todo += more
    return tuple(roots)


def _speaks_of_argo(tree: Tree, path: str) -> bool:
    return is_yaml(path) and not _in_chart(tree, path) and b"argoproj.io/" in (tree.data(path) or b"")


def _argo_objects(tree: Tree, path: str) -> Iterator[Resource]:
    for document in tree.documents(path).documents:
        resource = Resource(mapping(document.body), Origin(path=path))
        if resource.kind in ARGO_KINDS and resource.group == argocd.API_GROUP:
            yield resource


def _is_broken(tree: Tree, path: str) -> bool:
    parsed = tree.documents(path)
    declares = any(f"kind: {kind}" in parsed.text for kind in ARGO_KINDS)
    return bool(parsed.problems) and declares and not documents.is_template(parsed.text)


def _in_chart(tree: Tree, path: str) -> bool:
    parts = path.split("/")
    return any(
        tree.kind("/".join([*parts[:index], "Chart.yaml"])) == "file"
        for index, part in enumerate(parts)
        if part in {"templates", "charts", "crds"}
    )


def _is_filled_in_later(resource: Resource) -> bool:
    if resource.kind != "Application":
        return False
    values = [
        resource.name,
        *(text(mapping(resource.body, *route), "path") for route in argocd.source_routes(resource.body)),
    ]
    return any("{{" in value or "${" in value for value in values)


def is_disabled(tree: Tree, discovery: Discovery, path: str) -> bool:
    folder = path.rpartition("/")[0]
    if any(item.path == kustomization.find(tree, folder) for item in discovery.kustomizations):
        return True
    return any(included.rpartition("/")[0] == folder for included in discovery.included)
