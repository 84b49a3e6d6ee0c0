"""A generated repository with its remote, and the command that brings it to a cluster."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import checkout
from conftest import argocd_manifests, program
from gitopsmith.answers import Answers, Environment
from gitopsmith.generate import new
from repository import PROGRAM

GIVEN = Answers(repo_url="", environments=(Environment("dev"),))
NOWHERE = {
    "apiVersion": "v1",
    "kind": "Config",
    "current-context": "nowhere",
    "clusters": [{"name": "nowhere", "cluster": {"server": "https://127.0.0.1:1"}}],
    "contexts": [{"name": "nowhere", "context": {"cluster": "nowhere", "user": "nobody"}}],
    "users": [{"name": "nobody", "user": {"token": "x"}}],
}
"""A kubeconfig whose server refuses every connection."""


def make(folder: Path, **changed: Any) -> Path:
    """Makes a repository from answers, committed and pushed to ``origin.git`` beside it, its URL by default."""
    root, origin = folder / "fleet", folder / "origin.git"
    given = replace(GIVEN, **({"repo_url": f"file://{origin}"} | changed))
    new(given, root, argocd_install=argocd_manifests("3.6.1") / "install.yaml")
    checkout.git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(origin))
    checkout.commit(root)
    checkout.git(root, "push", "--quiet", str(origin), "HEAD:main")
    return root


def command(root: Path, *arguments: str) -> tuple[str, ...]:
    return (*PROGRAM, "bootstrap", str(root), *arguments)


def environment(root: Path, kubeconfig: Path | None = None) -> dict[str, str]:
    """Returns what a user's shell would have; without a kubeconfig, one that leads nowhere."""
    if kubeconfig is None:
        kubeconfig = root.parent / "kubeconfig"
        kubeconfig.write_text(json.dumps(NOWHERE))
    path = f"{Path(program('kustomize')).parent}:{Path(program('kubectl')).parent}:{os.environ['PATH']}"
    return os.environ | {"KUBECONFIG": str(kubeconfig), "PATH": path, "HOME": str(root.parent)}


def bootstrap(
    root: Path, *arguments: str, kubeconfig: Path | None = None, **more: str
) -> subprocess.CompletedProcess[str]:
    """Runs the command to its end, with nobody at the keyboard."""
    return subprocess.run(
        command(root, *arguments),
        env=environment(root, kubeconfig) | more,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def outcomes(said: str) -> dict[str, str]:
    """Returns each check's outcome by its name."""
    lines = [line for line in said.splitlines() if line and not line.startswith(" ")]
    return {line[9:20].strip(): line.split()[0] for line in lines}
