"""A copy of what a build reads, in which an Application's options are applied; the repository itself stays as it is."""

from __future__ import annotations

import fnmatch
import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from gitopsmith import documents, kustomization, tools
from gitopsmith.finding import Route
from gitopsmith.kustomization import FILE_NAMES, is_remote
from gitopsmith.manifest import get, mapping, sequence, text
from gitopsmith.render import Failed
from gitopsmith.render.edits import BLOCK, Edits, commands, image_name
from gitopsmith.render.remotes import FILE, Entry
from gitopsmith.tree import Tree, join

_GLOB = frozenset("*?[")


class Shadow(NamedTuple):
    """What to copy, and what to do with the copy. ``paths`` are relative to the root, links and what they lead to.

    ``files`` are those from elsewhere, each with the entry that names it.
    """

    paths: tuple[str, ...]
    edits: Edits
    files: tuple[tuple[Entry, Path], ...] = ()


def plan(tree: Tree, entry: str, edits: Edits) -> Shadow | Failed:
    """Decides what a copy needs to hold; a component that would be fetched is not tried."""
    for index, component in enumerate(edits.components):
        if is_remote(component):
            return Failed("remote", f"{component} is not in this repository", entry, route=(BLOCK, "components", index))
    present = _present(tree, entry, edits) if edits.ignore_missing else edits.components
    paths = {path for path, kind in touched(tree, entry, edits).items() if kind in {"file", "directory"}}
    return Shadow(tuple(sorted(paths)), edits._replace(components=tuple(present)))


def touched(tree: Tree, entry: str, edits: Edits) -> dict[str, str]:
    """Returns every path that a build with options touches, with what is found there."""
    found = kustomization.closure(tree, entry)
    for directory in components(tree, entry, edits):
        found |= kustomization.closure(tree, directory)
    named = (text(json.loads(patch), "path") for patch in edits.patches)
    return found | {path: tree.kind(path) for name in named if name for path in (join(entry, name),)}


def components(tree: Tree, entry: str, edits: Edits) -> tuple[str, ...]:
    """Returns the directories that the option names, patterns as what they match."""
    return tuple(dict.fromkeys(path for name in edits.components for path in _matches(tree, join(entry, name))))


def _matches(tree: Tree, pattern: str) -> Iterable[str]:
    if not _GLOB & set(pattern):
        return (pattern,)
    found = [""]
    for part in pattern.split("/"):
        names = [(folder, [part] if not _GLOB & set(part) else list(tree.listing(folder))) for folder in found]
        found = [join(folder, name) for folder, here in names for name in here if fnmatch.fnmatchcase(name, part)]
    return found


def _present(tree: Tree, entry: str, edits: Edits) -> tuple[str, ...]:
    """Returns the first component that is there: having found it, Argo CD 3.6 looks for no other."""
    there = (name for name in edits.components if kustomization.find(tree, join(entry, name)))
    return tuple(list(there)[:1])


def left_out(tree: Tree, entry: str, edits: Edits) -> Iterator[tuple[int, str]]:
    """Yields the components that Argo CD does not add although they are there, with the reason."""
    first = _present(tree, entry, edits) if edits.ignore_missing else ()
    for index, name in enumerate(edits.components):
        if first and name not in first and kustomization.find(tree, join(entry, name)):
            said = f"with ignoreMissingComponents, Argo CD adds {first[0]}, the first that it finds, and no other"
            yield index, f"{said}; write this one into the kustomization, or leave ignoreMissingComponents out"


def make(root: Path, entry: str, shadow: Shadow, folder: Path, program: str, timeout: float) -> Failed | None:
    """Copies into a folder and applies the options there; returns why that failed, None when it did not.

    Raises tools.TimedOut.
    """
    for path in shadow.paths:
        _copy(root, path, folder)
    _put(shadow.files, folder)
    place = folder / entry
    place.mkdir(parents=True, exist_ok=True)
    edits = shadow.edits
    for command in commands(edits):
        failed = _edit(program, command.option, command.arguments, edits, place, timeout)
        if failed is not None:
            return failed._replace(directory=entry)
    refused = _add_patches(place, edits)
    if refused:
        return Failed("error", refused, entry, route=(BLOCK, "patches"))
    if edits.components:
        arguments = ("edit", "add", "component", *edits.components)
        failed = _edit(program, "components", arguments, edits, place, timeout)
        return failed and failed._replace(directory=entry)
    return None


def _copy(root: Path, path: str, folder: Path) -> None:
    """Copies a file or makes a folder; the first link on the way is made anew, and what it leads to comes by itself."""
    at = root
    for part in Path(path).parts:
        at /= part
        made = folder / at.relative_to(root)
        if at.is_symlink():
            target = at.resolve()
            if not made.is_symlink() and target.is_relative_to(root):
                made.symlink_to(folder / target.relative_to(root))
            return
        if at.is_dir():
            made.mkdir(exist_ok=True)
        elif not made.exists():
            shutil.copyfile(at, made)


def _put(files: tuple[tuple[Entry, Path], ...], folder: Path) -> None:
    """Lays files from elsewhere beside the kustomizations that name them by URL, and names them there instead."""
    for number, (entry, path) in enumerate(files):
        written = folder / entry.path
        name = f"{FILE}{number}.yaml"
        shutil.copyfile(path, written.parent / name)
        body = documents.load(written.read_text(encoding="utf-8", errors="surrogateescape"))
        get(body, *entry.route[:-1])[entry.route[-1]] = name
        written.write_text(json.dumps(body, indent=1), encoding="utf-8")


def _edit(
    program: str, option: str, arguments: tuple[str, ...], edits: Edits, place: Path, timeout: float
) -> Failed | None:
    output = tools.run(program, *arguments, cwd=place, timeout=timeout)
    if output.status == 0:
        return None
    if output.status < 0:
        return Failed("killed", f"kustomize was ended by signal {-output.status}")
    said = _shorten(output.complaint)
    return Failed("error", said, route=(BLOCK, *_refused(edits, option, said)))


def _shorten(complaint: str) -> str:
    """Leaves out warnings, how the command is used, and what names our own folder."""
    lines = [line for line in complaint.partition("\nUsage:")[0].splitlines() if not line.startswith("# Warning")]
    said = " ".join(" ".join(lines).removeprefix("Error: ").split())
    return said.partition(" has no match: ")[0] + " does not exist" if " has no match: " in said else said[:600]


def _refused(edits: Edits, option: str, said: str) -> Route:
    """Returns the entry of an option that a complaint names, else the only one, else the option."""
    entries: dict[str, list[tuple[str | int, str]]] = {
        "images": [(index, image) for index, image in enumerate(edits.images)],
        "replicas": [(index, name) for index, (name, _) in enumerate(edits.replicas)],
        "components": [(index, name) for index, name in enumerate(edits.components)],
        "commonLabels": [(name, name) for name, _ in edits.labels],
        "commonAnnotations": [(name, name) for name, _ in edits.annotations],
    }
    found = entries.get(option, [])
    if option == "images" and "invalid format of image" in said:
        found = [(index, image) for index, image in found if image_name(image) == image]
    named = [key for key, name in found if name in said] or [key for key, _ in found]
    return (option, named[0]) if len(named) == 1 else (option,)


def _add_patches(place: Path, edits: Edits) -> str:
    """Appends the patches to those of the kustomization; returns why that cannot be, an empty text when it could."""
    if not edits.patches:
        return ""
    path = next((place / name for name in FILE_NAMES if (place / name).is_file()), None)
    if path is None:
        return "there is no kustomization for the patches"
    body = documents.load(path.read_text(encoding="utf-8", errors="surrogateescape"))
    if not isinstance(body, dict):
        return f"{path.name} is no map, so that there is no place for the patches"
    if not isinstance(body.get("patches", []), list):
        return f"patches in {path.name} is no list, so that the Application's own cannot be appended"
    patches = [*sequence(body, "patches"), *(mapping(json.loads(patch)) for patch in edits.patches)]
    path.write_text(json.dumps(body | {"patches": patches}, indent=1), encoding="utf-8")
    return ""
