"""How health checks come into argocd-cm: by a ConfigMap generator in the folder above them."""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import kustomization
from gitopsmith.finding import Location, Route
from gitopsmith.health.cases import Problem
from gitopsmith.manifest import items, pointer, sequence
from gitopsmith.tree import Tree, join

SCRIPT = "health.lua"
KEY = "resource.customizations.health."


def configuration(files: Tree, directory: str) -> str | None:
    """Returns the kustomization beside the folders of checks that puts some of them into argocd-cm, if there is one."""
    path = kustomization.find(files, directory.rpartition("/")[0])
    return path if path and any(True for _ in _entries(files, path)) else None


def problems(files: Tree, directory: str) -> Iterator[Problem]:
    """Yields what keeps the check in a folder from argocd-cm, where the other checks beside it go."""
    path = configuration(files, directory)
    if path is None:
        return
    name = directory.rpartition("/")[2]
    wanted = f"{KEY}{name}={name}/{SCRIPT}"
    own = [found for found in _entries(files, path) if found[2] == join(directory, SCRIPT)]
    if not own:
        message = f"this check does not get into argocd-cm as others do; add {wanted} to the files in {path}"
        yield Problem(Location(join(directory, SCRIPT), 1, 1, 1, 2), message, pointer=path, warning=True)
    document = files.documents(path).documents[0]
    for route, key, _ in own:
        if key != KEY + name:
            message = f"Argo CD does not look for this check under {key!r}; write {wanted}"
            yield Problem(document.location(path, route), message, pointer(document.body, route))


def _entries(files: Tree, path: str) -> Iterator[tuple[Route, str, str]]:
    """Yields the route, the key and the path of each health check in the generators of a kustomization."""
    for document in files.documents(path).documents[:1]:
        for route, generator in items(document.body, "configMapGenerator"):
            for index, entry in enumerate(sequence(generator, "files")):
                key, _, target = str(entry).rpartition("=")
                if target.rpartition("/")[2] == SCRIPT:
                    yield (*route, "files", index), key, join(path.rpartition("/")[0], target)
