"""Repositories that ``gitopsmith new`` makes, over all answers: nothing in them is found wrong."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from allpairspy import AllPairs

from conftest import argocd_manifests
from gitopsmith import lint
from gitopsmith.answers import IN_CLUSTER, Answers, Application, Environment, Team
from gitopsmith.generate import new
from gitopsmith.policy import PROFILES
from gitopsmith.tools import run
from test_generator import DEFAULT, files

ENVIRONMENTS = ("dev", "test", "staging", "canary", "prod")
APPLICATIONS = (
    Application("web", "apps", port=9898, path="/readyz"),
    Application("orders", "payments", image="registry.example.com/payments/orders:1.20", port=8080),
    Application("mail", "apps", image=f"registry.example.com:5000/mail@sha256:{'0123456789abcdef' * 4}", port=1025),
)
ANSWERS: dict[str, tuple[Any, ...]] = {
    "environments": (1, 2, 3, 5),
    "applications": (1, 3),
    "clusters": (1, 2),
    "argocd_version": ("3.6.1", "3.5.7"),
    "argocd_host": ("", "argocd.example.com"),
    "expose": ("ingress", "gateway"),
    "ci": ("github", "gitlab"),
    "credential": ("none", "github-app", "deploy-key", "token"),
    "kubernetes_version": ("1.34", "1.25", "1.37"),
    "monitoring": ("none", "prometheus-operator"),
    "oidc_issuer": ("", "https://login.example.com/realms/main"),
    "on_call_group": ("on-call", ""),
    "prune_confirm": (False, True),
    "scale": (50, 500),
    "secrets": ("none", "sealed-secrets", "external-secrets"),
    "slack_channel": ("", "deployments"),
    "vendored": (True, False),
}
"""Every answer with the values that make a difference, and whether Argo CD's installation is brought in."""
ROWS = [dict(zip(ANSWERS, row, strict=True)) for row in AllPairs(list(ANSWERS.values()))]
REMOTE = {
    "install": "raw.githubusercontent.com/argoproj/argo-cd",
    "sealed-secrets": "github.com/bitnami/sealed-secrets/releases",
    "external-secrets": "charts.external-secrets.io",
}
"""What a repository takes from elsewhere, which no build without a network can show."""


def answers_of(row: dict[str, Any]) -> Answers:
    names = (*ENVIRONMENTS[: row["environments"] - 1], "prod")
    apart = row["clusters"] > 1
    cluster = {name: "east" if apart and name == names[-1] else IN_CLUSTER for name in names}
    applications = APPLICATIONS[: row["applications"]]
    plain = {name: value for name, value in row.items() if name not in {"clusters", "vendored"}}
    return replace(
        DEFAULT,
        **plain
        | {
            "repo_url": "https://gitlab.com/example/fleet.git" if row["ci"] == "gitlab" else DEFAULT.repo_url,
            "environments": tuple(Environment(name, cluster[name], protected=name == "prod") for name in names),
            "applications": applications,
            "teams": tuple(Team(name) for name in dict.fromkeys(item.team for item in applications)),
            "admin_group": "platform" if row["oidc_issuer"] else "",
            # GitHub's Apps are for repositories on GitHub.
            "credential": "token" if (row["ci"], row["credential"]) == ("gitlab", "github-app") else row["credential"],
        },
    )


def remote_sources(row: dict[str, Any], given: Answers) -> list[str]:
    operators = [REMOTE[row["secrets"]]] if row["secrets"] != "none" else []
    charts = len(given.clusters) if row["secrets"] == "external-secrets" else 1
    return ([] if row["vendored"] else [REMOTE["install"]]) + operators * charts


def identifier(row: dict[str, Any]) -> str:
    return "-".join(str(value).split("/")[0] or "no" for value in row.values())


@pytest.mark.slow
@pytest.mark.parametrize("row", ROWS, ids=identifier)
def test_a_new_repository_is_without_findings(tmp_path: Path, kustomize: str, row: dict[str, Any]) -> None:
    given = answers_of(row)
    manifest = argocd_manifests(given.argocd_version) / "install.yaml" if row["vendored"] else None
    made = new(given, tmp_path / "one", argocd_install=manifest)
    new(given, tmp_path / "two", argocd_install=manifest)
    assert files(tmp_path / "one") == files(tmp_path / "two")

    remote = remote_sources(row, given)
    for profile in PROFILES:
        found = lint.lint(lint.Options(paths=(made.directory,), profile=profile, today=dt.date(2026, 1, 1)))
        assert found.findings == ()
        unknown = [note for note in found.notes if note.kind != "repository"]
        assert {note.kind for note in unknown} <= {"unverifiable"}
        assert sum(note.count for note in unknown) == len(remote)

    for folder in kustomizations(made.directory):
        built = run("kustomize", "build", folder, cwd=made.directory)
        assert (built.status == 0 and built.stdout != b"") or any(url in built.complaint for url in remote)


def kustomizations(root: Path) -> list[str]:
    """Returns the folders that can be built: every one with a kustomization that is not a Component."""
    found = sorted(path for path in root.rglob("kustomization.yaml") if "kind: Component" not in path.read_text())
    return [path.parent.relative_to(root).as_posix() for path in found]
