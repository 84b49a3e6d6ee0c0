"""Writes an excerpt of a commit into a folder, as a checkout would."""

from __future__ import annotations

import json
from collections.abc import Hashable
from pathlib import Path

from gitopsmith import kustomization
from gitopsmith.excerpt.choosing import Excerpt
from gitopsmith.excerpt.snapshot import Snapshot
from gitopsmith.git import writing
from gitopsmith.manifest import sequence
from gitopsmith.tree import Tree, is_skipped


def take(root: Path, snapshot: Snapshot, excerpt: Excerpt, folder: Path) -> Tree:
    """Writes the files of an excerpt below a folder, and returns them. Raises Failure with git's complaint."""
    entries = {f"{snapshot.prefix}{path}": snapshot.entries[path] for path in sorted(excerpt.files)}
    writing.check_out(root, entries, folder)
    top = folder / "tree" / snapshot.prefix
    for path in excerpt.reduced:
        (top / path).write_text(_reduced(snapshot, excerpt, path), encoding="utf-8")
    files = (path for path in sorted(excerpt.files) if not is_skipped(path))
    return Tree(top, tuple(files))


def contents(snapshot: Snapshot, excerpt: Excerpt) -> Hashable:
    """Returns what is equal for two excerpts that hold the same."""
    return frozenset((path, snapshot.entries[path], path in excerpt.reduced) for path in excerpt.files)


def _reduced(snapshot: Snapshot, excerpt: Excerpt, path: str) -> str:
    """Returns a kustomization with those of its resources that are in the excerpt."""
    item = kustomization.read(snapshot.tree, path)
    folders = {one.rpartition("/")[0] for one in excerpt.files & snapshot.kustomizations.keys()}
    kept = {
        reference.route[-1]
        for reference in item.states
        if reference.target in excerpt.files or reference.target in folders
    }
    resources = [one for index, one in enumerate(sequence(item.body, "resources")) if index in kept]
    return json.dumps({**item.body, "resources": resources})
