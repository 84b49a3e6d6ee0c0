"""Fifty Applications, five good changes of each: none of their syncs fails."""

from __future__ import annotations

import pytest

from e2e import scale
from e2e.live import Live

pytestmark = pytest.mark.slow
ROUNDS = 5


def test_no_sync_fails_over_fifty_applications_and_five_rounds(live: Live, fifty: list[str]) -> None:
    before, seen = scale.phases(live, fifty), len(live.watch.history)
    took = [scale.change(live, fifty, number) for number in range(ROUNDS)]
    counts = scale.phases(live, fifty) - before
    live.report.record(f"{len(fifty)} Applications: a change of all of them, the slowest of {ROUNDS}", max(took))
    failed = sum(number for phase, number in counts.items() if phase != "Succeeded")
    wrong = failed + len(scale.tries(live, fifty, seen))
    total = sum(counts.values())
    live.report.promise(f"  failed syncs in {ROUNDS} rounds, first attempts too", wrong, 0, f"of {total:g}", "")
    assert total >= ROUNDS * len(fifty)
