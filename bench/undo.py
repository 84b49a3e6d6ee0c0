"""Measures `gitopsmith rollback --wait` as a command on a sandbox: from starting it to synced, healthy and ended.

    python bench/undo.py                 20 rollbacks, each kind once by webhook and once by refresh, then some by poll
    python bench/undo.py --only land     the kinds whose title has this word
    python bench/undo.py --no-poll       without those that are left to polling

The repository is that of the end-to-end suite; a release is given up after 10 s, so that there is less to wait for.
By webhook, the command asks Argo CD's API with the role of who is on call; without one it uses kubectl; by poll it only
pushes, and nothing helps. Pods are KWOK's: they pretend and are ready at once, and a bad image and a crash loop are one
thing to them; the start of real ones comes on top.
"""

from __future__ import annotations

import argparse
import itertools
import os
import re
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import figures
from bench.failures import KINDS, Kind

from e2e.beginning import start
from e2e.live import Live, run
from e2e.oncall import on_call
from e2e.promises import Report
from gitopsmith import sandbox

ROOT = Path(__file__).resolve().parents[1]
NAME = "undo"
PATCHES = itertools.count()
"""So that each good release is a version of its own."""
MERGES = 5
"""So often somebody else merges meanwhile. Two pushes a second without end keep Argo CD comparing for ever."""
PHASE = re.compile(r"^\s*(\d+\.\d) s {2}(seen|synced|healthy)$")
POLLED = ("bad image, given up", "bad configuration, refused", "blocked on a wave")
"""The kinds that are also left to polling; each takes a minute and more."""


class Undone(NamedTuple):
    """Seconds from the start of the command, by phase; ``done`` is its end, ``cost`` what it took of the processor.

    All that it said is ``said``.
    """

    phases: dict[str, float]
    done: float
    cost: float
    status: int
    said: str


class Way(NamedTuple):
    """How commits reach Argo CD, and what the command asks it by."""

    title: str
    url: str
    environment: Mapping[str, str]


def undo(live: Live, application: str, environment: str, good: str, way: Way, *more: str) -> Undone:
    """Rolls back by the command, and takes the time of what it says."""
    told = ("rollback", application, "--env", environment, "--to", good, "--push", "--anyway")
    begun, before, phases, said = time.monotonic(), figures.now(), {}, []
    process = subprocess.Popen(
        (sys.executable, "-m", "gitopsmith", *told, "--i-checked-the-schema", *more),
        cwd=live.fleet.root,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")} | live.fleet.environment | dict(way.environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line)
        if line.startswith("pushed "):
            phases["pushed"] = time.monotonic() - begun
        if found := PHASE.match(line.rstrip()):
            phases[found[2]] = time.monotonic() - begun
    status = process.wait()
    return Undone(phases, time.monotonic() - begun, (figures.now() - before).children, status, "".join(said))


def ready(live: Live, kind: Kind, environment: str, url: str) -> tuple[str, str]:
    """Has a good release live and then a bad one fail; returns the good commit and its tag."""
    fleet, name = live.fleet, f"{kind.application}-{environment}"
    fleet.git("remote", "set-url", "origin", fleet.url)
    fleet.git("fetch", "--quiet", "origin", "main")
    fleet.git("reset", "--quiet", "--hard", "origin/main")
    first = fleet.git("rev-list", "--max-parents=0", "HEAD")
    fleet.git("restore", f"--source={first}", "--staged", "--worktree", "--", "apps")
    tag = f"1.1.{next(PATCHES)}"
    good = fleet.release(kind.application, environment, tag)
    live.until_done(name, good, timeout=300)
    bad = kind.spoil(fleet, kind.application, environment)
    live.until(name, lambda one: kind.reached(one, bad), timeout=400)
    fleet.git("remote", "set-url", "origin", url)
    return good, tag


@contextmanager
def racing(live: Live, kind: Kind) -> Iterator[None]:
    """Has somebody else merge ``MERGES`` times while this begins, a second apart: the push is lost to some of them."""
    other = live.folder / "work" / "other"
    ended = threading.Event()
    if not other.exists():
        run("git", "clone", "--quiet", live.fleet.url, str(other), cwd=live.folder, environment=live.fleet.environment)

    def push() -> None:
        def git(*told: str) -> str:
            return run("git", *told, cwd=other, environment=live.fleet.environment, status=None)

        for _ in range(MERGES):
            git("fetch", "--quiet", "origin", "main")
            git("reset", "--quiet", "--hard", "origin/main")
            git("commit", "--quiet", "--allow-empty", "--no-verify", "--message=Somebody else's")
            git("push", "--quiet", "origin", "HEAD:main")
            if ended.wait(1):
                return

    thread = threading.Thread(target=push, daemon=True)
    if kind.is_raced:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        if kind.is_raced:
            thread.join()


def waited(live: Live, kind: Kind, way: Way, told: figures.Figures) -> float:
    """Rolls one kind back with ``--wait``, says its phases, and returns the seconds; a failure counts as for ever."""
    good, tag = ready(live, kind, "prod", way.url)
    with racing(live, kind):
        found = undo(live, kind.application, "prod", good, way, "--wait")
    tags = live.tags(f"{kind.application}-prod")
    phases = "  ".join(f"{name} {seconds:5.1f}" for name, seconds in found.phases.items())
    told.say(f"{kind.title:<30} {way.title:<8} {phases}  done {found.done:5.1f} s, CPU {found.cost:.1f} s")
    if found.status == 0 and tags == {tag}:
        return found.done
    told.say(f"  ended with {found.status}, and {', '.join(sorted(tags))} runs in place of {tag}")
    told.detail(found.said.splitlines()[-15:])
    return float("inf")


def polled(live: Live, kind: Kind, bare: str, told: figures.Figures) -> float:
    """Rolls one kind back and only pushes: what polling alone brings."""
    way = Way("poll", bare, {"KUBECONFIG": os.devnull})
    good, tag = ready(live, kind, "prod", bare)
    begun = time.monotonic()
    found = undo(live, kind.application, "prod", good, way)
    commit = live.fleet.git("ls-remote", "origin", "refs/heads/main").partition("\t")[0]
    seconds = live.until_runs(f"{kind.application}-prod", commit, tag, begun, timeout=400)
    told.say(f"{kind.title:<30} {way.title:<8} pushed {found.phases.get('pushed', 0.0):5.1f}  done {seconds:5.1f} s")
    return seconds


def measure(live: Live, kinds: tuple[Kind, ...], told: figures.Figures, *, is_polled: bool) -> None:
    """Rolls back every kind by webhook and by refresh, then some by poll."""
    bare = f"file://{live.fleet.bare}"
    kubectl = {"KUBECONFIG": str(live.folder / "kubeconfig"), "HOME": str(live.folder / "home")}
    ways = (Way("webhook", live.fleet.url, on_call(live).environment), Way("refresh", bare, kubectl))
    every = [waited(live, kind, way, told) for way in ways for kind in kinds]
    median, worst = statistics.median(every), max(every)
    told.goal(f"median of {len(every)} by webhook or refresh", f"{median:.1f} s", "under 15 s", met=median < 15)
    told.goal("worst", f"{worst:.1f} s", "under 60 s", met=worst < 60)
    left = [kind for kind in kinds if kind.title in POLLED]
    if is_polled and left:
        slow = max(polled(live, kind, bare, told) for kind in left)
        told.goal(f"worst of {len(left)} by poll", f"{slow:.1f} s", "under 120 s", met=slow < 120)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", metavar="WORD", help="the kinds whose title has it")
    parser.add_argument("--no-poll", action="store_true")
    parser.add_argument("--install", type=Path, default=ROOT / ".tools" / "argo-cd" / "3.6.1" / "install.yaml")
    given = parser.parse_args()
    kinds = tuple(kind for kind in KINDS if given.only in kind.title)
    if not kinds:
        parser.error(f"no kind has {given.only!r} in its title; there are: {'; '.join(kind.title for kind in KINDS)}")
    told = figures.Figures()
    sandbox.reset(NAME)
    try:
        live = start(NAME, Report(), given.install)
        live.until_all_done()
        live.fleet.git("remote", "add", "origin", live.fleet.url)
        measure(live, kinds, told, is_polled=not given.no_poll)
        live.watch.end()
    finally:
        sandbox.reset(NAME)
    told.say("pods are KWOK's: they pretend, and are ready at once; the start of real ones comes on top")
    told.say(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores at the end")
    return min(told.missed, 1)


if __name__ == "__main__":
    sys.exit(main())
