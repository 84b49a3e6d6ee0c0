"""The checkout under test: its files as git sees them, and repositories made of them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "tests" / "fixtures" / "repositories" / "demo"


def git(folder: Path, *arguments: str) -> str:
    """Runs git in a folder, and returns what it prints."""
    done = subprocess.run(("git", *arguments), cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def files(*parts: str) -> list[str]:
    """Returns what git tracks or would add, without what was deleted."""
    which = ("--cached", "--others", "--exclude-standard", "--deduplicate")
    listed = git(ROOT, "ls-files", "-z", *which, "--", *parts).split("\0")
    return sorted(name for name in listed if name and (ROOT / name).is_file())


def copy(folder: Path, *parts: str) -> Path:
    """Copies the checkout, as git sees it, to a folder; only what lies below ``parts`` where some are given."""
    for name in files(*parts):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target, follow_symlinks=False)
    return folder


def commit(folder: Path, message: str = "All of it") -> Path:
    """Makes a folder a git repository with one commit of everything in it."""
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", f"--message={message}")
    return folder
