"""From nothing to a sandbox in which Argo CD has everything of a generated repository."""

from __future__ import annotations

import base64
import time
from pathlib import Path

from e2e.live import Checkout, Live, gitopsmith
from e2e.promises import Report
from e2e.watch import Watch
from gitopsmith import sandbox
from gitopsmith.sandbox.api import LOOPBACK, Api
from gitopsmith.sandbox.gitserver import password_of

ON_CALL = "on-call"
"""The group whose people may sync what is protected."""
DEADLINE = """\
# A release that fails is Degraded soon: this is what the suite waits for most.
patches:
  - target:
      kind: Deployment
    patch: |-
      - op: replace
        path: /spec/progressDeadlineSeconds
        value: 10
"""
LATER = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: later
  annotations:
    argocd.argoproj.io/sync-wave: "1"
data:
  release: first
"""


def start(name: str, report: Report, install: Path, *, soon: bool = True) -> Live:
    """Returns a sandbox of a name, which is made and filled unless it runs: three environments, two applications.

    A wave of ``shop`` waits for its Deployment, and changes with it: Argo CD passes over waves that have nothing to do.
    A release is given up after 10 s with ``soon``, else as generated.
    """
    folder = sandbox.folder_of(name)
    is_new = not sandbox.is_running(sandbox.read(folder), folder)
    started = time.monotonic()
    gitopsmith("sandbox", "up", "--name", name, cwd=Path.cwd())
    state = sandbox.read(folder)
    url = f"https://{LOOPBACK}:{state.ports['git']}/private/fleet.git"
    environment = _login(password_of(folder), folder / "keys" / "ca.crt")
    fleet = Checkout(folder / "work" / "fleet", url, folder / "git" / "private" / "fleet.git", environment)
    if is_new:
        report.record("up: from an empty folder to a cluster", time.monotonic() - started, 10)
        _repository(fleet, install, soon=soon)
        _bootstrap(fleet, folder, report)
    port, keys = state.ports["kube-apiserver"], folder / "keys"
    return Live(name, folder, state, Api(port, keys), Watch(port, keys), fleet, report)


def _login(password: str, authority: Path) -> dict[str, str]:
    """Returns the environment in which git trusts the host and is known to it; no command line shows the password."""
    token = base64.b64encode(f"git:{password}".encode()).decode()
    return {
        "GIT_SSL_CAINFO": str(authority),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "http.extraHeader",
        "GIT_CONFIG_VALUE_0": f"Authorization: Basic {token}",
    }


def _repository(fleet: Checkout, install: Path, *, soon: bool) -> None:
    fleet.root.parent.mkdir(parents=True)
    gitopsmith(
        *(
            "new",
            str(fleet.root),
            "--yes",
            "--repo-url",
            fleet.url,
            "--credential",
            "token",
            "--tool-source",
            "./gitopsmith.whl",
        ),
        *("--environments", "dev,staging,prod!", "--app", "web", "--app", "shop=registry.example.com/shop:1.4.2"),
        *("--on-call-group", ON_CALL),
        *("--argocd-host", "argocd.example.com", "--argocd-install", str(install), "--kubernetes-version", "1.37"),
        cwd=fleet.root.parent,
    )
    if not fleet.path(".git").is_dir():
        fleet.git("init", "--quiet", "--initial-branch=main")
    _hasten(fleet, "web", in_waves=False, soon=soon)
    _hasten(fleet, "shop", in_waves=True, soon=soon)
    fleet.push("Begin")


def _bootstrap(fleet: Checkout, folder: Path, report: Report) -> None:
    environment = {
        "KUBECONFIG": str(folder / "kubeconfig"),
        "GIT_SSL_CAINFO": fleet.environment["GIT_SSL_CAINFO"],
        "GITOPSMITH_TOKEN": password_of(folder),
    }
    started = time.monotonic()
    said = gitopsmith("bootstrap", "--yes", "--timeout", "600", cwd=fleet.root, environment=environment)
    assert "11 of 11 Applications are Synced and Healthy" in said or "Argo CD: https://argocd.example.com" in said
    report.promise("bootstrap: from a cluster to 11 Applications Synced and Healthy", time.monotonic() - started, 180)


def _hasten(fleet: Checkout, application: str, *, in_waves: bool, soon: bool) -> None:
    """Has the overlays of an application fail soon, and hold something that waits for the Deployment, as asked."""
    for folder in sorted(fleet.path(f"apps/{application}/overlays").iterdir()):
        path = folder / "kustomization.yaml"
        text = path.read_text(encoding="utf-8")
        if in_waves:
            (folder / "later.yaml").write_text(LATER, encoding="utf-8")
            text = text.replace("  - ../../base\n", "  - ../../base\n  - later.yaml\n")
        path.write_text(text + (DEADLINE if soon else ""), encoding="utf-8")
