"""Asks for the expansion of one ApplicationSet, and tells what of the answer can be believed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from gitopsmith import argocd
from gitopsmith.application import Ownership
from gitopsmith.appset.expansion import NOT_EXPANDED, Expansion, Generated, Refusal
from gitopsmith.appset.origins import asks, origin_of
from gitopsmith.appset.refusals import check_generator, check_names, refused
from gitopsmith.asking import Program
from gitopsmith.config import Cluster, Config
from gitopsmith.finding import Route
from gitopsmith.manifest import Resource, mapping, sequence, text
from gitopsmith.tree import Tree

NAME = "gitopsmith-appset"
GENERATORS: Route = ("spec", "generators")


@dataclass(slots=True, eq=False)
class Expander:
    """Expands sets with the clusters and parameters of the configuration; the same body is expanded once."""

    ownership: Ownership
    settings: Config
    checkout: dict[str, Any]
    """What its git generators read."""
    program: Program
    _known: dict[str, Expansion] = field(default_factory=dict)

    def expand(self, resource: Resource) -> Expansion:
        """Returns what a set generates; what nothing here can tell is part of the answer."""
        if _is_template(resource):
            return Expansion(unverifiable=(("set-template", resource.name),))
        key = json.dumps(resource.body, sort_keys=True)
        if key not in self._known:
            self._known[key] = self._expand(resource)
        return self._known[key]

    def close(self) -> None:
        self.program.close()

    def _expand(self, resource: Resource) -> Expansion:
        answer = self.program.ask(self._request(resource), {"checkout": lambda: {"checkout": self.checkout}})
        if answer is None:
            return Expansion(unverifiable=((NOT_EXPANDED, resource.name),))
        if text(answer, "unreadable"):  # its schema says so too
            return Expansion(unverifiable=(("set-unreadable", resource.name),))
        if text(answer, "error"):
            return Expansion(refusals=(refused(resource.body, GENERATORS, text(answer, "error")),))
        return self._believed(resource, answer)

    def _request(self, resource: Resource) -> dict[str, Any]:
        clusters = [cluster._asdict() | {"server": _server(cluster)} for cluster in self.settings.clusters]
        parameters = self.settings.application_sets.get(resource.name)
        return {"applicationSet": resource.body, "clusters": clusters, "parameters": parameters}

    def _believed(self, resource: Resource, answer: dict[str, Any]) -> Expansion:
        applications: list[Generated] = []
        refusals: list[Refusal] = []
        unverifiable: list[tuple[str, str]] = []
        for index, given in enumerate(sequence(answer, "generators")):
            route = (*GENERATORS, index)
            unknown = tuple(self._unknown(resource, given))
            unverifiable += unknown
            if not any(kind == "set-repository" for kind, _ in unknown):
                made = tuple(_applications(resource.body, route, given))
                applications += made
                refusals += check_generator(resource.body, route, given, made) if not unknown else ()
        refusals += check_names(applications)
        return Expansion(tuple(applications), tuple(refusals), tuple(unverifiable))

    def _unknown(self, resource: Resource, given: Any) -> Iterator[tuple[str, str]]:
        for what in sequence(given, "unknown"):
            yield ("set-clusters" if what == "clusters" else "set-generator", f"{resource.name}: {what}")
        for asked in sequence(given, "repositories"):
            url, revision = text(asked, "url"), text(asked, "revision")
            if not self.ownership.owns(url) or argocd.is_commit(revision) or argocd.is_version(revision):
                yield ("set-repository", url)


def _is_template(resource: Resource) -> bool:
    """Tells whether somebody fills a set in before it is applied: its name, or generators that say nothing."""
    generators = sequence(resource.body, *GENERATORS)
    return any(mark in resource.name for mark in ("{{", "${")) or (bool(generators) and not any(generators))


def expander(tree: Tree, ownership: Ownership, settings: Config, timeout: float) -> Expander:
    """Returns what expands the sets of one repository."""
    return Expander(ownership, settings, {"root": str(tree.root), "files": tree.files}, Program(NAME, timeout))


def _server(cluster: Cluster) -> str:
    """Returns a cluster's address; one that nobody said is made up, for a generator must give one."""
    return cluster.server or (argocd.IN_CLUSTER if cluster.name == "in-cluster" else f"https://{cluster.name}")


def _applications(body: dict[str, Any], route: Route, given: Any) -> Iterator[Generated]:
    sampled = asks(body, route)
    for one in sequence(given, "applications"):
        made = mapping(one, "body")
        made.pop("status", None)
        yield Generated(made, route, *origin_of(body, route, mapping(one, "parameters")), sampled)
