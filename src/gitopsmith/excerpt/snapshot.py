"""A commit with the content of all its files in memory, as git keeps it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from gitopsmith import git
from gitopsmith.excerpt.texts import Spoken, is_plain, spoken
from gitopsmith.git import writing
from gitopsmith.git.writing import Entry
from gitopsmith.kustomization import FILE_NAMES
from gitopsmith.tree import Tree, is_skipped, is_yaml, of_contents


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """A commit or tree of git below the root: paths of its kustomizations, and of files that declare Applications.

    ``entries`` are all files, ``escaping`` the folders whose kustomizations may write names in other words, and
    ``attributes`` the paths of files that tell git how to check out others.
    """

    name: str
    prefix: str
    entries: dict[str, Entry]
    tree: Tree
    kustomizations: dict[str, bytes]
    plain: frozenset[str]
    escaping: tuple[str, ...]
    declaring: dict[str, Spoken]
    projects: dict[str, Spoken]
    attributes: tuple[str, ...]

    def below(self, folder: str) -> Iterable[str]:
        """Returns the files that lie in a folder itself, of one without any some that lie deeper."""
        here = [f"{folder}/{name}" if folder else name for name in self.tree.listing(folder)]
        files = [path for path in here if path in self.entries]
        return files or [path for path in self.tree.files if path.startswith(f"{folder}/")][:1]


@dataclass(slots=True, eq=False)
class Shelf:
    """What was read of a repository's objects, each once."""

    root: Path
    _contents: dict[str, bytes] = field(default_factory=dict)
    _spoken: dict[tuple[str, bool], Spoken | None] = field(default_factory=dict)
    _plain: dict[str, bool] = field(default_factory=dict)
    _snapshots: dict[str, Snapshot] = field(default_factory=dict)

    def snapshot(self, tree: str) -> Snapshot:
        """Returns a commit or tree with all that is in it. Raises Failure with git's complaint."""
        if tree not in self._snapshots:
            self._snapshots[tree] = self._read(tree)
        return self._snapshots[tree]

    def file(self, tree: str, path: str) -> bytes | None:
        """Returns the content of one file below the root, None where there is none."""
        if tree in self._snapshots:
            return self._snapshots[tree].tree.data(path)
        prefix = git.below(self.root)
        entry = writing.entries(self.root, tree, (f"{prefix}{path}",)).get(f"{prefix}{path}")
        return writing.content(self.root, entry.blob) if entry else None

    def _read(self, tree: str) -> Snapshot:
        prefix = git.below(self.root)
        listed = writing.entries(self.root, tree, (prefix,) if prefix else ())
        entries = {path.removeprefix(prefix): entry for path, entry in listed.items() if path.startswith(prefix)}
        self._load(entry.blob for entry in entries.values() if entry.is_file)
        contents = {path: self._contents[entry.blob] for path, entry in entries.items() if entry.is_file}
        files = tuple(sorted(path for path in contents if not is_skipped(path)))
        layers = {path: contents[path] for path in files if path.rpartition("/")[2] in FILE_NAMES}
        said = {path: self._said(entries[path], manifest=is_yaml(path)) for path in files if path not in layers}
        return Snapshot(
            tree,
            prefix,
            entries,
            of_contents(self.root, files, contents),
            layers,
            frozenset(path for path in layers if self._is_plain(entries[path])),
            tuple(path.rpartition("/")[0] for path, data in layers.items() if b"\\" in data),
            {path: found for path, found in said.items() if found and found.applications},
            {path: found for path, found in said.items() if found and found.projects},
            tuple(path for path in contents if path.rpartition("/")[2] == ".gitattributes"),
        )

    def _load(self, blobs: Iterable[str]) -> None:
        self._contents.update(writing.contents(self.root, [blob for blob in blobs if blob not in self._contents]))

    def _said(self, entry: Entry, *, manifest: bool) -> Spoken | None:
        key = (entry.blob, manifest)
        if key not in self._spoken:
            self._spoken[key] = spoken(self._contents[entry.blob], manifest=manifest)
        return self._spoken[key]

    def _is_plain(self, entry: Entry) -> bool:
        if entry.blob not in self._plain:
            self._plain[entry.blob] = is_plain(self._contents[entry.blob])
        return self._plain[entry.blob]
