"""What changed files reach: the builds that read them, and the Applications and kustomizations of those.

What is absent counts: a build reads what it would read if it were there, so that a deleted file is reached through the
reference that it leaves, and a new one through the reference that waited for it.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from gitopsmith import argocd, evaluate, kustomization
from gitopsmith.application import Application, Source, instance_name
from gitopsmith.argocd.overriding import overriding_files
from gitopsmith.graph import Build, Discovery, Graph, Unit
from gitopsmith.kustomization import Kustomization
from gitopsmith.lint.scope import Change
from gitopsmith.tree import Tree, join

_BESIDE = (".yaml", ".yml", ".env")
"""What lies beside a kustomization and makes a template of it."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What is linted because of a change. ``paths`` are the changed files, and all that belongs to what they reach."""

    changed: frozenset[str]
    across: bool = False
    builds: frozenset[Build] = frozenset()
    left_out: frozenset[Build] = frozenset()
    applications: frozenset[tuple[str, str, str]] = frozenset()
    kustomizations: frozenset[str] = frozenset()
    paths: frozenset[str] = frozenset()
    unjudged: frozenset[str] = field(default=frozenset(), repr=False)
    """Files of builds that are not judged, and may need the suppressions that stand there."""

    @property
    def is_empty(self) -> bool:
        return not (self.across or self.builds or self.applications or self.kustomizations)

    def has(self, unit: Unit) -> bool:
        return _key(unit.application) in self.applications


def may_lead(tree: Tree, build: Build) -> bool:
    """Tells whether a build may give Applications, which decide what else there is."""
    if build.chart is not None or build.commit:
        return True
    name = argocd.API_GROUP.encode()
    return any(name in (tree.data(path) or b"") for path in evaluate.inputs(tree, build))


def reach(tree: Tree, discovery: Discovery, outline: Graph, change: Change) -> Reach:
    """Returns what changed files reach of all that is there; ``outline`` needs the inputs of its builds alone."""
    changed = change.paths
    touched = _Touched(tree, changed | change.let_go | frozenset(_beside(tree, changed)))
    builds = {build for build, result in outline.results.items() if touched.build(build, result.inputs)}
    units = [unit for unit in outline.units if touched.unit(unit, builds)]
    builds |= {build for unit in units for build in unit.builds}
    read = frozenset(path for build in builds for path in outline.results[build].inputs)
    items = [
        item
        for item in discovery.kustomizations
        if item.path in read or touched.any(kustomization.closure(tree, item.directory))
    ]
    applications = frozenset(_key(unit.application) for unit in units)
    own = {unit.application.resource.origin.path for unit in units} | {item.path for item in items}
    others = (result.inputs for build, result in outline.results.items() if build not in builds)
    unjudged = frozenset(path for inputs in others for path in inputs)
    return Reach(
        changed,
        change.across,
        frozenset(builds),
        frozenset(outline.results) - builds,
        applications,
        frozenset(item.path for item in items),
        changed | read | own | frozenset(_named(items)),
        unjudged,
    )


class _Touched:
    """Tells of paths whether a change touches them, or what lies in a folder that is read as a whole."""

    def __init__(self, tree: Tree, changed: frozenset[str]) -> None:
        self._tree = tree
        self._changed = changed
        self._above = frozenset(folder for path in changed for folder in _folders(path))

    def any(self, read: Iterable[str]) -> bool:
        """Tells whether something changed that is read, or that lies in a folder without a kustomization."""
        keys = frozenset(read)
        if keys & self._changed:
            return True
        return any(self._tree.kind(path) != "file" and not self._opened(path) for path in keys & self._above)

    def _opened(self, folder: str) -> bool:
        return kustomization.find(self._tree, folder) is not None

    def build(self, build: Build, inputs: Iterable[str]) -> bool:
        if build.commit:
            return False
        if build.type == "directory":
            below = self._below(build.entry)
            return any(build.options.recurse or "/" not in name for name in below) or bool(self._changed & set(inputs))
        if build.type == "helm" and build.chart is None and any(True for _ in self._below(build.entry)):
            return True
        return self.any(inputs) or any(
            fnmatch.fnmatchcase(path, f"{join(build.entry, name)}/*")
            for name in build.edits.components
            for path in self._changed
        )

    def _below(self, folder: str) -> Iterator[str]:
        prefix = f"{self._tree.real(folder)}/" if folder else ""
        return (path.removeprefix(prefix) for path in self._changed if path.startswith(prefix))

    def unit(self, unit: Unit, builds: Iterable[Build]) -> bool:
        app = unit.application
        reached = set(builds)
        written = {app.resource.origin.path, app.generation.file if app.generation else ""}
        if written & self._changed or reached & set(unit.builds):
            return True
        if app.entry is not None and any(build.entry == app.entry for build in reached):
            return True
        return any(self._source(app, source) for source in app.sources if source.own)

    def _source(self, app: Application, source: Source) -> bool:
        folder = source.directory_path
        names = overriding_files(instance_name(app.resource))
        if self._changed & {folder, *(join(folder, name) for name in names)}:
            return True
        return source.present != "directory" and folder in self._above


def _folders(path: str) -> Iterator[str]:
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def _beside(tree: Tree, changed: Iterable[str]) -> Iterator[str]:
    """Yields the kustomizations beside changed files, whose marks tell whether those are templates."""
    for path in changed:
        data = tree.data(path)
        if path.endswith(_BESIDE) and (data is None or b"{{" in data or b"{%" in data):
            found = kustomization.find(tree, path.rpartition("/")[0])
            if found is not None:
                yield found


def _named(items: Iterable[Kustomization]) -> Iterator[str]:
    return (reference.target for item in items for reference in item.states)


def _key(app: Application) -> tuple[str, str, str]:
    return (app.resource.origin.path, app.namespace, app.name)
