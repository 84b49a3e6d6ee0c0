"""Builds and what came of them, Applications with their builds, and all of it together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from gitopsmith.application import Application, ObjectFact, Source
from gitopsmith.appset import Expansion
from gitopsmith.fetch import Chart
from gitopsmith.finding import Finding, Route, Suppressed
from gitopsmith.manifest import Resource
from gitopsmith.render import Failed
from gitopsmith.render.directory import Options
from gitopsmith.render.edits import NONE, Edits
from gitopsmith.render.helm import Release


class Asked(NamedTuple):
    """Which source of which Application asks for a build."""

    application: Application
    source: Source


@dataclass(frozen=True, slots=True)
class Build:
    """One thing to render.

    ``type`` is ``kustomize``, ``directory``, ``helm``, or ``file`` for a manifest named by the user. A ``chart`` from
    elsewhere has its name for an entry. ``asked`` is who asked first for a chart: the same release is rendered once,
    whoever else asks for it. ``edits`` are what an Application's options make of a kustomization; ``commit`` is the
    revision to render, empty for the work tree.
    """

    type: str
    entry: str
    options: Options = field(default_factory=Options)
    release: Release | None = None
    chart: Chart | None = None
    asked: Asked | None = field(default=None, compare=False, repr=False)
    edits: Edits = NONE
    commit: str = ""

    @property
    def is_rendered(self) -> bool:
        """Tells whether a program renders it; anything else is read as it is."""
        return self.type in {"kustomize", "helm"}


class SourceFinding(NamedTuple):
    """A finding that a field of the source is to blame for: it stands once in every Application with that source."""

    route: Route
    """Relative to the source."""
    finding: Finding


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What judging one build gave. ``inputs`` maps every path that it depends on to what was found there."""

    build: Build
    findings: tuple[Finding, ...] = ()
    in_sources: tuple[SourceFinding, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    objects: tuple[ObjectFact, ...] = ()
    argo: tuple[Resource, ...] = ()
    validated: int = 0
    unvalidated: tuple[str, ...] = ()
    failure: Failed | None = None
    inputs: dict[str, str] = field(default_factory=dict)


class Unit(NamedTuple):
    """One Application with the builds of its sources, and what of it cannot be known offline: (kind, message) each.

    ``routes`` tell for each build where in the Application its source stands.
    """

    application: Application
    builds: tuple[Build, ...]
    unverifiable: tuple[tuple[str, str], ...]
    routes: tuple[Route, ...] = ()


class Expanded(NamedTuple):
    """One ApplicationSet with what it generates. ``entry`` and ``disabled`` are those of its Applications."""

    application_set: Resource
    expansion: Expansion
    entry: str | None = None
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Graph:
    """All that was rendered and judged.

    ``settings`` are the ConfigMaps named argocd-cm, ``controls`` all that control Argo CD: also those in files of which
    a build takes them that could not be rendered, and then as patches of what is not known.
    """

    results: dict[Build, BuildResult]
    units: tuple[Unit, ...]
    application_sets: tuple[Resource, ...]
    projects: tuple[Resource, ...]
    settings: tuple[Resource, ...] = ()
    expanded: tuple[Expanded, ...] = ()
    controls: tuple[Resource, ...] = ()

    @property
    def owned(self) -> frozenset[Build]:
        """The builds that some Application deploys."""
        return frozenset(build for unit in self.units for build in unit.builds)
