"""What Applications deploy, as rules about the whole repository look at it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gitopsmith import argocd
from gitopsmith.application.model import Application
from gitopsmith.argocd.projects import Project
from gitopsmith.config import Config
from gitopsmith.kustomization import Kustomization
from gitopsmith.manifest import Origin, Resource


class ObjectFact(NamedTuple):
    """What repository policies know of a rendered object; flat, so that it can be stored.

    ``namespace`` is as it is written: empty for what is cluster-wide, and for what goes where the Application goes.
    ``options`` are those of the object's own sync-options annotation, as it is written. ``entry`` is what was built,
    and ``path`` the file of the object where the build knows it; both are in the revision ``commit``, which is empty
    for the work tree. ``scope`` is ``Cluster`` or ``Namespaced``, empty where it is not known whether objects of this
    kind belong to a namespace.
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
    scope: str = ""
    commit: str = ""
    rendered: Resource | None = None
    """The whole object, of Namespaces, of claims, of workloads and of what scales those alone."""
    size: int = 0
    """The bytes of the object as JSON; 0 for kinds that are never large."""
    serves: tuple[str, ...] = ()
    """What a CustomResourceDefinition serves, as ``apiVersion kind`` for each version."""

    @property
    def step(self) -> tuple[str, int]:
        """The phase and wave in which it is applied; a wave that is no number is 0 to Argo CD."""
        phases = [each for each in argocd.split_options(self.hook) if each in argocd.HOOKS]
        number = re.fullmatch(r"[+-]?[0-9]{1,9}", self.wave)
        return (phases[0] if phases else "Sync", int(self.wave) if number else 0)

    @property
    def resource(self) -> Resource:
        """The object as far as it is known, to say where it is."""
        if self.rendered is not None:
            return self.rendered
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
    controls: tuple[Resource, ...] = ()
    """The ConfigMaps that control Argo CD: rendered, or as files have them that patch the ones of its release."""
    config: Config = field(default_factory=Config)
    kustomizations: tuple[Kustomization, ...] = ()
    """Every kustomization and Component, deployed or not."""
    deployed_files: frozenset[str] = frozenset()
    """The paths of those that some Application deploys or includes."""
    candidates: dict[str, tuple[Project, ...]] = field(default_factory=dict, init=False, repr=False)
    """What ``membership`` has found out about the projects of a name; each name is read once."""
