"""What was promised, what was measured, and the tables that show both."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

BUSY = 2.0
"""Processes that wait for each core, from which on a time says more about the machine than about Argo CD."""


@dataclass(frozen=True, slots=True)
class Row:
    """One measured thing, in seconds unless it says otherwise. ``promise`` is the most that it may be, if any."""

    name: str
    measured: float
    promise: float | None = None
    note: str = ""
    unit: str = " s"

    @property
    def is_kept(self) -> bool:
        return self.promise is None or self.measured <= self.promise

    def __str__(self) -> str:
        said = "" if self.promise is None else f"at most {self.promise:g}{self.unit}"
        verdict = "" if self.promise is None else "kept" if self.is_kept else "MISSED"
        measured = f"{self.measured:.2f}" if self.unit == " s" else f"{self.measured:g}"
        return f"{self.name:<62} {measured + self.unit:>10}  {said:<15} {verdict:<6} {self.note}".rstrip()


@dataclass(slots=True)
class Report:
    """The rows of a run, and what was found about mistakes."""

    rows: list[Row] = field(default_factory=list)
    mistakes: list[tuple[str, str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def record(self, name: str, measured: float, promise: float | None = None, note: str = "", unit: str = " s") -> Row:
        """Keeps a row for the table, and returns it."""
        row = Row(name, round(measured, 2), promise, note, unit)
        self.rows.append(row)
        return row

    def promise(self, name: str, measured: float, promise: float, note: str = "", unit: str = " s") -> None:
        """Keeps a row, and fails when what was promised is missed, unless the machine is too busy to tell."""
        load = os.getloadavg()[0] / (os.cpu_count() or 1) if unit else 0.0
        is_busy = load > BUSY
        row = self.record(name, measured, promise, f"{note} (load {load:.0f} per core)" if is_busy else note, unit)
        assert row.is_kept or is_busy, str(row)

    def lines(self) -> list[str]:
        """Returns the tables as text."""
        lines = [str(row) for row in self.rows]
        if self.mistakes:
            heads = ("mistake", "what Argo CD does", "what lint said before")
            lines += ["", *(f"{one[0]:<30} | {one[1]:<100} | {one[2]}" for one in (heads, *self.mistakes))]
        return [*lines, *([""] if self.notes else []), *self.notes]
