"""Runs the cases of health checks, and tells what is wrong, at the line of the case or of the Lua."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gitopsmith.finding import Location, Related
from gitopsmith.health.cases import STATUS_KEYS, Case, Problem
from gitopsmith.health.running import Run, evaluate_all
from gitopsmith.health.suite import Suite
from gitopsmith.health.verdict import Health

LONGEST = 120
"""Characters of a text that a message shows."""
_LIBRARY = re.compile(r"global '(?:string|math|os|io|coroutine)'|index a string value|module os")


def problems(checks: Sequence[Suite]) -> Iterator[Problem]:
    """Yields what is wrong with checks and their cases; all cases are run in one process.

    Raises Unavailable where Lua is not there, TimedOut where the machine is too busy to come to an end.
    """
    runs = [Run(check.lua, case.body, check.open_libs) for check in checks for case in _cases(check)]
    found = iter(evaluate_all(runs))
    for check in checks:
        yield from check.problems
        for case in _cases(check):
            yield from _judged(check, case, next(found))


def _cases(check: Suite) -> tuple[Case, ...]:
    """Returns the cases of a check; one without any is only compiled."""
    return check.cases or (Case("", {}, {}, {}),)


def _judged(check: Suite, case: Case, health: Health) -> Iterator[Problem]:
    if health.failed:
        if case.expected or not health.compiles:
            yield _broken(check, case, health)
        return
    given = dict(zip(STATUS_KEYS, (health.status, health.message, health.deletion_message), strict=True))
    for key in STATUS_KEYS:
        if key in case.expected and given[key] != case.expected[key]:
            place = case.places[key]
            message = _difference(case, key, given[key])
            yield Problem(place.location, message, place.pointer)
            return


def _broken(check: Suite, case: Case, health: Health) -> Problem:
    """Tells where the Lua broke off; one mistake that breaks several cases is found at one place."""
    line = max(1, min(health.line, len(check.lua.splitlines())))  # Lua misses an end after the last line
    place = Location(check.script, line, 1, line, 2)
    if not health.compiles:
        return Problem(place, f"this is no Lua that Argo CD can run: {health.message}")
    hint = ""
    if not check.open_libs and _LIBRARY.search(health.message):
        hint = "; Lua's own libraries are not there without useOpenLibs"
    message = f"breaks off for case {case.name!r}, so that Argo CD shows Unknown: {health.message}{hint}"
    return Problem(place, message, related=(Related(case.places["status"].location, "the case is here"),))


def _difference(case: Case, key: str, given: str | None) -> str:
    expected = case.expected[key]
    if key != "status":
        said, wanted = _short(given), _short(expected)
        return f"{key} of case {case.name!r} is {said}, not {wanted}; mend the check, or expect what it says"
    if given is None:
        return f"case {case.name!r} gets no answer, as the check returns nil; return a table, or expect null"
    if not given:
        why = "the check returns a list, or a status or message that is no string"
        return f"case {case.name!r} gets an empty status, as {why}; return {{status = {expected!r}}}"
    wanted = expected or "without an answer"
    return f"case {case.name!r} is {given}, not {wanted}; mend the check, or expect {given}"


def _short(text: str | None) -> str:
    return repr(text) if text is None or len(text) <= LONGEST else f"{text[:LONGEST]!r}..."
