"""How a reader wants a report written."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """What the text format heeds; the formats for machines say everything, whatever stands here.

    ``quiet`` leaves the summary out, ``verbose`` cuts no list short, ``width`` is that of the terminal in columns.
    ``statistics`` counts the findings of each rule instead of listing them.
    """

    color: bool = False
    quiet: bool = False
    verbose: bool = False
    width: int = 120
    statistics: bool = False
