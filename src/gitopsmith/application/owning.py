"""Which repository URLs mean the linted repository itself."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import takewhile
from typing import Any, NamedTuple

from gitopsmith import argocd
from gitopsmith.manifest import get, text
from gitopsmith.tree import Tree, join

EVIDENCE_APPLICATIONS = 3
EVIDENCE_SHARE = 0.8


class Ownership(NamedTuple):
    """Which repository URLs mean the linted repository itself, and how that is known."""

    identities: frozenset[str]
    how: str
    """``configuration``, ``git remotes``, ``evidence`` or ``unknown``."""
    detail: str = ""

    def owns(self, url: str) -> bool:
        return bool(url) and argocd.repository_identity(url) in self.identities


def ownership(configured: Iterable[str], remotes: Iterable[str], bodies: Iterable[Any], tree: Tree) -> Ownership:
    """Decides which URLs mean this repository: the configured ones, else all git remotes, else what the evidence says.

    ``bodies`` are all Applications that stand in files, and the templates of ApplicationSets. Remotes count only when
    at least one of these names one of them, or none is named often enough to be evidence: a fork's remote is rarely the
    URL that its Applications use.
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
            if not _written(path) or not url or source.get("chart"):
                continue
            identity = argocd.repository_identity(url)
            present, total = counted.get(identity, (0, 0))
            found = tree.kind(join("", _written(path))) == "directory"
            counted[identity] = (present + found, total + 1)
    return counted


def _written(path: str) -> str:
    """Returns the folders of a path that are written out: an ApplicationSet fills in the rest."""
    parts = path.strip("/").split("/")
    return "/".join(takewhile(lambda part: "{{" not in part, parts))


def _winner(counted: dict[str, tuple[int, int]]) -> str:
    good = [
        (present, identity)
        for identity, (present, total) in counted.items()
        if total >= EVIDENCE_APPLICATIONS and present >= EVIDENCE_SHARE * total
    ]
    return max(good)[1] if good else ""


def _identities(urls: Iterable[str]) -> frozenset[str]:
    return frozenset(argocd.repository_identity(url) for url in urls)
