"""Tells whether a project's sync windows keep Argo CD from applying a commit at a time.

The rules are those of ``SyncWindows.CanSync`` and ``SyncWindow.isActive`` of Argo CD 3.6
(``pkg/apis/application/v1alpha1/types.go``), the schedules those of robfig/cron: where both days are restricted, one
suffices.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gitopsmith.application import Application
from gitopsmith.argocd.globs import glob
from gitopsmith.manifest import items, sequence, text

_LONGEST = timedelta(days=60)
"""No window is looked for that began longer ago."""
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: tuple[tuple[int, int, tuple[str, ...]], ...] = (
    (0, 59, ()),
    (0, 23, ()),
    (1, 31, ()),
    (1, 12, _MONTHS),
    (0, 6, _DAYS),
)
"""The smallest and the largest number of each field of a schedule, and the names that stand for numbers."""
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


class Denial(NamedTuple):
    """A window that keeps automatic syncs out now: how it is written, and whether a person may sync all the same."""

    window: str
    manual: bool


def denial(project: Any, application: Application, now: datetime) -> Denial | None:
    """Returns what keeps Argo CD from syncing an Application by itself at a time, None where nothing does.

    A window whose schedule cannot be read is not counted.
    """
    windows = [window for _, window in items(project, "spec", "syncWindows") if _is_about(window, application)]
    active = [window for window in windows if is_active(window, now)]
    denying = [window for window in active if text(window, "kind") == "deny"]
    if not denying:
        allowing = [window for window in windows if text(window, "kind") == "allow"]
        denying = allowing if not any(window in active for window in allowing) else []
    if not denying:
        return None
    manual = all(window.get("manualSync") is True for window in denying)
    return Denial(_written(denying[0]), manual)


def is_active(window: dict[str, Any], now: datetime) -> bool:
    """Tells whether a window began so lately that it still goes on."""
    schedule, duration = _schedule(text(window, "schedule")), _duration(text(window, "duration"))
    try:
        local = now.astimezone(ZoneInfo(text(window, "timeZone") or "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        return False
    if schedule is None or duration is None:
        return False
    minutes = int(min(duration, _LONGEST).total_seconds() // 60)
    start = local.replace(second=0, microsecond=0)
    return any(_fits(schedule, moment) and local - moment < duration for moment in _back(start, minutes))


def _back(start: datetime, minutes: int) -> Iterator[datetime]:
    return (start - timedelta(minutes=count) for count in range(minutes + 1))


_Schedule = tuple[tuple[frozenset[int], bool], ...]
"""For each field the numbers that it names, and whether it restricts anything."""


def _fits(schedule: _Schedule, moment: datetime) -> bool:
    (minute, _), (hour, _), (day, days), (month, _), (weekday, weekdays) = schedule
    if moment.minute not in minute or moment.hour not in hour or moment.month not in month:
        return False
    matches = moment.day in day, moment.isoweekday() % 7 in weekday
    return any(matches) if days and weekdays else all(matches)


def _schedule(written: str) -> _Schedule | None:
    parts = written.split()
    if len(parts) != len(_FIELDS):
        return None
    fields = [_field(part, *told) for part, told in zip(parts, _FIELDS, strict=True)]
    read = tuple((found, part[0] not in "*?") for found, part in zip(fields, parts, strict=True) if found is not None)
    return read if len(read) == len(_FIELDS) else None


def _field(written: str, first: int, last: int, names: tuple[str, ...]) -> frozenset[int] | None:
    """Reads ``*``, numbers, names, ranges and steps, and lists of these; None what is none of them."""
    found: set[int] = set()
    for part in written.lower().split(","):
        match = re.fullmatch(r"(?P<span>[*?]|(?P<from>\w+)(?:-(?P<to>\w+))?)(?:/(?P<step>\d+))?", part)
        if match is None:
            return None
        low = first if match["from"] is None else _number(match["from"], first, names)
        high = last if match["from"] is None or (match["step"] and not match["to"]) else low
        high = _number(match["to"], first, names) if match["to"] else high
        step = int(match["step"] or 1)
        if low is None or high is None or not (first <= low <= high <= last and step):
            return None
        found |= {*range(low, high + 1, step)}
    return frozenset(found)


def _number(word: str, first: int, names: tuple[str, ...]) -> int | None:
    if word in names:
        return names.index(word) + first
    return int(word) if word.isdecimal() else None


def _duration(written: str) -> timedelta | None:
    if not re.fullmatch(r"(?:\d+(?:\.\d+)?(?:ms|h|m|s))+", written):
        return None
    pieces = re.findall(r"(\d+(?:\.\d+)?)(ms|h|m|s)", written)
    return timedelta(seconds=sum(float(number) * _UNITS[unit] for number, unit in pieces))


def _is_about(window: dict[str, Any], application: Application) -> bool:
    """Tells whether a window applies: by the Application's name, its namespace there, or its cluster."""
    cluster = [text(application.destination, key) for key in ("server", "name")]
    answers: list[tuple[str, Callable[[str], bool]]] = [
        ("applications", lambda pattern: _is_like(pattern, application.name)),
        ("namespaces", lambda pattern: _is_like(pattern, text(application.destination, "namespace"))),
        ("clusters", lambda pattern: any(each and _is_like(pattern, each) for each in cluster)),
    ]
    told = [
        any(matches(pattern) for pattern in sequence(window, name) if isinstance(pattern, str))
        for name, matches in answers
        if sequence(window, name) or not window.get("andOperator")
    ]
    return bool(told) and (all(told) if window.get("andOperator") else any(told))


def _is_like(pattern: str, value: str) -> bool:
    return glob(pattern).match(value) is not None


def _written(window: dict[str, Any]) -> str:
    zone = text(window, "timeZone")
    return (
        f"{text(window, 'kind')} {text(window, 'schedule')!r} for {text(window, 'duration')}{f' {zone}' * bool(zone)}"
    )
