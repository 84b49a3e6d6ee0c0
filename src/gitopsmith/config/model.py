"""What a repository says about itself, as values."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

KUBERNETES = "1.34"
"""The oldest Kubernetes that the default Argo CD is tested with."""
ARGOCD = "3.6.1"


class Environment(NamedTuple):
    """One environment, in promotion order. Paths are globs relative to the root.

    ``cluster`` is the one that serves it, as destinations name it: what lies at no path, and is deployed there, belongs
    to the environment; and what it has ``in-cluster`` is there, where no Application names that cluster.
    """

    name: str
    paths: tuple[str, ...] = ()
    cluster: str = ""
    protected: bool = False


class Cluster(NamedTuple):
    """One cluster that Argo CD knows, as its Secret says it: what cluster generators of ApplicationSets see.

    ``server`` may be empty.
    """

    name: str
    server: str
    project: str
    labels: dict[str, str]
    annotations: dict[str, str]


class Promises(NamedTuple):
    """What holds in environments: in ``all``, in ``protected`` ones, or in ``none`` of them, as far as anybody says.

    ``automated``: nothing is changed there by hand; ``access``: nobody may; ``digests``: every image is named by its
    digest; ``rendered``: each has Applications that can be rendered. ``actions`` is what names an action of CI.
    """

    automated: str = "none"
    access: str = "none"
    digests: str = "none"
    rendered: str = "none"
    actions: str = "any"


KEPT_BY_NOBODY = Promises()


class Override(NamedTuple):
    """Rules that weigh differently for some paths; a later one wins over an earlier."""

    paths: tuple[str, ...]
    rules: dict[str, str]
    reason: str


@dataclass(frozen=True, slots=True)
class Config:
    """What a repository says about itself. ``rules`` maps rule ids and families to ``off`` or a severity."""

    path: str = ""
    urls: tuple[str, ...] = ()
    environments: tuple[Environment, ...] = ()
    kubernetes: str = KUBERNETES
    argocd: str = ARGOCD
    names_argocd: bool = field(default=False, compare=False)
    """The configuration or the command line names the version of Argo CD; else it is only assumed."""
    profile: str = "standard"
    rules: tuple[tuple[str, str], ...] = ()
    overrides: tuple[Override, ...] = ()
    peers: tuple[str, ...] = ()
    """Other linters whose annotations silence the rules that stand for their checks."""
    rollback_seconds: int = 120
    promises: Promises = KEPT_BY_NOBODY
    build_options: str = ""
    """What argocd-cm has as ``kustomize.buildOptions``, where the repository does not hold it."""
    clusters: tuple[Cluster, ...] = ()
    promoted_files: tuple[str, ...] = ()
    """Globs of the files in an overlay that a promotion takes along with images, of every application."""
    promoted_files_of: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The same of single applications, by their names."""
    application_sets: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """What the generators of an ApplicationSet yield that ask a service, by the set's name."""


def promised(environments: Iterable[Environment], extent: str) -> tuple[Environment, ...]:
    """Returns the environments in which a promise holds."""
    return tuple(one for one in environments if extent == "all" or (extent == "protected" and one.protected))


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Tells whether a path is one of the globs, or lies below a folder that is."""
    return any(
        fnmatch.fnmatchcase(path, pattern) or fnmatch.fnmatchcase(path, pattern.rstrip("/") + "/*")
        for pattern in patterns
    )
