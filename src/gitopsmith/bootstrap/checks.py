"""What one check before the first change says, and how it is told."""

from __future__ import annotations

import enum
from typing import NamedTuple

from gitopsmith.finding import Failure


class Outcome(enum.Enum):
    """How a check went; its value is the word that people see."""

    PASSED = "ok"
    WARNED = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


class Check(NamedTuple):
    """One thing that was looked at. A message that failed tells what to do."""

    name: str
    outcome: Outcome
    message: str

    def __str__(self) -> str:
        first, *more = self.message.splitlines() or [""]
        return "\n".join((f"{self.outcome.value:<8} {self.name:<11} {first}", *(f"{'':21}{line}" for line in more)))


def passed(name: str, message: str) -> Check:
    return Check(name, Outcome.PASSED, message)


def warned(name: str, message: str) -> Check:
    return Check(name, Outcome.WARNED, message)


def failed(name: str, error: Failure | str) -> Check:
    return Check(name, Outcome.FAILED, str(error))


def skipped(name: str, message: str) -> Check:
    return Check(name, Outcome.SKIPPED, message)
