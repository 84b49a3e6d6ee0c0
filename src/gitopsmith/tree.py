"""The files of the linted repository, each read and parsed once."""

from __future__ import annotations

import hashlib
import os
import posixpath
import stat
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gitopsmith import documents, git
from gitopsmith.documents import Documents, Problem

MAX_BYTES = 32 * 1024 * 1024
"""A file above this is not read: Kubernetes takes objects up to about 1.5 MB (etcd), so nobody means to apply it."""
MAX_DEPTH = 200
"""Folders within folders; a path with more names than that is taken for missing."""
PARSED_AT_ONCE = 512
YAML_SUFFIXES = (".yaml", ".yml", ".json")
SKIPPED_FOLDERS = frozenset({".git", "node_modules", ".venv", ".terraform", "__pycache__"})


@dataclass(slots=True, eq=False)
class Tree:
    """A folder, asked by paths relative to it with ``/``; every answer is the same however often it is asked."""

    root: Path
    files: tuple[str, ...]
    _kinds: dict[str, str] = field(default_factory=dict, repr=False)
    _links: dict[str, str] = field(default_factory=dict, repr=False)
    _texts: dict[str, bytes | Problem | None] = field(default_factory=dict, repr=False)
    _digests: dict[str, str] = field(default_factory=dict, repr=False)
    _parsed: OrderedDict[str, Documents] = field(default_factory=OrderedDict, repr=False)
    _listings: dict[str, tuple[str, ...]] | None = field(default=None, repr=False)
    """What lies in each folder of a tree that is not on disk."""

    def kind(self, path: str) -> str:
        """Returns ``file``, ``directory``, ``missing``, or ``outside`` for what a link leads to beyond the tree.

        A folder without any file is missing, since git does not have it, unless it is a submodule.
        """
        if path not in self._kinds:
            self._kinds[path] = self._kind(path)
        return self._kinds[path]

    def real(self, path: str) -> str:
        """Returns a path of the tree with links resolved; what is missing or leads out of the tree stays as it is."""
        self.kind(path)
        return self._links.get(path, path)

    def _kind(self, path: str) -> str:
        clean = join("", path)
        if clean != path:
            self._links[path] = self.real(clean)
            return self.kind(clean)
        if path.startswith(("../", "/")) or path == "..":
            return "outside"
        if not path:
            return "directory" if self.root.is_dir() else "missing"
        if path.count("/") > MAX_DEPTH:
            return "missing"
        parent, _, name = path.rpartition("/")
        above = self.kind(parent)
        if above != "directory":
            return "outside" if above == "outside" else "missing"
        real = join(self.real(parent), name)
        target = f"{self.root}/{real}"
        try:
            mode = os.lstat(target).st_mode
            if stat.S_ISLNK(mode):
                return self._linked(path, Path(target))
        except (OSError, ValueError):
            return "missing"
        if real != path:
            self._links[path] = real
        if stat.S_ISDIR(mode) and not _holds_files(target) and real not in self.files:
            return "missing"
        return _kind_of(mode)

    def _linked(self, path: str, target: Path) -> str:
        try:
            real = target.resolve(strict=True)
        except RuntimeError:  # a link that leads to itself
            return "missing"
        if not real.is_relative_to(self.root):
            return "outside"
        self._links[path] = join("", real.relative_to(self.root).as_posix())
        return _kind_of(real.stat().st_mode)

    def data(self, path: str) -> bytes | None:
        """Returns the bytes of a file, None when there is no such file or it cannot be read."""
        if path not in self._texts:
            self._texts[path] = self._load(path)
        content = self._texts[path]
        return content if isinstance(content, bytes) else None

    def documents(self, path: str) -> Documents:
        """Returns the YAML documents of a file; one that cannot be read has one problem."""
        if path in self._parsed:
            self._parsed.move_to_end(path)
            return self._parsed[path]
        data = self.data(path)
        if data is not None:
            read = documents.read(data)
        else:
            problem = self._texts[path]
            read = Documents((), (problem,) if isinstance(problem, Problem) else (), "")
        self._parsed[path] = read
        if len(self._parsed) > PARSED_AT_ONCE:
            self._parsed.popitem(last=False)
        return read

    def digest(self, path: str) -> str:
        """Returns what changes when a path changes: the SHA-256 of a file, else what is there instead of one."""
        if path not in self._digests:
            data = self.data(path) if self.kind(path) == "file" else None
            self._digests[path] = self.kind(path) if data is None else hashlib.sha256(data).hexdigest()
        return self._digests[path]

    def listing(self, directory: str) -> tuple[str, ...]:
        """Returns the sorted names in a directory, none when it is missing."""
        if self._listings is not None:
            return self._listings.get(self.real(directory), ())
        try:
            return tuple(sorted(entry.name for entry in (self.root / directory).iterdir()))
        except OSError:
            return ()

    def over(self, path: str, data: bytes) -> Tree:
        """Returns this tree with other content in one file that is there."""
        texts = {**self._texts, self.real(path): data, path: data}
        return Tree(self.root, self.files, self._kinds, self._links, texts)

    def _load(self, path: str) -> bytes | Problem | None:
        target = self.root / path
        kind = self.kind(path)
        if kind == "outside" and not path.startswith("../"):
            return Problem("yaml-syntax", "this links to a place outside of the repository; left unread", 1, 1, 1, 2)
        if kind not in {"file", "outside"}:
            return None
        try:
            if not target.is_file():
                return None
            size = target.stat().st_size
            if size > MAX_BYTES:
                return Problem("yaml-syntax", f"{size >> 20} MB is too much for a manifest; left unread", 1, 1, 1, 2)
            return target.read_bytes()
        except OSError as error:
            return Problem("yaml-syntax", f"cannot be read: {error.strerror}", 1, 1, 1, 2)


def _kind_of(mode: int) -> str:
    """A pipe or a device is nothing to read."""
    return "directory" if stat.S_ISDIR(mode) else "file" if stat.S_ISREG(mode) else "missing"


def _holds_files(folder: str) -> bool:
    """Tells whether there is a file in a folder, or in one below it."""
    todo = [folder]
    while todo:
        try:
            with os.scandir(todo.pop()) as entries:
                for entry in entries:
                    if not entry.is_dir(follow_symlinks=False):
                        return True
                    todo.append(entry.path)
        except OSError:
            return True
    return False


def open_tree(root: Path) -> Tree:
    """Lists a folder: what git tracks or would add, or every file where there is no git."""
    root = root.resolve()
    found = git.files(root)
    if found is None:
        found = tuple(sorted(_walk(root)))
    return Tree(root, tuple(path for path in found if not is_skipped(path)))


def is_skipped(path: str) -> bool:
    """Tells whether a file lies in a folder that is never looked at."""
    return bool(SKIPPED_FOLDERS & set(path.split("/")[:-1]))


def in_memory(root: Path, name: str, data: bytes) -> Tree:
    """Returns a tree that lists one file which is not on disk; paths that it names are looked up below ``root``."""
    return Tree(root.resolve(), (name,), {name: "file"}, {}, {name: data})


def of_contents(root: Path, files: tuple[str, ...], contents: Mapping[str, bytes]) -> Tree:
    """Returns a tree that lists some files and has others beside; none of them is read from disk."""
    folders: dict[str, set[str]] = {"": set()}
    for path in contents:
        while path:
            folder, _, name = path.rpartition("/")
            known = folder in folders
            folders.setdefault(folder, set()).add(name)
            path = "" if known else folder
    kinds = dict.fromkeys(contents, "file") | dict.fromkeys(folders, "directory")
    listings = {folder: tuple(sorted(names)) for folder, names in folders.items()}
    return Tree(Path(f"{root}/\0"), files, kinds, {}, dict(contents), _listings=listings)


def is_yaml(path: str) -> bool:
    """Tells whether Argo CD takes a file for a manifest, by its name."""
    return path.endswith(YAML_SUFFIXES)


def join(directory: str, path: str) -> str:
    """Joins and cleans two paths; the result may start with ``../``. The root is an empty string."""
    if path and path[0] not in "./" and path[-1] != "/" and "/." not in path and "//" not in path:
        return f"{directory}/{path}" if directory else path  # most paths are clean, and cleaning costs
    joined = posixpath.normpath(posixpath.join(directory or ".", path))
    return "" if joined == "." else joined


def _walk(root: Path) -> list[str]:
    found = []
    for directory, folders, names in os.walk(root):
        folders[:] = sorted(set(folders) - SKIPPED_FOLDERS)
        relative = os.path.relpath(directory, root).replace(os.sep, "/")
        found += [name if relative == "." else f"{relative}/{name}" for name in names]
    return found
