"""The clusters that a repository names: in destinations, in lists of ApplicationSets, and by its folders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from gitopsmith import argocd
from gitopsmith.appset import generators
from gitopsmith.manifest import mapping, sequence, text

_NAMES = ("cluster", "clusterName", "nameNormalized", "server", "url")
"""Keys under which elements of list generators name a cluster; ``name`` does where one of these stands beside it."""
_MARKS = ("{{", "${")


def named(applications: Iterable[Any], sets: Iterable[Any], folders: Iterable[str]) -> tuple[str, ...]:
    """Returns the clusters that somebody names, sorted; the one that Argo CD runs on is ``in-cluster``."""
    sets = tuple(sets)
    found = _destinations((*applications, *(mapping(body, "spec", "template") for body in sets)))
    found |= {name for body in sets for one in generators(body) for name in _listed(one)}
    found |= {name for folder in folders for name in _in_folder(folder)}
    return tuple(sorted(name for name in found if name and not any(mark in name for mark in _MARKS)))


def asks(body: Any) -> bool:
    """Tells whether an ApplicationSet generates for the clusters that Argo CD knows."""
    return any("clusters" in one for one in generators(body))


def _listed(generator: dict[str, Any]) -> Iterator[str]:
    for element in sequence(generator, "list", "elements"):
        known = {name: text(element, name) for name in _NAMES if text(element, name)}
        if known:
            server = known.get("server") or known.get("url", "")
            yield text(element, "name") or next((known[name] for name in _NAMES[:3] if name in known), server)


def _in_folder(folder: str) -> Iterator[str]:
    parts = folder.split("/")
    yield from (name for above, name in pairwise(parts) if above == "clusters")


def serving(inside: Iterable[Any], outside: Iterable[Any]) -> str:
    """Returns the one cluster to which the Applications of an environment deploy, and no others do; else empty.

    Argo CD's own cluster is another one for each Argo CD, and serves none by that name.
    """
    found, others = _destinations(inside), _destinations(outside)
    name = found.pop() if len(found) == 1 else ""
    return "" if name in {"in-cluster", *others} or any(mark in name for mark in _MARKS) else name


def _destinations(applications: Iterable[Any]) -> set[str]:
    return {argocd.cluster(mapping(body, "spec", "destination")) for body in applications}
