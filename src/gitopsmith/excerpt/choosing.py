"""Chooses files of a commit so that what is wanted is in them whole, with everything that brings it."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from gitopsmith import application, argocd, evaluate, graph, kustomization
from gitopsmith.application import Application
from gitopsmith.config import Config
from gitopsmith.excerpt.snapshot import Snapshot
from gitopsmith.excerpt.texts import Spoken
from gitopsmith.graph import Build
from gitopsmith.kustomization import State
from gitopsmith.manifest import Origin, Resource, mapping
from gitopsmith.tree import join

USUAL = frozenset({"", "HEAD", "main", "master"})
_PLAIN = frozenset({"apiVersion", "kind", "metadata", "resources"})
_BESIDE = (".yaml", ".yml", ".env")
_BY_FOLDER = frozenset({State.FOUND_DIRECTORY, State.COMPONENT, State.NOT_A_COMPONENT})
_WORD = re.compile(r"[\w.@+-]+", re.ASCII)
_FILTERS = re.compile(rb"(?:^|\s)(?:filter|ident|working-tree-encoding|export-subst)\b", re.MULTILINE)


class Uncertain(Exception):  # noqa: N818 - nothing is wrong, there is only more to read
    """The files cannot be chosen so that what they give is what the whole commit gives; it says why."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Paths of a commit, and those kustomizations among them of which only the chosen resources are kept."""

    files: frozenset[str]
    reduced: frozenset[str]


@dataclass(slots=True, eq=False)
class Choice:
    """What is chosen of a snapshot so far."""

    snapshot: Snapshot
    said: Config
    files: set[str] = field(default_factory=set)
    reduced: set[str] = field(default_factory=set)
    _whole: set[str] = field(default_factory=set)
    _brought: set[str] = field(default_factory=set)

    def excerpt(self) -> Excerpt:
        """Returns what is chosen, with the files that tell git how to check out the others."""
        reduced = frozenset(self.reduced - self._whole)
        return Excerpt(frozenset({*self.files, *self.snapshot.attributes}), reduced)

    def declare(self, path: str) -> None:
        """Takes a file with Applications, and whatever brings it to Argo CD."""
        todo = [path]
        while todo:
            path = todo.pop()
            if path not in self.files:
                self.files.add(path)
                for folder in self._includers(path.rpartition("/")[0]):
                    todo += self._bring(folder)
                todo += declaring(self.snapshot, ancestors(path))

    def _includers(self, folder: str) -> Iterator[str]:
        """Yields the folders whose kustomizations include files of a folder, and that folder where it has one."""
        for above in ancestors(f"{folder}/"):
            found = kustomization.find(self.snapshot.tree, above)
            if found and (above == folder or any(name.rpartition("/")[0] == folder for name in self._included(found))):
                self.files |= set(sorted(self._included(found) & set(self.snapshot.below(folder)))[:1])
                yield above

    def _included(self, path: str) -> set[str]:
        states = kustomization.read(self.snapshot.tree, path).states
        return {reference.target for reference, state in states.items() if state is State.FOUND_FILE}

    def _bring(self, folder: str) -> Iterator[str]:
        """Takes the kustomizations of a folder and of those that include it, and yields who builds one of them."""
        todo = [folder]
        while todo:
            folder = todo.pop()
            if folder in self._brought:
                continue
            self._brought.add(folder)
            here = {path for path in self.snapshot.below(folder) if path in self.snapshot.kustomizations}
            if not here <= self.snapshot.plain or not all(map(self._is_list, here)):
                raise Uncertain(f"the kustomization of {folder or '.'} changes the Applications that it includes")
            self.files |= here
            self.reduced |= here
            yield from declaring(self.snapshot, (folder,))
            todo += [above for above in referring(self.snapshot, folder) if folder in opened(self.snapshot, above)]

    def _is_list(self, path: str) -> bool:
        """Tells whether a kustomization is a list of resources and nothing else."""
        item = kustomization.read(self.snapshot.tree, path)
        return not item.problems and item.body.keys() <= _PLAIN

    def build(self, folder: str) -> None:
        """Takes everything that a kustomization reads."""
        self._add(kustomization.closure(self.snapshot.tree, folder))

    def deliver(self, app: Application) -> None:
        """Takes everything that an Application is built from."""
        for source in app.sources:
            if source.own and source.type != "values":
                if not source.directory_path:
                    raise Uncertain(f"{app.name} is built from the root of the repository")
                self.files |= set(self.snapshot.below(source.directory_path))
        for build in builds(app):
            self._add(evaluate.inputs(self.snapshot.tree, build))

    def _add(self, paths: Iterable[str]) -> None:
        """Takes the files among the paths, something in each folder, and what lies beside a kustomization."""
        for path in paths:
            if path in self.snapshot.kustomizations:
                self._whole.add(path)
                beside = self.snapshot.below(path.rpartition("/")[0])
                self.files |= {one for one in beside if one.endswith(_BESIDE) or one == path}
            elif path in self.snapshot.entries:
                self.files.add(path)
            elif self.snapshot.tree.kind(path) == "directory":
                self.files |= set(self.snapshot.below(path))


def applications(snapshot: Snapshot, said: Config, path: str) -> Iterator[Application]:
    """Yields the Applications in a file, with what their sources name."""
    owned = application.ownership(said.urls, (), (), snapshot.tree)
    for document in snapshot.tree.documents(path).documents:
        resource = Resource(mapping(document.body), Origin(path=path))
        if argocd.is_application(resource.body):
            yield application.read(resource, snapshot.tree, owned)


def builds(app: Application) -> tuple[Build, ...]:
    """Returns what an Application builds from the tree that it is in."""
    return graph.unit_of(app, None).builds


def check(snapshot: Snapshot, said: Config) -> None:
    """Raises Uncertain where no part of a commit can be understood without the rest."""
    if not said.urls:
        raise Uncertain("only all Applications together tell which repository URLs mean this one")
    if said.build_options:
        raise Uncertain("options of kustomize may let builds read anything")
    if not is_literal(snapshot):
        raise Uncertain("there are links or submodules, or a filter of git decides what files hold")
    for path, found in snapshot.declaring.items():
        _check_declaring(snapshot, said, path, found)
    _check_carriers(snapshot)


def is_literal(snapshot: Snapshot) -> bool:
    """Tells whether files hold what git keeps of them, without links, other repositories and filters."""
    plain = all(entry.is_file for entry in snapshot.entries.values())
    filtered = any(_FILTERS.search(snapshot.tree.data(path) or b"") for path in snapshot.attributes)
    return plain and not filtered and not snapshot.prefix  # above it there may be more attributes


def _check_declaring(snapshot: Snapshot, said: Config, path: str, found: Spoken) -> None:
    if found.sets:
        raise Uncertain(f"{path} may declare an ApplicationSet")
    if any(join(folder, "Chart.yaml") in snapshot.entries for folder in ancestors(path)):
        raise Uncertain(f"{path} is of a chart that may give Applications")
    if found.pinned and any(_is_pinned(app) for app in applications(snapshot, said, path)):
        raise Uncertain(f"{path} asks for another revision")


def _is_pinned(app: Application) -> bool:
    return any(source.own and source.target_revision not in USUAL for source in app.sources)


@functools.lru_cache(maxsize=64)
def carriers(snapshot: Snapshot) -> frozenset[str]:
    """Returns the folders whose kustomizations may include Applications; some of them may not."""
    todo = {folder for path in snapshot.declaring for folder in ancestors(path)}
    found: set[str] = set()
    while todo:
        folder = todo.pop()
        if kustomization.find(snapshot.tree, folder):
            found.add(folder)
            todo |= set(referring(snapshot, folder)) - found
    return frozenset(found)


def carries(snapshot: Snapshot, folder: str) -> bool:
    """Tells whether the kustomization of a folder includes Applications."""
    return bool(snapshot.declaring.keys() & kustomization.closure(snapshot.tree, folder).keys())


def _check_carriers(snapshot: Snapshot) -> None:
    """Raises Uncertain where Applications may become others on their way: a name there tells nothing then."""
    folders = carriers(snapshot)
    for folder in folders:
        found = kustomization.find(snapshot.tree, folder)
        if found not in snapshot.plain and carries(snapshot, folder):
            raise Uncertain(f"{found} may change the Applications that it includes")
    for path, said in snapshot.declaring.items():
        if said.alters and (said.odd or said.paths & folders):
            raise Uncertain(f"{path} may change Applications that it builds")


def declaring(snapshot: Snapshot, folders: Iterable[str]) -> list[str]:
    """Returns the files with Applications that may be built from one of the folders."""
    wanted = frozenset(folders)
    return [path for path, found in snapshot.declaring.items() if found.odd or found.paths & wanted]


def ancestors(path: str) -> tuple[str, ...]:
    """Returns the folders that a path lies in, the nearest first; the root is the last."""
    found = []
    while path:
        path = path.rpartition("/")[0]
        found.append(path)
    return tuple(found)


@functools.lru_cache(maxsize=1024)
def referring(snapshot: Snapshot, target: str) -> tuple[str, ...]:
    """Returns the folders whose kustomizations may name a path; by their text, so that some may not.

    Every name on the way from the folder that both lie in down to the target has to stand in the text. Nothing includes
    a folder that it lies in.
    """
    parts = target.split("/")
    last = _bytes(parts[-1])
    near = ((path.split("/")[:-1], data) for path, data in snapshot.kustomizations.items() if last in data)
    named = ("/".join(folder) for folder, data in near if _may_name(data, folder, parts))
    return tuple({*named, *snapshot.escaping} - {target})


def _may_name(data: bytes, folder: list[str], parts: list[str]) -> bool:
    common = 0
    for mine, theirs in zip(folder, parts, strict=False):
        if mine != theirs:
            break
        common += 1
    return common < len(parts) and all(_bytes(part) in data for part in parts[common:])


def _bytes(part: str) -> bytes:
    """Returns how YAML writes a name; nothing, which is in every text, for one that can be written in several ways."""
    return part.encode() if _WORD.fullmatch(part) else b""


def opened(snapshot: Snapshot, folder: str) -> frozenset[str]:
    """Returns the folders that the kustomization of a folder includes."""
    found = kustomization.find(snapshot.tree, folder)
    states: dict[Any, State] = kustomization.read(snapshot.tree, found).states if found else {}
    return frozenset(reference.target for reference, state in states.items() if state in _BY_FOLDER)
