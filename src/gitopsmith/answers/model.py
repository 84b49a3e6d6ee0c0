"""All answers, with the values that stand for those not given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from gitopsmith import __version__

FILE_NAME = ".gitopsmith/answers.yaml"
IN_CLUSTER = "in-cluster"
"""Argo CD's own name for the cluster that it runs in."""
DEMO_IMAGE = (
    "ghcr.io/stefanprodan/podinfo:6.15.0@sha256:ec73780a8425f59ea49f5bc8cdff0d598805a224fbaa1f86c67a244f250fa9da"
)
"""A small web server made for demonstrations; it needs no root."""
DEMO_PORT, DEMO_PATH = 9898, "/readyz"
"""Where the demonstration's image answers; nothing in its manifests tells it to listen elsewhere."""
PORT = 8080
"""Where an image is taken to listen when nobody says: the usual port of what runs without root."""
CHOICES: dict[str, tuple[str, ...]] = {
    "credential": ("none", "github-app", "deploy-key", "token"),
    "secrets": ("external-secrets", "sealed-secrets", "none"),
    "monitoring": ("none", "prometheus-operator"),
    "ci": ("github", "gitlab"),
}
"""The answers that are one of a few words."""


class Environment(NamedTuple):
    """One environment, in promotion order."""

    name: str
    cluster: str = IN_CLUSTER
    protected: bool = False


class Team(NamedTuple):
    """Who owns applications. ``group`` is what the identity provider calls its people; empty when it is the name."""

    name: str
    group: str = ""


class Application(NamedTuple):
    """One application. ``path`` is asked by the HTTP probes; without one, a connection to the port is enough."""

    name: str
    team: str
    image: str = DEMO_IMAGE
    port: int = PORT
    path: str = ""


@dataclass(frozen=True, slots=True)
class Answers:
    """All answers, by the names that flags, answers files and messages use."""

    repo_url: str
    branch: str = "main"
    credential: str = "none"
    environments: tuple[Environment, ...] = (
        Environment("dev"),
        Environment("staging"),
        Environment("prod", protected=True),
    )
    applications: tuple[Application, ...] = (Application("web", "apps", port=DEMO_PORT, path=DEMO_PATH),)
    teams: tuple[Team, ...] = (Team("apps"),)
    argocd_version: str = "3.6.1"
    kubernetes_version: str = "1.34"
    secrets: str = "none"
    monitoring: str = "none"
    prometheus_release: str = "kube-prometheus-stack"
    argocd_host: str = ""
    gateway: str = ""
    ingress_class: str = ""
    oidc_issuer: str = ""
    admin_group: str = ""
    on_call_group: str = ""
    slack_channel: str = ""
    ci: str = "github"
    scale: int = 50
    prune_confirm: bool = False
    tool_source: str = f"gitopsmith=={__version__}"

    @property
    def clusters(self) -> tuple[str, ...]:
        """The clusters, that of Argo CD first, then in the order in which environments name them."""
        return tuple(dict.fromkeys((IN_CLUSTER, *(environment.cluster for environment in self.environments))))
