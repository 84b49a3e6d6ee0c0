"""Takes up six real repositories with ``init``, as a stranger would who takes what it understood.

    python bench/adoption.py                      all six; exit code 1 when a goal is missed
    python bench/adoption.py --repository NAME    one of them; may be repeated

Every repository is copied out and committed, without a remote: which URL means it has to be told by its files. A second
``init`` must write nothing, and ``lint`` must pass right after the first one.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

import yaml
from bench import repositories
from bench.figures import Figures

from gitopsmith import suppress

LONGEST = 300
"""Seconds of a stranger's time."""
_PROGRAM = (sys.executable, "-c", "from gitopsmith.cli import run; run()")


@dataclass(frozen=True, slots=True)
class Adopted:
    """What ``init`` wrote of a repository, and what ``lint`` made of that; ``status`` is its exit code."""

    configuration: dict[str, Any]
    shown: str
    entries: int
    seconds: float
    status: int
    linted: float
    again: str
    changed: tuple[str, ...]

    def listed(self, name: str) -> list[str]:
        return [one["name"] for one in self.configuration.get(name) or ()]


def adopt(source: Path, folder: Path) -> Adopted:
    """Takes up a copy of a repository."""
    shutil.copytree(source, folder, copy_function=shutil.copyfile, symlinks=True)
    repositories.git(folder, "init", "--quiet", "--initial-branch=main")
    repositories.git(folder, "add", "--force", "--all")
    repositories.git(folder, "commit", "--quiet", "--message=What is there")
    started = time.perf_counter()
    told = _run(folder, "init", "--yes")
    seconds = time.perf_counter() - started
    started = time.perf_counter()
    status = _run(folder, "lint", "--quiet").returncode
    linted = time.perf_counter() - started
    baseline = folder / ".gitopsmith/baseline.txt"
    entries = len(suppress.read(baseline).entries) if baseline.is_file() else 0
    written = folder / ".gitopsmith.yaml"
    body = yaml.safe_load(written.read_text()) if written.is_file() else {}
    before = _state(folder)
    again = _run(folder, "init", "--yes").stderr
    return Adopted(
        body, told.stderr, entries, seconds, status, linted, again if _state(folder) == before else "", before
    )


def _run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run((*_PROGRAM, *arguments), cwd=folder, capture_output=True, text=True, check=False)


def _state(folder: Path) -> tuple[str, ...]:
    command = ("git", "-C", str(folder), "status", "--porcelain", "--untracked-files=all")
    return tuple(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines())


def show(told: Figures, name: str, made: Adopted) -> None:
    """Prints what was understood of a repository, and the goals that it has to meet."""
    told.say(f"{name}: URLs {', '.join((made.configuration.get('repository') or {}).get('urls') or ['none'])}")
    told.say(f"  environments {', '.join(made.listed('environments')) or 'none'}")
    told.detail([line for line in made.shown.splitlines() if line.startswith(("clusters: ", "applications "))])
    told.detail(list(made.changed))
    told.goal(f"{name}: seconds of init", f"{made.seconds:.1f}", f"below {LONGEST}", met=made.seconds < LONGEST)
    told.goal(
        f"{name}: lint right after",
        f"exit code {made.status}, {made.entries} in the baseline",
        "0",
        met=made.status == 0,
    )
    told.goal(
        f"{name}: written by a second init", "nothing" if made.again else "something", "nothing", met=bool(made.again)
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = sorted(repositories.urls())
    parser.add_argument("--repository", action="append", choices=names, default=[])
    given = parser.parse_args()
    repositories.prefer_built_tools()
    os.environ["PYTHONPATH"] = str(repositories.ROOT / "src")
    told = Figures()
    for name in given.repository or names:
        with tempfile.TemporaryDirectory() as folder:
            show(told, name, adopt(repositories.CORPORA / name, Path(folder).resolve() / name))
    return min(told.missed, 1)


if __name__ == "__main__":
    sys.exit(main())
