"""The order in which kustomizations work on one object, from the file that holds it to the directory that is built.

A kustomization reads its resources, runs its generators, lets its components work on all of that, each with its own
components first, and then transforms (kustomize ``api/internal/target/kusttarget.go``).
"""

from __future__ import annotations

import functools
from typing import NamedTuple

from gitopsmith.kustomization import Kustomization, State, find, read
from gitopsmith.manifest import Origin
from gitopsmith.tree import Tree

MAX_CHAINS = 1024
"""Ways from a file to the entry that are looked at: one base may serve every namespace of a cluster."""


class Stage(NamedTuple):
    """One kustomization at work: with its generators, or with its transformers."""

    kustomization: Kustomization
    transforms: bool


Chain = tuple[Stage, ...]


def chains(tree: Tree, entry: str, origin: Origin) -> tuple[Chain, ...]:
    """Returns every way that an object of this origin may take to the entry, first stage first."""
    return () if _loops(tree, entry) else _through(tree, entry, origin.path, origin.configured_in)


@functools.lru_cache(maxsize=8192)
def _included(tree: Tree, directory: str) -> tuple[str, ...]:
    file = find(tree, directory)
    fields = ("resources", "bases", "components")
    return tuple(below for field in fields for below in _directories(read(tree, file), field)) if file else ()


@functools.lru_cache(maxsize=1024)
def _loops(tree: Tree, entry: str) -> bool:
    """Tells whether a directory leads back to itself, which kustomize refuses to build."""
    open_, done = [(entry, iter(_included(tree, entry)))], {entry}
    while open_:
        directory = next(open_[-1][1], None)
        if directory is None:
            open_.pop()
        elif any(directory == name for name, _ in open_):
            return True
        elif directory not in done:
            done.add(directory)
            open_.append((directory, iter(_included(tree, directory))))
    return False


@functools.lru_cache(maxsize=65536)
def _through(tree: Tree, directory: str, path: str, configured_in: str) -> tuple[Chain, ...]:
    file = find(tree, directory)
    if file is None:
        return ()
    kustomization = read(tree, file)
    found = _resources(tree, kustomization, path, configured_in)
    if not _repeats(found, kustomization):
        found = [(*chain, Stage(kustomization, transforms=False)) for chain in found]
        for component in _directories(kustomization, "components"):
            found = [chain + work for chain in found for work in [_component(tree, component)]]
            found += _through(tree, component, path, configured_in)
    return tuple((*chain, Stage(kustomization, transforms=True)) for chain in found[:MAX_CHAINS])


def _resources(tree: Tree, kustomization: Kustomization, path: str, configured_in: str) -> list[Chain]:
    found: list[Chain] = []
    if kustomization.path == configured_in or _holds(kustomization, path or configured_in):
        found.append(())
    for directory in (*_directories(kustomization, "resources"), *_directories(kustomization, "bases")):
        found += _through(tree, directory, path, configured_in)
    return found


@functools.lru_cache(maxsize=8192)
def _component(tree: Tree, directory: str) -> Chain:
    """Returns what a component does to the objects that were there before it."""
    file = find(tree, directory)
    if file is None:
        return ()
    kustomization = read(tree, file)
    nested = [stage for below in _directories(kustomization, "components") for stage in _component(tree, below)]
    return (Stage(kustomization, transforms=False), *nested, Stage(kustomization, transforms=True))


@functools.lru_cache(maxsize=8192)
def _files(kustomization: Kustomization) -> frozenset[str]:
    fields = {"resources", "bases", "generators"}
    return frozenset(
        reference.target
        for reference, state in kustomization.states.items()
        if reference.field in fields and state in {State.FOUND_FILE, State.RESTRICTED}
    )


def _holds(kustomization: Kustomization, path: str) -> bool:
    return path in _files(kustomization)


@functools.lru_cache(maxsize=8192)
def _directories(kustomization: Kustomization, field: str) -> tuple[str, ...]:
    return tuple(
        reference.target
        for reference, state in kustomization.states.items()
        if reference.field == field and state in {State.FOUND_DIRECTORY, State.COMPONENT}
    )


def _repeats(found: list[Chain], kustomization: Kustomization) -> bool:
    return any(stage.kustomization is kustomization for chain in found for stage in chain)
