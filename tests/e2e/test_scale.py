"""Fifty Applications, five good changes of each: none of their syncs fails."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from e2e.live import Live

pytestmark = pytest.mark.slow
ROUNDS = 5


def test_no_sync_fails_over_fifty_applications_and_five_rounds(live: Live, fifty: list[str]) -> None:
    before, seen = _phases(live, fifty), len(live.watch.history)
    took = []
    for number in range(ROUNDS):
        for path in live.fleet.root.glob("apps/*/base/deployment.yaml"):
            name = str(path.relative_to(live.fleet.root))
            line = f'        round: "{number}"  # of good changes\n'
            if "# of good changes" in path.read_text(encoding="utf-8"):
                live.fleet.replace(name, r"^ +round: .*\n", line)
            else:
                live.fleet.replace(name, r"^  template:\n    metadata:\n", f"\\g<0>      annotations:\n{line}")
        start = time.monotonic()
        commit = live.fleet.push(f"Change every base, round {number}")
        took.append(live.watch.until(lambda now, at=commit: _all_at(now, fifty, at), start, 400))  # type: ignore[misc]
    counts = _phases(live, fifty) - before
    tried = [one for one in live.watch.history[seen:] if one.name in fifty and one.has_failed]
    live.report.record(f"{len(fifty)} Applications: a change of all of them, the slowest of {ROUNDS}", max(took))
    wrong = sum(number for phase, number in counts.items() if phase != "Succeeded") + len(tried)
    total = sum(counts.values())
    live.report.promise(f"  failed syncs in {ROUNDS} rounds, first attempts too", wrong, 0, f"of {total:g}", "")
    assert total >= ROUNDS * len(fifty)


def _all_at(now: object, names: list[str], commit: str) -> bool:
    assert isinstance(now, dict)
    return all(name in now and now[name].is_done_at(commit) for name in names)


def _phases(live: Live, names: list[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for name, phases in live.syncs().items():
        if name in names:
            counts.update({phase: int(number) for phase, number in phases.items()})
    return counts
