"""Counts failed syncs over many Applications and good changes of all of them, on a sandbox.

    python bench/scale.py                                200 Applications, five rounds: some half an hour on two cores
    python bench/scale.py --applications 50 --rounds 2

Each application comes as ``gitopsmith add app`` writes it, into three environments. What failed counts with its first
attempt. Pods pretend to run, and are ready at once; the seconds are Argo CD's and the API server's own.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import figures

from e2e import scale
from e2e.beginning import start
from e2e.live import Live
from e2e.promises import Report
from gitopsmith import sandbox
from gitopsmith.sandbox import processes

ROOT = Path(__file__).resolve().parents[1]
NAME = "scale"
BUSIEST = ("argocd-application-controller", "kube-apiserver")


def measure(applications: int, rounds: int, install: Path, told: figures.Figures) -> None:
    live = start(NAME, Report(), install, soon=False)
    live.until_all_done()
    begun = time.monotonic()
    names = scale.grow(live, applications)
    told.say(f"{len(names)} Applications Synced and Healthy after {time.monotonic() - begun:.0f} s")
    before, seen = scale.phases(live, names), len(live.watch.history)
    spent = _spent(live)
    for number in range(rounds):
        told.say(f"round {number + 1}: {scale.change(live, names, number):.0f} s")
    counts = scale.phases(live, names) - before
    total, failed = sum(counts.values()), counts.total() - counts["Succeeded"]
    first = len(scale.tries(live, names, seen))
    each = {name: f"{(cpu - spent[name]) / (rounds * len(names)):.2f} s" for name, cpu in _spent(live).items()}
    told.say(f"CPU for each change: {', '.join(f'{name} {cpu}' for name, cpu in each.items())}")
    told.goal("failed syncs of good changes", f"{failed} of {total}", "0", met=failed == 0)
    told.goal("failed first attempts", first, "0", met=first == 0)
    live.watch.end()


def _spent(live: Live) -> dict[str, float]:
    """Returns the CPU seconds that the processes with the most work have taken until now."""
    started = sandbox.read(live.folder).processes
    costs = {name: processes.cost(started[name]) for name in BUSIEST}
    return {name: cost.cpu for name, cost in costs.items() if cost is not None}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--applications", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--install", type=Path, default=ROOT / ".tools" / "argo-cd" / "3.6.1" / "install.yaml")
    given = parser.parse_args()
    told = figures.Figures()
    sandbox.reset(NAME)
    try:
        measure(given.applications, given.rounds, given.install, told)
    finally:
        sandbox.reset(NAME)
    told.say(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores at the end")
    return min(told.missed, 1)


if __name__ == "__main__":
    sys.exit(main())
