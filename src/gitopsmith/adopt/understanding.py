"""What a repository tells of itself: its own URLs, its environments and the clusters that it deploys to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from gitopsmith import application, argocd, git, graph, tree
from gitopsmith.config import Environment
from gitopsmith.graph import Discovery
from gitopsmith.manifest import get, mapping, text

_STAGES = (
    ("local", "sandbox", "playground"),
    ("dev", "devel", "develop", "development"),
    ("ci", "test", "testing", "integration"),
    ("qa", "uat", "acceptance"),
    ("stage", "stg", "staging", "preprod", "preproduction"),
    ("prod", "prd", "production"),
)
"""What folders of environments are called, in promotion order."""
_PROTECTED = _STAGES[-1]


class Understood(NamedTuple):
    """What was found. ``how`` tells by what it is known which URLs are this repository; empty where it is not."""

    urls: tuple[str, ...]
    how: str
    environments: tuple[Environment, ...]
    clusters: tuple[str, ...]
    applications: int


def understand(root: Path) -> Understood:
    """Reads a repository without rendering anything."""
    files = tree.open_tree(root)
    found = graph.discover(files)
    owned = application.ownership((), git.remotes(root), found.declared, files)
    asked = dict.fromkeys(url for body in found.declared for url in _repositories(body) if owned.owns(url))
    how = "" if owned.how == "unknown" else owned.how
    return Understood(tuple(sorted(asked)), how, _environments(found), _clusters(found), len(found.declared))


def _repositories(body: object) -> Iterator[str]:
    assert isinstance(body, dict)
    return (text(mapping(body, *route), "repoURL") for route in argocd.source_routes(body))


def _environments(found: Discovery) -> tuple[Environment, ...]:
    """Returns the stages after which folders of kustomizations and Applications are called, where there are two."""
    folders = [item.directory for item in found.kustomizations]
    folders += [resource.origin.path.rpartition("/")[0] for resource in found.raw]
    named = {part for folder in folders for part in folder.split("/")}
    known = tuple(name for stage in _STAGES for name in stage if name in named)
    made = tuple(Environment(name, tuple(_paths(name, folders)), "", name in _PROTECTED) for name in known)
    return made if len(made) > 1 else ()


def _paths(name: str, folders: Iterable[str]) -> Iterator[str]:
    """Yields the globs that hold what lies in folders of a name: at the root, and anywhere below."""
    parts = [folder.split("/") for folder in folders]
    if any(part[0] == name for part in parts):
        yield name
    if any(name in part[1:] for part in parts):
        yield f"*/{name}"


def _clusters(found: Discovery) -> tuple[str, ...]:
    destinations = (get(body, "spec", "destination") for body in found.declared)
    names = (text(one, "name") or text(one, "server") for one in destinations if isinstance(one, dict))
    return tuple(sorted({name for name in names if name and "{{" not in name}))
