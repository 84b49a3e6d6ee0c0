"""The configuration that a repository gets: what was understood of it, with what its owner may want to know beside."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from gitopsmith import config
from gitopsmith.adopt.understanding import Understood
from gitopsmith.config import Environment
from gitopsmith.policy import PROFILES


class Wanted(NamedTuple):
    """What only an owner knows. ``ci`` is the host whose checks are written, ``none`` for no checks."""

    kubernetes: str = config.KUBERNETES
    argocd: str = config.ARGOCD
    profile: str = PROFILES[1]
    ci: str = "none"
    hook: bool = True


def written(understood: Understood, wanted: Wanted) -> str:
    """Returns the configuration as YAML."""
    parts = (_repository(understood), _environments(understood.environments), _clusters(understood), _judged(wanted))
    head = (
        "# What gitopsmith takes this repository for: correct what is wrong. `gitopsmith lint --show-config` shows all."
    )
    return "\n".join((head, *(line for part in parts for line in part))) + "\n"


def _repository(understood: Understood) -> Iterator[str]:
    active = "" if understood.urls else "# "
    yield f"{active}repository:"
    yield f"{active}  urls: # the repoURLs that mean this repository; their paths are checked, and others are not"
    yield from (
        f"{active}    - {json.dumps(url)}" for url in understood.urls or ("https://git.example.com/team/fleet",)
    )


def _environments(environments: Iterable[Environment]) -> Iterator[str]:
    known = tuple(environments)
    active = "" if known else "# "
    yield f"{active}environments: # in promotion order; overrides and `gitopsmith diff` speak of them"
    for one in known or (Environment("production", ("overlays/production",), protected=True),):
        yield f"{active}  - name: {json.dumps(one.name)}"
        yield f"{active}    paths: {json.dumps(list(one.paths))} # globs of folders and files"
        yield from [f"{active}    cluster: {json.dumps(one.cluster)}"] if one.cluster else []
        yield from [f"{active}    protected: true # a change to it is shown first"] if one.protected else []


def _clusters(understood: Understood) -> Iterator[str]:
    """Yields the clusters, as a comment where generators would take them for all that there are, labels included."""
    names = [name for name in understood.clusters if name != "in-cluster" and "://" not in name]
    servers = [name for name in understood.clusters if "://" in name]
    active = "" if names and not understood.asking else "# "
    if understood.asking:
        yield f"# {understood.asking} ApplicationSets generate for the clusters that Argo CD knows, by their labels."
        yield "# Write all of these down as their Secrets have them, and what is generated is judged, too:"
    yield f"{active}clusters: # that Argo CD knows; one with a server is the same as destinations by that server"
    labels = ", labels: {key: value}" if understood.asking else ""
    yield from (f"{active}  - {{name: {json.dumps(name)}{labels}}}" for name in names)
    yield from (f"#  - {{name: NAME, server: {json.dumps(server)}{labels}}}" for server in servers)
    if not understood.clusters or understood.clusters == ("in-cluster",):
        yield '#   - {name: production, server: "https://10.0.0.1"}'


def _judged(wanted: Wanted) -> Iterator[str]:
    yield f"kubernetes: {json.dumps(wanted.kubernetes)} # of the clusters; schemas are judged by it"
    yield f"argocd: {json.dumps(wanted.argocd)}"
    yield f"profile: {wanted.profile} # minimal: only what is refused; production: also what production should hold"
    yield "# rules: # `gitopsmith rules` lists them; off, info, warning or error"
    yield '#   image-digest-missing: "warning"'
    yield "# overrides: # the same for some paths or environments, each with its reason"
    yield '#   - {paths: [sandbox], rules: {readiness-missing: "off"}, reason: nothing is served from there}'
