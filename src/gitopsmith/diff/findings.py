"""Lints both sides, and tells what a change brings and what it mends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from gitopsmith import lint
from gitopsmith.applied.sides import Side
from gitopsmith.finding import Failure, Finding, Report, Severity
from gitopsmith.report.prepare import prepare

Findings = tuple[Finding, ...]


def compared_findings(
    base: Side, head: Side, options: lint.Options, within: frozenset[str] | None = None
) -> tuple[Findings, Findings]:
    """Returns the findings that only the head has, and those that only the base has, by their fingerprints.

    ``within`` names the files whose reach is linted, None for all.
    """
    after = prepare(_linted(head, options, within))
    before = _before(base, options, within)
    return tuple(_without(after, before)), tuple(_without(before, after))


def brought_errors(base: Side, head: Side, options: lint.Options, within: frozenset[str]) -> Findings:
    """Returns the errors that only the head has, of what the files ``within`` reach."""
    after = prepare(_linted(head, options, within))
    if all(finding.severity is not Severity.ERROR for finding in after.findings):
        return ()
    new = _without(after, _before(base, options, within))
    return tuple(finding for finding in new if finding.severity is Severity.ERROR)


def _before(base: Side, options: lint.Options, within: frozenset[str] | None) -> Report:
    try:
        return prepare(_linted(base, options, within))
    except Failure:  # there was nothing to lint yet, or a configuration that could not be read
        return Report(())


def _linted(side: Side, options: lint.Options, within: frozenset[str] | None) -> Report:
    chosen = replace(options, files=side.tree, checkout=side.checkout)
    if within is None:
        return lint.lint(chosen)
    there = sorted(path for path in within if side.tree.kind(path) == "file")
    paths = tuple(side.tree.root / path for path in there)
    return lint.lint(replace(chosen, paths=paths)) if paths else Report(())


def _without(report: Report, other: Report) -> Iterator[Finding]:
    known: Counter[str] = Counter(_fingerprints(other.findings))
    for finding in report.findings:
        if known[finding.fingerprint]:
            known[finding.fingerprint] -= 1
        else:
            yield finding


def _fingerprints(findings: Iterable[Finding]) -> Iterator[str]:
    return (finding.fingerprint for finding in findings)
