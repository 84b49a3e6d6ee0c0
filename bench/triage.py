"""What people judged of the errors that no known defect explains."""

from __future__ import annotations

import fnmatch
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from gitopsmith import documents
from gitopsmith.finding import Finding

VERDICTS = Path(__file__).resolve().parents[1] / "tests" / "corpora-triage.yaml"
TRUE_SHARE = 0.97
DOUBTFUL_PER_THOUSAND = 2


class Verdict(NamedTuple):
    """One entry of the file; it speaks of every error of its rule below its paths."""

    repository: str
    rule: str
    paths: tuple[str, ...]
    verdict: str
    why: str


def load(path: Path = VERDICTS) -> tuple[Verdict, ...]:
    """Returns the verdicts in the file's order."""
    entries: list[dict[str, Any]] = documents.load(path.read_text(encoding="utf-8"))
    return tuple(
        Verdict(entry["repository"], entry["rule"], tuple(entry["paths"]), entry["verdict"], entry["why"])
        for entry in entries
    )


def judge(verdicts: Iterable[Verdict], repository: str, finding: Finding) -> Verdict | None:
    """Returns the first verdict that speaks of an error, None where nobody read it yet."""
    for verdict in verdicts:
        if (verdict.repository, verdict.rule) == (repository, finding.rule) and any(
            fnmatch.fnmatchcase(finding.location.path, pattern) for pattern in verdict.paths
        ):
            return verdict
    return None


def count(verdicts: Iterable[Verdict], repository: str, errors: Iterable[Finding]) -> Counter[str]:
    """Counts errors by verdict; those that nobody read count as ``unread``."""
    verdicts = tuple(verdicts)
    return Counter(found.verdict if (found := judge(verdicts, repository, error)) else "unread" for error in errors)
