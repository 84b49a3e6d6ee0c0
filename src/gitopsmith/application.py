"""Applications as values: what they deploy, from where, and how it is known that they exist."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gitopsmith import argocd
from gitopsmith.config import Config
from gitopsmith.finding import Route
from gitopsmith.kustomization import Kustomization
from gitopsmith.manifest import Origin, Resource, get, mapping, sequence, text
from gitopsmith.tree import Tree, join

EVIDENCE_APPLICATIONS = 3
EVIDENCE_SHARE = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One source of an Application.

    ``type`` is ``kustomize``, ``directory``, ``helm``, ``plugin``, ``chart`` (from a Helm or OCI repository), or
    ``values`` for one that only gives values files to others. ``present`` is what lies at its path in the repository:
    ``directory``, ``file``, ``missing``, ``outside``; empty for a source that is not in this repository.
    """

    route: Route
    body: dict[str, Any]
    own: bool
    type: str
    present: str

    @property
    def repo_url(self) -> str:
        return text(self.body, "repoURL")

    @property
    def path(self) -> str:
        """The directory as it is written; ``directory_path`` is the cleaned one."""
        return text(self.body, "path")

    @property
    def directory_path(self) -> str:
        return join("", self.path.strip("/"))

    @property
    def chart(self) -> str:
        return text(self.body, "chart")

    @property
    def target_revision(self) -> str:
        value = self.body.get("targetRevision")
        return "" if value is None else str(value)


@dataclass(frozen=True, slots=True, eq=False)
class Application:
    """An Application, found in a file or rendered by a build.

    ``entry`` is the directory whose build renders it, None for one that stands raw in a file of its own.
    ``disabled`` marks a raw one that the kustomization beside it does not include.
    """

    resource: Resource
    sources: tuple[Source, ...]
    entry: str | None = None
    disabled: bool = False

    @property
    def body(self) -> dict[str, Any]:
        return self.resource.body

    @property
    def name(self) -> str:
        return self.resource.name

    @property
    def namespace(self) -> str:
        """The namespace that it lives in; ``argocd`` where it is left to kubectl."""
        return self.resource.namespace or "argocd"

    @property
    def project(self) -> str:
        """Its project; Argo CD reads an empty one as ``default``."""
        return text(self.body, "spec", "project") or "default"

    @property
    def destination(self) -> dict[str, Any]:
        return mapping(self.body, "spec", "destination")

    @property
    def sync_options(self) -> tuple[str, ...]:
        return tuple(each for each in sequence(self.body, "spec", "syncPolicy", "syncOptions") if isinstance(each, str))

    @property
    def is_automated(self) -> bool:
        """Tells whether Argo CD syncs it by itself: ``automated`` is there, and not switched off."""
        automated = get(self.body, "spec", "syncPolicy", "automated")
        return isinstance(automated, dict) and automated.get("enabled") is not False

    @property
    def prunes(self) -> bool:
        """Tells whether Argo CD deletes by itself what is no longer in git."""
        return self.is_automated and get(self.body, "spec", "syncPolicy", "automated", "prune") is True

    @property
    def key(self) -> tuple[str, str]:
        return (self.namespace, self.name)


class Ownership(NamedTuple):
    """Which repository URLs mean the linted repository itself, and how that is known."""

    identities: frozenset[str]
    how: str
    """``configuration``, ``git remotes``, ``evidence`` or ``unknown``."""
    detail: str = ""

    def owns(self, url: str) -> bool:
        return bool(url) and argocd.repository_identity(url) in self.identities


def read(
    resource: Resource, tree: Tree, ownership: Ownership, entry: str | None = None, *, disabled: bool = False
) -> Application:
    """Reads an Application, and looks up in the tree what its sources name."""
    sources = tuple(_source(route, resource.body, tree, ownership) for route in argocd.source_routes(resource.body))
    return Application(resource, sources, entry, disabled)


def _source(route: Route, body: dict[str, Any], tree: Tree, ownership: Ownership) -> Source:
    source = mapping(body, *route)
    own = ownership.owns(text(source, "repoURL")) and not source.get("chart")
    if source.get("chart"):
        return Source(route, source, own=False, type="chart", present="")
    path = text(source, "path")
    if not path and text(source, "ref"):
        return Source(route, source, own=own, type="values", present="")
    if not own:
        return Source(route, source, own=False, type=argocd.source_type(source, ()), present="")
    directory = join("", path.strip("/"))
    present = tree.kind(directory)
    listing = tree.listing(directory) if present == "directory" else ()
    return Source(route, source, own=True, type=argocd.source_type(source, listing), present=present)


def ownership(configured: Iterable[str], remotes: Iterable[str], bodies: Iterable[Any], tree: Tree) -> Ownership:
    """Decides which URLs mean this repository: the configured ones, else all git remotes, else what the evidence says.

    ``bodies`` are all Applications that stand in files. Remotes count only when at least one Application names one of
    them, or none is named often enough to be evidence: a fork's remote is rarely the URL that its Applications use.
    """
    configured = tuple(configured)
    if configured:
        return Ownership(_identities(configured), "configuration", ", ".join(configured))
    counted = evidence(bodies, tree)
    remotes = tuple(remotes)
    if remotes and (_identities(remotes) & set(counted) or not _winner(counted)):
        return Ownership(_identities(remotes), "git remotes", ", ".join(sorted(_identities(remotes))))
    winner = _winner(counted)
    if winner:
        present, total = counted[winner]
        return Ownership(frozenset({winner}), "evidence", f"{winner}: {present} of {total} paths are here")
    return Ownership(frozenset(), "unknown")


def evidence(bodies: Iterable[Any], tree: Tree) -> dict[str, tuple[int, int]]:
    """Counts for each repository the paths that Applications take from it: those that are in the tree, and all."""
    counted: dict[str, tuple[int, int]] = {}
    for body in bodies:
        for route in argocd.source_routes(body):
            source = get(body, *route)
            path, url = text(source, "path"), text(source, "repoURL")
            if not path or not url or source.get("chart"):
                continue
            identity = argocd.repository_identity(url)
            present, total = counted.get(identity, (0, 0))
            found = tree.kind(join("", path.strip("/"))) == "directory"
            counted[identity] = (present + found, total + 1)
    return counted


def _winner(counted: dict[str, tuple[int, int]]) -> str:
    good = [
        (present, identity)
        for identity, (present, total) in counted.items()
        if total >= EVIDENCE_APPLICATIONS and present >= EVIDENCE_SHARE * total
    ]
    return max(good)[1] if good else ""


def _identities(urls: Iterable[str]) -> frozenset[str]:
    return frozenset(argocd.repository_identity(url) for url in urls)


class ObjectFact(NamedTuple):
    """What repository policies know of a rendered object; flat, so that it can be stored.

    ``namespace`` is as it is written: empty for what is cluster-wide, and for what goes where the Application goes.
    ``options`` are those of the object's own sync-options annotation, as it is written. ``entry`` is what was built,
    and ``path`` the file of the object where the build knows it.
    """

    api_version: str
    kind: str
    namespace: str
    name: str
    wave: str = ""
    hook: str = ""
    options: str = ""
    entry: str = ""
    path: str = ""
    deadline: int | None = None
    """``spec.progressDeadlineSeconds``."""

    @property
    def step(self) -> tuple[str, int]:
        """The phase and wave in which it is applied; a wave that is no number is 0 to Argo CD."""
        phases = [each for each in argocd.split_options(self.hook) if each in argocd.HOOKS]
        number = re.fullmatch(r"[+-]?[0-9]{1,9}", self.wave)
        return (phases[0] if phases else "Sync", int(self.wave) if number else 0)

    @property
    def resource(self) -> Resource:
        """The object as far as it is known, to say where it is."""
        metadata = {"name": self.name} | ({"namespace": self.namespace} if self.namespace else {})
        body = {"apiVersion": self.api_version, "kind": self.kind, "metadata": metadata}
        return Resource(body, Origin(path=self.path))


@dataclass(frozen=True, slots=True, eq=False)
class Deployed:
    """What an Application applies. ``complete`` tells whether all of its sources could be rendered."""

    application: Application
    objects: tuple[ObjectFact, ...]
    complete: bool


@dataclass(frozen=True, slots=True, eq=False)
class Repository:
    """All that repository policies look at."""

    applications: tuple[Application, ...]
    application_sets: tuple[Resource, ...] = ()
    projects: tuple[Resource, ...] = ()
    deployed: tuple[Deployed, ...] = ()
    settings: dict[str, Any] | None = None
    """The data of argocd-cm, None where the repository does not say it."""
    config: Config = field(default_factory=Config)
    kustomizations: tuple[Kustomization, ...] = ()
    """Every kustomization and Component, deployed or not."""
    deployed_files: frozenset[str] = frozenset()
    """The paths of those that some Application deploys or includes."""
