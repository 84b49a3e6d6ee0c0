"""What mends a suppression comment: rules and dates as they are written here, or no comment at all."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Collection

from gitopsmith.finding import Edit, Fix

_DATE = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})\Z")


def named(rule: str, known: Collection[str]) -> str:
    """Returns the rule that a name means that is written otherwise, or has a letter wrong; empty for none."""
    plain = re.sub(r"[\W_]+", "-", rule.strip().lower())
    return next(iter(difflib.get_close_matches(plain, known, n=1, cutoff=0.9)), "")


def dated(until: str) -> str:
    """Returns a date of the right order as ISO writes it, empty for anything else."""
    match = _DATE.match(until.strip())
    try:
        return dt.date(*map(int, match.groups())).isoformat() if match else ""
    except ValueError:
        return ""


def rewritten(path: str, line: int, text: str, new: str, description: str) -> Fix | None:
    """Returns what puts other words in the place of a comment; None where there are none."""
    if new == text:
        return None
    return Fix(description, True, (Edit("rewrite", (), (line, text, new), path),))
