"""What takes longest, last: what polling alone brings, and what the whole run says of syncs."""

from __future__ import annotations

from collections import Counter

import pytest

from e2e.live import Live
from e2e.polled import LONGEST, Polled

pytestmark = pytest.mark.slow


def test_a_change_and_a_rollback_arrive_by_poll(live: Live, polled: Polled) -> None:
    polled.end()
    assert not polled.failure
    note = "every 30 s and 10 s of jitter, as generated"
    live.report.record("change: by poll -> Synced and Healthy", polled.change, LONGEST, note)
    live.report.promise("rollback: by poll, after the release failed", polled.rollback, 120, note)


def test_no_sync_of_a_good_change_failed(live: Live) -> None:
    """As Argo CD counts operations; tries that another made good are told beside it."""
    counts = {name: phases for name, phases in live.syncs().items() if name not in live.spoiled}
    total = sum(sum(phases.values()) for phases in counts.values())
    wrong = sum(number for phases in counts.values() for phase, number in phases.items() if phase != "Succeeded")
    failed = (one for one in live.watch.history if one.has_failed and one.name not in live.spoiled)
    tries = {(one.name, one.message): one.failed or (one.message,) for one in failed}
    reasons = Counter(f"{name}: {reason}" for (name, _), said in tries.items() for reason in said)
    note = "; ".join(f"{number} of {reason}" for reason, number in reasons.most_common(5))
    live.report.record("  first tries that failed, and the next succeeded", len(tries), 0, note, "")
    whose = {name for name, phases in counts.items() if set(phases) - {"Succeeded"}}
    ends = [str(one) for one in live.watch.history if one.name in whose and one.phase in {"Failed", "Error"}]
    live.report.promise("syncs of good changes that failed", wrong, 0, f"of {total:g} {'; '.join(ends)}", "")
