"""Small repositories, written where a test needs them, and the program run on them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from checkout import git

PROGRAM = (sys.executable, "-c", "from gitopsmith.cli import run; run()")
URL = "https://git.example.com/team/fleet.git"


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Writes files below a folder, and returns the folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def initialise(folder: Path, remote: str = URL) -> Path:
    """Makes a folder a git repository that has a remote; nothing is committed."""
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "remote", "add", "origin", remote)
    return folder


def executable(path: Path, script: str) -> Path:
    """Writes a shell script that can be run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def run(*arguments: str, cwd: Path, path: str | None = None, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Runs the program as a user does, in a process of its own, to its end."""
    environment = os.environ | ({} if path is None else {"PATH": path})
    return subprocess.run(
        (*PROGRAM, *arguments), cwd=cwd, env=environment, input=stdin, capture_output=True, check=False
    )


def application_of(name: str, path: str, more: str = "") -> str:
    """Returns an Application of a directory in the repository at ``URL``; ``more`` is a line for its source."""
    return (
        "apiVersion: argoproj.io/v1alpha1\n"
        "kind: Application\n"
        "metadata:\n"
        f"  name: {name}\n"
        "  namespace: argocd\n"
        "spec:\n"
        "  project: team\n"
        "  source:\n"
        f"    repoURL: {URL}\n"
        "    targetRevision: main\n"
        f"    path: {path}\n"
        f"{f'    {more}' if more else ''}\n"
        "  destination:\n"
        "    name: in-cluster\n"
        "    namespace: web\n"
    )


WEB = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: web
"""
"""A Deployment whose image has no tag, in line 12."""
ORDINARY = {
    "apps/ordinary.yaml": application_of("ordinary", "ordinary"),
    "ordinary/kustomization.yaml": "resources: [web.yaml]\n",
    "ordinary/web.yaml": WEB,
}
"""A small repository with one ordinary defect, which must be found whatever else is wrong."""
DEFECT = ("image-unpinned", "ordinary/web.yaml", 12)
