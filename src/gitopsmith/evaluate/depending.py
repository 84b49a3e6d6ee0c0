"""What a build depends on."""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.graph import Build
from gitopsmith.render import directory
from gitopsmith.render.shadow import touched
from gitopsmith.tree import Tree, join


def files_of(tree: Tree, build: Build) -> tuple[str, ...]:
    """Returns the manifest files of a build that nothing has to render."""
    return directory.files(tree, build.entry, build.options) if build.type == "directory" else (build.entry,)


def inputs(tree: Tree, build: Build) -> dict[str, str]:
    """Returns every path that a build depends on, each with its digest: missing ones and listings count.

    What is rendered from another revision depends on its commit alone.
    """
    if build.commit:
        return {f"{build.commit}:{build.entry}": build.commit}
    if build.type == "kustomize":
        return {path: tree.digest(path) for path in touched(tree, build.entry, build.edits)}
    if build.type == "helm":
        return {path: tree.digest(path) for path in _chart_files(tree, build)}
    found = files_of(tree, build)
    listing = {build.entry: " ".join(found)} if build.type == "directory" else {}
    return {**listing, **{path: tree.digest(path) for path in found}}


def _chart_files(tree: Tree, build: Build) -> Iterator[str]:
    """Yields the files of a chart in the repository, and those that its Application names."""
    prefix = f"{build.entry}/" if build.entry else ""
    if build.chart is None:
        yield from (path for path in tree.files if path.startswith(prefix))
    release = build.release
    for file in (*release.value_files, *(file for _, file in release.files)) if release is not None else ():
        inside = build.entry if file.place == "chart" and not file.path.startswith("/") else ""
        if build.chart is None or file.place == "repository":
            yield join(inside, file.path.lstrip("/"))
