"""The measuring data as git repositories: copied out, initialised, with the remote that their Applications name."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
CORPORA = ROOT.parent / "shared" / "corpora"
CONFORMANCE = ROOT.parent / "shared" / "conformance"
TOOLS = ROOT / ".tools" / "bin"
KUBERNETES = "1.34"
_ROW = re.compile(r"^\| (\S+) \| (\S+/\S+) [0-9a-f]{40} ", re.MULTILINE)
_IDENTITY = {
    f"GIT_{role}_{key}": value
    for role in ("AUTHOR", "COMMITTER")
    for key, value in (("NAME", "bench"), ("EMAIL", "bench@example.com"), ("DATE", "2026-01-01T00:00:00Z"))
}
_GIT = _IDENTITY | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}


def prefer_built_tools() -> None:
    """Puts the programs that the checkout built before those of the system, as ``make`` does."""
    os.environ["PATH"] = os.pathsep.join((str(TOOLS), os.environ.get("PATH", "")))


def urls(corpora: Path = CORPORA) -> dict[str, str]:
    """Returns the URL of each repository, by its folder, as the corpora's README names them."""
    table = (corpora / "README.md").read_text(encoding="utf-8")
    return {folder: f"https://github.com/{source}" for folder, source in _ROW.findall(table)}


def truth(corpora: Path, name: str) -> Any:
    """Returns one of the corpora's JSON files."""
    return json.loads((corpora / name).read_text(encoding="utf-8"))


def copy(source: Path, target: Path, url: str) -> Path:
    """Copies a folder out, and makes it a repository with a remote; what git would ignore is tracked all the same."""
    shutil.copytree(source, target, copy_function=shutil.copyfile, symlinks=True)
    for folder, _, _ in os.walk(target):
        Path(folder).chmod(0o755)
    return initialise(target, url)


def write(target: Path, files: Mapping[str, str], url: str) -> Path:
    """Writes files into an empty folder, and makes it a repository with a remote."""
    for path, text in files.items():
        place = target / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode("utf-8", "surrogateescape"))
    target.mkdir(parents=True, exist_ok=True)
    return initialise(target, url)


def initialise(target: Path, url: str) -> Path:
    """Makes a folder a git repository with one commit, and returns its real path."""
    git(target, "init", "--quiet", "--initial-branch=main")
    git(target, "remote", "add", "origin", url)
    git(target, "add", "--force", "--all")
    git(target, "commit", "--quiet", "--allow-empty", "--message=the state to be linted")
    return target.resolve()


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(("git", "-C", str(folder), *arguments), check=True, env={**os.environ, **_GIT}, capture_output=True)
