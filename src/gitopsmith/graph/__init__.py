"""The worklist: from what a repository holds to what Argo CD applies, however deep Applications nest."""

from __future__ import annotations

from gitopsmith.graph.build import Asked, Build, BuildResult, Expanded, Graph, SourceFinding, Unit
from gitopsmith.graph.discovery import Discovery, discover
from gitopsmith.graph.facts import argo_objects, declared_in, facts, repository
from gitopsmith.graph.units import unit_of, unknown
from gitopsmith.graph.working import work

__all__ = [
    "Asked",
    "Build",
    "BuildResult",
    "Discovery",
    "Expanded",
    "Graph",
    "SourceFinding",
    "Unit",
    "argo_objects",
    "declared_in",
    "discover",
    "facts",
    "repository",
    "unit_of",
    "unknown",
    "work",
]
