"""Runs the health checks that lie in a repository."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from gitopsmith import evaluate, health
from gitopsmith.evaluate import Judge
from gitopsmith.finding import Finding, Note, Severity
from gitopsmith.health import Problem
from gitopsmith.tools import TimedOut

RULE = "health-check-failed"


class Checked(NamedTuple):
    """How many health checks were to be run, what is wrong with them, and why they were not run."""

    checks: int
    findings: tuple[Finding, ...] = ()
    notes: tuple[Note, ...] = ()


def check_health(judge: Judge, only: frozenset[str] | None) -> Checked:
    """Runs the health checks about which a named file decides; all of them where no file is named."""
    if RULE not in judge.rules:
        return Checked(0)
    checks = [check for check in health.suites(judge.tree) if only is None or only & check.files]
    count = len(checks)
    if not checks:
        return Checked(0)
    try:
        return Checked(count, tuple(evaluate.merge(_findings(judge, health.problems(checks)))))
    except health.Unavailable as error:
        return Checked(count, notes=(Note("unverifiable", f"health checks are not tested: {error}", count=count),))
    except TimedOut as error:
        return Checked(count, notes=(Note("timeout", f"health checks are not tested: {error}"),))


def _findings(judge: Judge, problems: Iterator[Problem]) -> Iterator[Finding]:
    worst = judge.rules[RULE]
    for problem in problems:
        severity = min(worst, Severity.WARNING) if problem.warning else worst
        yield Finding(
            RULE, severity, problem.message, problem.location, pointer=problem.pointer, related=problem.related
        )
