"""Counts how deployments went: how many by themselves, how many failed, how often somebody changed the cluster."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gitopsmith import git
from gitopsmith.landing import ROLLBACK_OF
from gitopsmith.live import Deployed
from gitopsmith.status.model import Counts, Row
from gitopsmith.status.written import Written


def count(written: Written, rows: Sequence[Row]) -> Counts:
    """Counts over what the Applications of some rows remember; each Application once."""
    seen = {(row.namespace, row.name): row for row in rows}.values()
    history = [deployed for row in seen if row.seen for deployed in row.seen.history]
    kinds = [{problem.kind for problem in row.problems} for row in seen]
    return Counts(
        len(history),
        sum(one.is_automated for one in history),
        len(seen),
        sum("sync-failed" in one for one in kinds),
        sum("drift" in one for one in kinds),
        sum(row.seen.operation.heals for row in seen if row.seen),
        tuple(_rollbacks(written, history)),
    )


def _rollbacks(written: Written, history: Sequence[Deployed]) -> Iterator[int]:
    """Yields the seconds from each commit that rolls back, or merges one that does, until it was deployed."""
    bringing = git.bringing(written.root, written.tip, f"{ROLLBACK_OF}: ") if history else frozenset()
    for one in history:
        logged = next(filter(None, map(written.commit, one.revisions)), None)
        if logged and one.when and logged.commit in bringing:
            yield max(0, round((one.when - logged.when).total_seconds()))
