"""Makes one finding of those that one edit mends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from gitopsmith.finding import Finding


def merge(findings: Iterable[Finding]) -> list[Finding]:
    """Makes one finding of those that one edit mends: same rule, same place; Applications and overlays are gathered."""
    merged: dict[tuple[Any, ...], Finding] = {}
    for finding in findings:
        key = (finding.rule, finding.location, finding.pointer)
        known = merged.get(key)
        if known is None:
            merged[key] = finding
            continue
        merged[key] = replace(
            known,
            severity=max(known.severity, finding.severity),
            applications=tuple(sorted({*known.applications, *finding.applications})),
            related=tuple(dict.fromkeys((*known.related, *finding.related))),
        )
    return sorted(merged.values(), key=lambda finding: finding.order)
