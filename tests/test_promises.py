"""Promises of the configuration, and what rules about the control of Argo CD make of odd YAML."""

from __future__ import annotations

from pathlib import Path

import pytest

import repository
from gitopsmith.finding import Finding
from gitopsmith.lint import Options, lint

PROMISED = f"""\
repository: {{urls: [{repository.URL}]}}
environments: [{{name: prod, paths: [web], protected: true}}]
budgets: {{access: protected, automated: all, digests: all, rendered: all}}
"""
APPLICATION = f"""\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {{name: web, namespace: argocd}}
spec:
  project: shop
  source: {{repoURL: {repository.URL}, targetRevision: main, path: web}}
  destination: {{name: production, namespace: web}}
  syncPolicy: {{automated: {{selfHeal: true}}}}
"""
RELEASE = "https://raw.githubusercontent.com/argoproj/argo-cd/v3.6.1/manifests/install.yaml"
RULES = ("environment-access-granted", "environment-changed-by-hand", "environment-digest-missing")


def _linted(folder: Path, files: dict[str, str], select: tuple[str, ...] = RULES) -> tuple[Finding, ...]:
    root = repository.write(folder / "repository", {".gitopsmith.yaml": PROMISED, "web.yaml": APPLICATION} | files)
    return lint(Options(paths=(root,), select=select, jobs=1)).findings


@pytest.mark.usefixtures("kustomize")
def test_what_patches_say_of_a_release_that_is_not_here_counts(tmp_path: Path) -> None:
    files = {
        "web/kustomization.yaml": f"resources: [{RELEASE}]\npatches: [{{path: rbac.yaml}}, {{path: cm.yaml}}]\n",
        "web/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: argocd-cm}\ndata: {admin.enabled: 'true'}\n",
        "web/rbac.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: argocd-rbac-cm}\n"
        'data:\n  policy.csv: |\n    p, role:all, applications, "*", */*, allow\n',
    }
    found = _linted(tmp_path, files)
    assert [(one.rule, one.location.path) for one in found] == [
        ("environment-access-granted", "web/cm.yaml"),
        ("environment-access-granted", "web/rbac.yaml"),
    ]


@pytest.mark.usefixtures("kustomize")
@pytest.mark.parametrize("data", ["[1, {a: b}]", "text", "{policy.csv: 7, admin.enabled: [x]}", "null"])
def test_odd_settings_end_no_run(tmp_path: Path, data: str) -> None:
    settings = "".join(
        f"---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: web}}\ndata: {data}\n"
        for name in ("argocd-cm", "argocd-rbac-cm", "argocd-cmd-params-cm")
    )
    rules = ("argocd-version-too-old", "argocd-setting-unknown", "poll-over-budget", "argocd-access-open", *RULES)
    found = _linted(tmp_path, {"web/settings.yaml": settings}, rules)
    assert {one.rule for one in found} <= {"environment-access-granted"}
