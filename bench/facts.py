"""What we say to a fact about projects out of Argo CD's own tables of tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitopsmith.argocd import globs, projects
from gitopsmith.argocd.projects import Target

KINDS = frozenset({"source", "destination", "groupKind", "sourceNamespace", "glob"})
"""The facts about what a project permits. The others are about what Argo CD's API server takes for a valid project."""


def answer(fact: Mapping[str, Any]) -> bool | None:
    """Returns whether something is permitted, or matches; None for what is not decided from git."""
    match fact["kind"]:
        case "source":
            return projects.permits_source(_project(sourceRepos=fact["sourceRepos"]), fact["repoURL"])
        case "destination":
            return _destination(fact)
        case "groupKind":
            project = projects.read({"spec": fact["project"]})
            named = (fact["group"], fact["resourceKind"], fact["resourceName"])
            return projects.permits_kind(project, *named, namespaced=fact["namespaced"])
        case "sourceNamespace":
            project = _project(sourceNamespaces=fact["sourceNamespaces"])
            return projects.permits_application_in(project, fact["applicationNamespace"], fact["controllerNamespace"])
        case "glob":
            return _glob(fact["pattern"], fact["value"], denies=fact["allowNegation"])
    return None


def _project(**spec: Any) -> projects.Project:
    return projects.read({"spec": spec})


def _destination(fact: Mapping[str, Any]) -> bool | None:
    own = fact.get("permitOnlyProjectScopedClusters", False)
    project = _project(destinations=fact["destinations"], permitOnlyProjectScopedClusters=own)
    wanted = fact["destination"]
    target = Target(wanted.get("server"), wanted.get("name"), wanted.get("namespace", ""))
    return projects.permits_destination(project, target)


def _glob(pattern: str, value: str, *, denies: bool) -> bool:
    if denies and pattern.startswith("!"):
        return globs.glob(pattern[1:]).match(value) is None
    return globs.glob(pattern).match(value) is not None
