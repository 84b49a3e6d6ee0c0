"""Repositories that ``gitopsmith new`` makes, over the answers that change which kinds of objects are in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.repositories import ROOT, initialise

from gitopsmith.answers import IN_CLUSTER, Answers, Application, Environment, Team
from gitopsmith.generate import new

INSTALL = ROOT / ".tools" / "argo-cd"
APPLICATIONS = (
    Application("web", "apps", port=9898, path="/readyz"),
    Application("orders", "payments", image="registry.example.com/payments/orders:1.20", port=8080),
)
TEAMS = (Team("apps"), Team("payments"))


def answers() -> Iterator[tuple[str, Answers]]:
    """Yields answers with a name: every secret backend, with and without monitoring, on both hosts."""
    for host in ("github", "gitlab"):
        for secrets in ("none", "sealed-secrets", "external-secrets"):
            for monitoring in ("none", "prometheus-operator"):
                yield f"{host}, {secrets}, {monitoring}", _answers(host, secrets, monitoring)


def _answers(host: str, secrets: str, monitoring: str) -> Answers:
    watched = monitoring != "none"
    return Answers(
        repo_url=f"https://{host}.com/example/fleet.git",
        environments=(Environment("dev", IN_CLUSTER), Environment("prod", IN_CLUSTER, protected=True)),
        applications=APPLICATIONS,
        teams=TEAMS,
        ci=host,
        secrets=secrets,
        monitoring=monitoring,
        credential="token" if host == "gitlab" else "github-app",
        argocd_host="argocd.example.com" if watched else "",
        gateway="ingress/public" if watched and host == "gitlab" else "",
        oidc_issuer="https://login.example.com/realms/main" if watched else "",
        admin_group="platform" if watched else "",
        slack_channel="deployments" if watched else "",
        on_call_group="on-call",
        kubernetes_version="1.37",
        prune_confirm=watched,
    )


def make(folder: Path, given: Answers) -> Path:
    """Makes one repository, with Argo CD's installation in it where ``make tools`` brought that in."""
    manifest = INSTALL / given.argocd_version / "install.yaml"
    new(given, folder, argocd_install=manifest if manifest.is_file() else None)
    return initialise(folder, given.repo_url)


def directories(root: Path) -> list[str]:
    """Returns the folders that can be built: every one with a kustomization that is not a Component."""
    found = sorted(
        path for path in root.rglob("kustomization.yaml") if "kind: Component" not in path.read_text("utf-8")
    )
    return [path.parent.relative_to(root).as_posix() for path in found]
