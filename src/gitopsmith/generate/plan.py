"""Which templates make a repository, and what each of them is given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from gitopsmith import answers
from gitopsmith.answers import IN_CLUSTER, Answers
from gitopsmith.generate import install

REFRESHING = (3, 5, 2)
"""The first Argo CD of which every retry with ``refresh`` takes the newest commit (argo-cd #28778)."""


class Step(NamedTuple):
    """One template, rendered for one item."""

    template: str
    variables: dict[str, Any]


def plan(given: Answers, *, vendored: bool = False) -> tuple[Step, ...]:
    """Returns every step that makes a repository from nothing, in the order in which they are done."""
    everything = variables(given, vendored=vendored)
    return (
        *(Step(name, everything) for name in _whole(given)),
        *_clusters(given, everything),
        *(Step("environment", everything | {"environment": item}) for item in everything["environments"]),
        *(
            Step("project", everything | {"team": team, "environment": item})
            for team in everything["teams"]
            for item in everything["environments"]
        ),
        *(step for item in everything["applications"] for step in application(everything, item)),
    )


def application(everything: dict[str, Any], item: dict[str, Any]) -> Iterator[Step]:
    """Yields the steps that make one application: its base, and its overlay in each environment."""
    yield Step("application", everything | {"application": item})
    for environment in everything["environments"]:
        yield overlay(everything, item, environment)


def overlay(everything: dict[str, Any], item: dict[str, Any], environment: dict[str, Any]) -> Step:
    """Returns the step that brings one application into one environment."""
    return Step("overlay", everything | {"application": item, "environment": environment})


def variables(given: Answers, *, vendored: bool = False) -> dict[str, Any]:
    """Returns what every template is given: the answers, and what follows from them."""
    everything = answers.variables(given)
    clusters = {name: _cluster(name) for name in given.clusters}
    for environment in everything["environments"]:
        environment["destination"] = clusters[environment["cluster"]]["destination"]
    for team in everything["teams"]:
        team["group"] = team["group"] or team["name"]
    return everything | {
        "clusters": list(clusters.values()),
        "in_cluster": IN_CLUSTER,
        "vendored": vendored,
        "install_url": install.url(given.argocd_version),
        "metrics_parameters": _version(given.argocd_version) >= (3, 6),
        "refreshes": _version(given.argocd_version) >= REFRESHING,
    }


def _whole(given: Answers) -> Iterator[str]:
    yield from ("repository", "health", "checks", given.ci, "docs")
    if given.monitoring != "none":
        yield "monitoring"
    if given.slack_channel:
        yield "slack"


def _clusters(given: Answers, everything: dict[str, Any]) -> Iterator[Step]:
    for cluster in everything["clusters"]:
        yield Step("cluster", everything | {"cluster": cluster})
        if given.secrets != "none":
            yield Step(given.secrets, everything | {"cluster": cluster})


def _cluster(name: str) -> dict[str, str]:
    """Returns how an Application names a cluster as its destination, and what parts its components from others'."""
    if name == IN_CLUSTER:
        return {"name": name, "destination": "server: https://kubernetes.default.svc", "suffix": ""}
    return {"name": name, "destination": f"name: {name}", "suffix": f"-{name}"}


def _version(written: str) -> tuple[int, ...]:
    return tuple(int(part) for part in written.split("."))
