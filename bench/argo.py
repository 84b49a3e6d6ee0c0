"""Enters a sandbox that runs: the environment of its programs, its git, and an Argo CD in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bench.repositories import ROOT

from gitopsmith import sandbox
from gitopsmith.sandbox import State, report
from gitopsmith.sandbox.api import LOOPBACK

INSTALL = ROOT / ".tools" / "argo-cd" / "3.6.1" / "install.yaml"
APPLY = ("kubectl", "apply", "--server-side", "--force-conflicts", "--filename")


def environment(name: str) -> dict[str, str]:
    """Returns the environment in which kubectl, argocd and git speak to a sandbox."""
    root = sandbox.folder_of(name)
    state = sandbox.read(root)
    if not state.ports:
        sys.exit(f"the sandbox {name} does not run; start it with `gitopsmith sandbox up --name {name}`")
    exports = report.exports(root, state, os.environ.get("GIT_SSL_CAINFO", ""))
    return dict(line.split("=", 1) for line in told("sh", "-c", "\n".join([*exports, "env -0"])).split("\0") if line)


def enter(name: str) -> State:
    """Has every program that this one starts speak to a sandbox, and returns what is known of that."""
    os.environ |= environment(name)
    return sandbox.read(sandbox.folder_of(name))


def url(state: State, name: str) -> str:
    """Returns where a repository is pushed to and read from."""
    return f"https://{LOOPBACK}:{state.ports['git']}/public/{name}.git"


def told(*command: str, stdin: str = "", cwd: Path | None = None) -> str:
    """Runs a program, and returns what it prints; ends this one with its complaint where it fails."""
    ended = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False, cwd=cwd)
    if ended.returncode:
        raise SystemExit(f"{' '.join(command[:4])}: {ended.stderr or ended.stdout}")
    return ended.stdout


def apply(objects: Iterable[dict[str, Any]]) -> None:
    """Applies objects to the sandbox that was entered."""
    told(*APPLY, "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": [*objects]}))


def install(name: str, manifests: Path = INSTALL) -> None:
    """Installs Argo CD into the sandbox that was entered, unless it is there, and waits for its server."""
    apply([{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "argocd"}}])
    told(*APPLY, str(manifests), "--namespace", "argocd")
    end = time.monotonic() + 180
    while not sandbox.read(sandbox.folder_of(name)).is_ready("argocd") and time.monotonic() < end:
        time.sleep(0.5)
