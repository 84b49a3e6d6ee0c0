"""What a repository tells of itself: its own URLs, its environments and the clusters that it deploys to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from gitopsmith import application, argocd, config, git, graph, tree
from gitopsmith.adopt import clusters, stages
from gitopsmith.config import Environment
from gitopsmith.graph import Discovery
from gitopsmith.manifest import mapping, text


class Understood(NamedTuple):
    """What was found. ``how`` tells by what it is known which URLs are this repository; empty where it is not.

    ``asking`` counts the ApplicationSets that generate for the clusters which Argo CD knows; ``folders`` are those that
    hold something which is applied.
    """

    urls: tuple[str, ...]
    how: str
    environments: tuple[Environment, ...]
    clusters: tuple[str, ...]
    applications: int
    sets: int = 0
    asking: int = 0
    folders: tuple[str, ...] = ()


def understand(root: Path) -> Understood:
    """Reads a repository without rendering anything."""
    files = tree.open_tree(root)
    found = graph.discover(files)
    owned = application.ownership((), git.remotes(root), found.sourcing, files)
    asked = dict.fromkeys(url for body in found.sourcing for url in _repositories(body) if owned.owns(url))
    sets = tuple(each.body for each in found.stated if argocd.is_application_set(each.body))
    folders = tuple(_folders(found))
    known = clusters.named(found.declared, sets, folders)
    return Understood(
        tuple(sorted(asked)),
        "" if owned.how == "unknown" else owned.how,
        tuple(_with_cluster(each, found) for each in stages.environments(folders, known)),
        known,
        len(found.declared),
        len(sets),
        sum(clusters.asks(body) for body in sets),
        folders,
    )


def _repositories(body: Any) -> Iterator[str]:
    return (text(mapping(body, *route), "repoURL") for route in argocd.source_routes(body))


def _folders(found: Discovery) -> Iterator[str]:
    """Yields the folders of kustomizations and of Argo CD's objects; a Component is a part that several may take."""
    built = (item.path for item in found.kustomizations if not item.is_component)
    places = (*built, *(each.origin.path for each in found.stated))
    yield from dict.fromkeys(path.rpartition("/")[0] for path in places if "/" in path)


def _with_cluster(one: Environment, found: Discovery) -> Environment:
    """Returns an environment with the cluster to which the Applications in its folders deploy."""
    applications = [each for each in found.stated if argocd.is_application(each.body)]
    inside = [each for each in applications if config.matches(each.origin.path, one.paths)]
    outside = (each.body for each in applications if each not in inside)
    return one._replace(cluster=clusters.serving((each.body for each in inside), outside))
