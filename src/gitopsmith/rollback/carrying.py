"""Carries an old base into an overlay: files that others are made from too are copied, and the overlay points there."""

from __future__ import annotations

import posixpath

from gitopsmith import edit
from gitopsmith.finding import Route
from gitopsmith.git import writing
from gitopsmith.git.writing import Entry
from gitopsmith.kustomization import FILE_NAMES, Form, is_below, read
from gitopsmith.manifest import get
from gitopsmith.rollback.sides import Files, Sides, listing
from gitopsmith.tree import Tree, join

FOLDER = "rolled-back"
"""Where in an overlay the old base is kept, at the path that it has in the repository."""


def carried(sides: Sides, own: Files, kept: frozenset[str]) -> Files:
    """Returns the files of an overlay as they were, with a copy of everything outside of it that it was made from.

    What is ``kept`` is copied as it is now. Nothing where the application is not built from one kustomization, whose
    folder is where it was.
    """
    entries = sides.here.entries
    if (
        len(entries) != 1
        or entries != sides.there.entries
        or {each.type for each in sides.there.builds} != {"kustomize"}
    ):
        return {}
    new = listing(sides, sides.tip)
    old = {path: entry for path, entry in listing(sides, sides.target).items() if path not in kept}
    old |= {path: new[path] for path in kept if path in new}
    copied: Files = {
        join(f"{entries[0]}/{FOLDER}".lstrip("/"), path): old[path]
        for path in sides.then.inputs
        if path in old and not is_below(path, entries[0])
    }
    return {**own, **copied, **_pointing(sides, entries[0], old, kept)} if copied else {}


def _pointing(sides: Sides, entry: str, files: dict[str, Entry], kept: frozenset[str]) -> Files:
    """Returns the kustomizations of the overlay whose references leave it, with these leading to the copies."""
    archive, pointing = sides.reader.archive, Files()
    with archive.tree(sides.target) as then, archive.tree(sides.tip) as now:
        for path in sides.then.inputs:
            if path in files and is_below(path, entry) and path.rpartition("/")[2] in FILE_NAMES:
                found = _references(now if path in kept else then, path, entry)
                if found:
                    pointing[path] = _edited(sides, path, files[path], found)
    return pointing


def _references(tree: Tree, path: str, entry: str) -> dict[Route, str]:
    folder = path.rpartition("/")[0]
    kustomization = read(tree, path)
    return {
        one.route: posixpath.relpath(join(entry, f"{FOLDER}/{one.target}"), folder or ".")
        for one in kustomization.references
        if one.form is not Form.REMOTE
        and not is_below(one.target, entry)
        and get(kustomization.body, *one.route) == one.text
    }


def _edited(sides: Sides, path: str, entry: Entry, references: dict[Route, str]) -> Entry:
    text = writing.text(sides.reader.root, entry.blob)
    for route, target in references.items():
        text = edit.put(text, route, target, path=path)
    return Entry(entry.mode, writing.store_text(sides.reader.root, text))
