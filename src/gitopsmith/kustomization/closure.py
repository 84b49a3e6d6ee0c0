"""Everything in the repository that a build touches, whether it is there or not."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

from gitopsmith import documents
from gitopsmith.documents import Documents
from gitopsmith.kustomization.reading import FILE_NAMES, find, reachable, read
from gitopsmith.kustomization.references import CHARTS, FILE_OR_DIRECTORY, PLUGINS, is_inline, maps, source_path
from gitopsmith.kustomization.remote import is_repository, is_url
from gitopsmith.kustomization.view import Kustomization, State, spelled
from gitopsmith.manifest import is_object, items, mapping, sequence, text
from gitopsmith.tree import Tree, join

_OPENED = frozenset({State.FOUND_DIRECTORY, State.NOT_A_COMPONENT, State.COMPONENT, State.NOT_A_KUSTOMIZATION})
"""What kustomize looks for a kustomization in, whatever comes of it."""


def closure(tree: Tree, directory: str) -> dict[str, str]:
    """Returns every path in the repository that a build of a directory touches, with what is found there.

    The values are ``file``, ``directory``, ``missing`` and ``outside``: what is missing counts, since its appearance
    changes the build. Charts that are inflated from a local folder count with everything below it.
    """
    touched: dict[str, str] = {}
    _touch(tree, directory, touched)
    todo, seen = [tree.real(directory)], {tree.real(directory)}
    while todo:
        own, opened = direct(tree, todo.pop())
        touched |= own
        todo += [target for target in opened if target not in seen]
        seen.update(opened)
    return touched


@functools.lru_cache(maxsize=8192)
def direct(tree: Tree, directory: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """Returns what one directory's kustomization touches itself, and the directories that it opens in turn."""
    touched: dict[str, str] = {}
    opened: list[str] = []
    for name in FILE_NAMES:
        _touch(tree, join(directory, name), touched)
    path = find(tree, directory)
    if path is None:
        return touched, ()
    kustomization = read(tree, path)
    for reference, state in kustomization.states.items():
        if is_url(reference.text) and is_repository(reference.text):
            continue
        _touch(tree, join(directory, reference.text), touched)
        if state in _OPENED:
            _touch(tree, reference.target, touched)
            opened.append(tree.real(reference.target))
    for body in _plugins(tree, kustomization):
        for path in _plugin_paths(body):
            _touch(tree, join(directory, path), touched)
    for folder in _chart_folders(kustomization):
        _touch(tree, folder, touched)
        touched |= {path: "file" for path in tree.files if path.startswith(f"{folder}/")}
    return touched, tuple(opened)


def _touch(tree: Tree, path: str, touched: dict[str, str]) -> None:
    """Adds a path and, where it is a link, what it leads to."""
    touched[path] = touched[tree.real(path)] = tree.kind(path)


def _plugins(tree: Tree, kustomization: Kustomization) -> Iterator[dict[str, Any]]:
    """Yields the bodies that configure generators and transformers: inline, in files, and in directories of files."""
    for name in PLUGINS:
        for entry in sequence(kustomization.body, kustomization.key(name) or name):
            if isinstance(entry, str) and is_inline(entry):
                yield from _objects(documents.read(entry.encode("utf-8", "surrogateescape")))
    for reference, state in kustomization.states.items():
        if reference.field in PLUGINS:
            if state is State.FOUND_FILE:
                yield from _objects(tree.documents(reference.target))
            elif state is State.FOUND_DIRECTORY:
                for path in _resource_files(tree, reference.target):
                    yield from _objects(tree.documents(path))


def _objects(found: Documents) -> Iterator[dict[str, Any]]:
    return (document.body for document in found.documents if is_object(document.body))


def _resource_files(tree: Tree, directory: str) -> Iterator[str]:
    for kustomization in reachable(tree, directory):
        for reference, state in kustomization.states.items():
            if state is State.FOUND_FILE and reference.field in FILE_OR_DIRECTORY:
                yield reference.target


def _plugin_paths(body: dict[str, Any]) -> Iterator[str]:
    """Yields the paths that a builtin generator or transformer reads, relative to the kustomization that names it."""
    found = [body.get(spelled(body, name)) for name in ("path", "env", "valuesFile")]
    for name in ("paths", "envs", "additionalValuesFiles"):
        found += sequence(body, spelled(body, name))
    found += [source_path(str(entry)) for entry in sequence(body, spelled(body, "files"))]
    found += [item.get(spelled(item, "path")) for _, item in items(body, spelled(body, "replacements"))]
    return (path for path in found if isinstance(path, str) and path and not is_inline(path) and not is_url(path))


def _chart_folders(kustomization: Kustomization) -> Iterator[str]:
    """Yields the folder of each chart that is inflated from the repository, where it may lie."""
    globals_ = mapping(kustomization.value("helmGlobals"))
    for name in CHARTS:
        for _, item in maps(kustomization, name):
            home = text(globals_, spelled(globals_, "chartHome")) or text(item, spelled(item, "chartHome")) or "charts"
            chart = text(item, spelled(item, "name")) or text(item, spelled(item, "chartName"))
            yield join(kustomization.directory, f"{home}/{chart}")
            version = text(item, spelled(item, "version"))
            if version and text(item, spelled(item, "repo")):
                yield join(kustomization.directory, f"{home}/{chart}-{version}")
