"""Many Applications, and changes of all of them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping

from e2e.live import Checkout, Live
from e2e.watch import Seen
from gitopsmith.generate import add

GOOD = "# of good changes"


def grow(live: Live, count: int, named: int = 0) -> list[str]:
    """Adds applications as `gitopsmith add app` does, until there are as many Applications, and waits for them.

    Returns the names of the Applications of teams; at least ``named`` of those in dev are called app01, app02 ...
    """
    known, number = set(_teams(live.fleet)), 0
    while len(_teams(live.fleet)) < count or number < named:
        number += 1
        name = f"app{number:02}"
        if f"{name}-dev" in known:
            continue
        fields = {"image": f"registry.example.com/{name}:1.0.0"}
        # As `gitopsmith add app` does, without linting everything before and after each.
        for path, content in add.application(live.fleet.root, name, fields=fields).files.items():
            live.fleet.write(path, content.decode())
    names = _teams(live.fleet)
    if set(names) - known:
        since = time.monotonic()
        live.fleet.push("Add applications")
        took = live.watch.until(lambda now: all(name in now and now[name].is_done for name in names), since, 900)
        live.report.record(f"add app: {len(set(names) - known)} Applications at once -> Synced and Healthy", took)
    live.until_all_done(timeout=900)
    return names


def _teams(fleet: Checkout) -> list[str]:
    found = fleet.root.glob("argocd/envs/*/*.yaml")
    return sorted(f"{path.stem}-{path.parent.name}" for path in found if path.stem != "kustomization")


def change(live: Live, names: list[str], number: int) -> float:
    """Changes the Pods of every application, and returns the seconds until all are Synced and Healthy at the commit."""
    line = f'        round: "{number}"  {GOOD}\n'
    for path in live.fleet.root.glob("apps/*/base/deployment.yaml"):
        name = str(path.relative_to(live.fleet.root))
        if GOOD in path.read_text(encoding="utf-8"):
            live.fleet.replace(name, r"^ +round: .*\n", line)
        else:
            live.fleet.replace(name, r"^  template:\n    metadata:\n", f"\\g<0>      annotations:\n{line}")
    since = time.monotonic()
    commit = live.fleet.push(f"Change every base, round {number}")
    return live.watch.until(lambda now: _all_at(now, names, commit), since, 900)


def _all_at(now: Mapping[str, Seen], names: list[str], commit: str) -> bool:
    return all(name in now and now[name].is_done_at(commit) for name in names)


def phases(live: Live, names: list[str]) -> Counter[str]:
    """Returns how often operations of some Applications have ended in which phase, as Argo CD counts them."""
    counts: Counter[str] = Counter()
    for name, found in live.syncs().items():
        if name in names:
            counts.update({phase: int(number) for phase, number in found.items()})
    return counts


def tries(live: Live, names: list[str], since: int = 0) -> list[Seen]:
    """Returns the tries that failed, those that another made good too, since so many sightings."""
    # What an operation said at its end stands in its Application until the next one begins.
    failed = [one for one in live.watch.history[since:] if one.name in names and one.has_failed]
    told = {(one.name, one.message) for one in live.watch.history[:since]}
    return [one for one in failed if (one.name, one.message) not in told]
