"""Figures with their goals, and what a run costs."""

from __future__ import annotations

import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple


class Cost(NamedTuple):
    """Seconds: on the clock, of CPU in this process, and of CPU in the programs that it waited for."""

    wall: float = 0.0
    own: float = 0.0
    children: float = 0.0

    def __sub__(self, other: Cost) -> Cost:
        return Cost(*(mine - yours for mine, yours in zip(self, other, strict=True)))

    def __str__(self) -> str:
        return f"{self.wall:6.1f} s, CPU {self.own:6.1f} own + {self.children:6.1f} children"


def now() -> Cost:
    """Returns what the process has cost until now."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(time.perf_counter(), own.ru_utime + own.ru_stime, children.ru_utime + children.ru_stime)


@dataclass(slots=True)
class Costs:
    """What stages cost, summed by name, in the order of their first appearance."""

    stages: dict[str, Cost] = field(default_factory=dict)

    def add(self, stage: str, cost: Cost) -> None:
        known = self.stages.get(stage, Cost())
        self.stages[stage] = Cost(*(mine + yours for mine, yours in zip(known, cost, strict=True)))

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        before = now()
        try:
            yield
        finally:
            self.add(name, now() - before)


@dataclass(slots=True)
class Figures:
    """The lines of a report, and how many of them miss their goal."""

    missed: int = 0

    def goal(self, name: str, figure: object, wanted: str, *, met: bool) -> None:
        """Prints a figure with its goal."""
        self.missed += not met
        print(f"{'ok  ' if met else 'MISS'} {name}: {figure} (goal {wanted})", flush=True)

    def say(self, text: str) -> None:
        """Prints a figure that has no goal, or a line below one."""
        print(f"     {text}", flush=True)

    def detail(self, lines: list[str], limit: int = 40) -> None:
        """Prints lines below a figure, not more than ``limit`` of them."""
        for line in lines[:limit]:
            self.say(f"  {line}")
        if len(lines) > limit:
            self.say(f"  and {len(lines) - limit} more")
