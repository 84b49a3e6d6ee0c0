"""Measures Argo CD's share of a rollback on a sandbox: from before the push to the old image, Synced and Healthy
at the new commit.

    python bench/rollbacks.py                 20 rollbacks by webhook and by refresh, then one of each kind by poll
    python bench/rollbacks.py --pinned        the 20 alone, with Argo CD's own Application at one commit
    python bench/rollbacks.py --generated     one of each kind, with the deadline that is generated: some ten minutes

The repository is that of the end-to-end suite: three environments, ``web`` without waves, ``shop`` with a wave that
waits for its Deployment, and the sync policy that is generated. Argo CD renders its own installation anew for every
commit, at the same time as what is rolled back; ``--pinned`` shows what that costs. A release is given up after 10 s,
so that there is less to wait for. Pods pretend to run, and are ready at once: the start of a real one comes on top.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import figures

from e2e.beginning import start
from e2e.live import Live
from e2e.promises import Report
from e2e.watch import PATH, Seen
from gitopsmith import sandbox

ROOT = Path(__file__).resolve().parents[1]
NAME = "rollbacks"
PATCHES = itertools.count()
"""So that each good release is a version of its own."""


class Kind(NamedTuple):
    """When a release is rolled back: the application, and what it is waited for with the bad one."""

    title: str
    application: str
    reached: Callable[[Seen, str], bool]
    is_ended: bool = False


KINDS = (
    Kind("after it failed", "web", lambda one, bad: one.revision == bad and one.health == "Degraded"),
    Kind("while it progresses", "web", lambda one, bad: one.revision == bad and one.health == "Progressing"),
    Kind("blocked on a wave", "shop", Seen.is_blocked_at),
    Kind("blocked on a wave, ended by hand", "shop", Seen.is_blocked_at, is_ended=True),
    Kind("while it retries", "shop", Seen.is_retried_at),
)


def rollback(live: Live, kind: Kind, environment: str, way: str) -> float:
    """Brings in a good release, then a bad one, and returns the seconds that taking that back took."""
    name = f"{kind.application}-{environment}"
    good = f"1.0.{next(PATCHES)}"
    live.until_done(name, live.fleet.release(kind.application, environment, good), timeout=300)
    bad = live.fleet.release(kind.application, environment, "bad")
    live.until(name, lambda one: kind.reached(one, bad), timeout=400)
    begun = time.monotonic()
    commit = live.fleet.restore(kind.application, environment, quietly=way != "webhook")
    if way == "refresh":
        live.refresh(name)
    if kind.is_ended:
        live.until(name, lambda one: one.revision == commit)
        live.merge(f"{PATH}/{name}", {"status": {"operationState": {"phase": "Terminating"}}})
    return live.until_runs(name, commit, good, begun, timeout=400)


def pin(live: Live) -> None:
    """Has Argo CD's own Application stay at the commit that is there, which later pushes do not make it render."""
    path = "clusters/in-cluster/argocd.yaml"
    live.fleet.replace(path, r"targetRevision: main", f"targetRevision: {live.fleet.git('rev-parse', 'HEAD')}")
    live.until_done("platform-in-cluster", live.fleet.push("Pin Argo CD"), timeout=300)
    live.until_all_done()


def hurried(live: Live, told: figures.Figures) -> None:
    """Rolls back 20 times, four times for each kind, and says the median and the worst."""
    taken: dict[str, list[float]] = {}
    for way in ("webhook", "refresh", "webhook", "refresh"):
        for kind in KINDS:
            taken.setdefault(kind.title, []).append(rollback(live, kind, "dev", way))
    for title, seconds in taken.items():
        told.say(f"{title:<34} {' '.join(f'{one:5.1f}' for one in seconds)} s")
    every = [one for seconds in taken.values() for one in seconds]
    median, worst = statistics.median(every), max(every)
    told.goal(f"median of {len(every)} by webhook or refresh", f"{median:.1f} s", "under 5 s", met=median < 5)
    told.goal("worst", f"{worst:.1f} s", "under 30 s", met=worst < 30)


def polled(live: Live, told: figures.Figures) -> None:
    """Rolls back by poll alone, one kind after the other."""
    taken = {kind.title: rollback(live, kind, "staging", "poll") for kind in KINDS if not kind.is_ended}
    for title, seconds in taken.items():
        told.say(f"{title:<34} {seconds:5.1f} s")
    worst = max(taken.values())
    told.goal(f"worst of {len(taken)} by poll", f"{worst:.1f} s", "under 120 s", met=worst < 120)


def generated(live: Live, told: figures.Figures) -> None:
    """Rolls back one of each kind with the generated deadline of 180 s, which bounds a wave that nobody ends."""
    for kind in KINDS:
        seconds = rollback(live, kind, "dev", "webhook")
        goal = 10.0 if kind.is_ended else 195.0 if kind.title == "blocked on a wave" else 30.0
        told.goal(f"{kind.title}, deadline 180 s", f"{seconds:.1f} s", f"under {goal:g} s", met=seconds < goal)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--generated", action="store_true")
    parser.add_argument("--pinned", action="store_true")
    parser.add_argument("--install", type=Path, default=ROOT / ".tools" / "argo-cd" / "3.6.1" / "install.yaml")
    given = parser.parse_args()
    told, report = figures.Figures(), Report()
    sandbox.reset(NAME)
    try:
        live = start(NAME, report, given.install, soon=not given.generated)
        live.until_all_done()
        if given.pinned:
            pin(live)
        for measure in (generated,) if given.generated else (hurried,) if given.pinned else (hurried, polled):
            measure(live, told)
        live.watch.end()
    finally:
        sandbox.reset(NAME)
    told.say(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores at the end")
    return min(told.missed, 1)


if __name__ == "__main__":
    sys.exit(main())
