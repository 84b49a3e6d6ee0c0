"""Measures how long a command of day two takes on a large repository, from its start to the commit at the remote.

    python bench/release.py                              1,000 applications in three environments, five runs each
    python bench/release.py --applications 50 --runs 3

The repository is the example with more applications as ``gitopsmith add app`` writes them; its remote is a bare one on
disk. Every run is a process of its own.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from bench import figures, repositories
from bench.repositories import ROOT

GOAL = 3.0
"""Seconds."""
ENVIRONMENTS = ("dev", "staging", "prod")
IMAGE = "ghcr.io/stefanprodan/podinfo"


def make(folder: Path, applications: int) -> Path:
    """Copies the example out, and gives it applications until there are as many; returns the clone of a bare remote."""
    work, remote = folder / "fleet", folder / "remote.git"
    shutil.copytree(ROOT / "example-repo", work)
    names = [f"app-{number:04}" for number in range(1, applications)]
    for name in names:
        _renamed(work / "apps" / "web", work / "apps" / name, name)
    for environment in ENVIRONMENTS:
        declared = work / "argocd" / "envs" / environment
        for name in names:
            (declared / f"{name}.yaml").write_text((declared / "web.yaml").read_text("utf-8").replace("web", name))
        listed = declared / "kustomization.yaml"
        listed.write_text(listed.read_text("utf-8") + "".join(f"  - {name}.yaml\n" for name in names))
    repositories.git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(remote))
    root = repositories.initialise(work, str(remote))
    repositories.git(root, "push", "--quiet", "origin", "main")
    return root


def _renamed(source: Path, target: Path, name: str) -> None:
    for path in source.rglob("*.yaml"):
        place = target / path.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(path.read_text("utf-8").replace("web", name), encoding="utf-8")


def timed(root: Path, *arguments: str) -> float:
    """Returns the seconds that a command took; ends the run where nothing was pushed."""
    before = _pushed(root)
    started = time.perf_counter()
    program = (sys.executable, "-c", "from gitopsmith.cli import run; run()")
    done = subprocess.run((*program, *arguments), cwd=root, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    if done.returncode or _pushed(root) == before:
        raise SystemExit(f"gitopsmith {' '.join(arguments)}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return seconds


def _pushed(root: Path) -> str:
    listed = subprocess.run(
        ("git", "ls-remote", "origin", "refs/heads/main"), cwd=root, capture_output=True, text=True, check=True
    )
    return listed.stdout


def measure(root: Path, runs: int, told: figures.Figures) -> None:
    """Runs each command as often as asked for: every release is promoted, and then rolled back."""
    taken: dict[str, list[float]] = {"release": [], "promote": [], "rollback": []}
    for run in range(runs):
        app = f"app-{run + 1:04}"
        image = f"{IMAGE}:7.{run}.0"
        taken["release"].append(timed(root, "release", app, "--env", "dev", "--image", image, "--push"))
        taken["promote"].append(timed(root, "promote", app, "--from", "dev", "--to", "staging", "--push"))
        taken["rollback"].append(timed(root, "rollback", app, "--env", "staging", "--push"))
    for command, seconds in taken.items():
        median = statistics.median(seconds)
        each = ", ".join(f"{one:.1f}" for one in seconds)
        told.goal(
            f"{command} --push, command to commit", f"{median:.2f} s of {each}", f"under {GOAL:g} s", met=median < GOAL
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--applications", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    repositories.prefer_built_tools()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installation has its modules compiled, and so has this
    told = figures.Figures()
    with tempfile.TemporaryDirectory(prefix="gitopsmith-bench-") as folder:
        root = make(Path(folder).resolve(), given.applications)
        told.say(f"{given.applications} applications in {len(ENVIRONMENTS)} environments")
        measure(root, given.runs, told)
    told.say(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores at the end")
    return min(told.missed, 1)


if __name__ == "__main__":
    sys.exit(main())
