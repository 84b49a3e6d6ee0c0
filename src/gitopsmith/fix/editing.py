"""Applies edits to texts: pure functions, in an order in which none moves what another one means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from gitopsmith import edit
from gitopsmith.finding import Edit, Failure, Finding, Route
from gitopsmith.manifest import get

_OF_LINES = frozenset({"rewrite", "deduplicate"})
"""Actions that name a line, so that they come before those that change how many there are."""


class Applied(NamedTuple):
    """The texts after some fixes, the findings that these are for, and why others could not be applied."""

    texts: dict[str, str]
    findings: tuple[Finding, ...]
    refused: tuple[tuple[Finding, str], ...]


def apply(texts: Mapping[str, str], findings: Iterable[Finding]) -> Applied:
    """Applies the fixes of findings, the last places first; one that a text refuses changes nothing."""
    after, done, refused = dict(texts), [], []
    for finding in sorted(findings, key=_order, reverse=True):
        try:
            after |= applied(after, finding)
        except Failure as failure:
            refused.append((finding, str(failure)))
        else:
            done.append(finding)
    return Applied(after, tuple(done), tuple(refused))


def apart(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Returns findings whose fixes touch nothing that another one touches; the others have to wait for these."""
    chosen: list[Finding] = []
    taken: list[tuple[str, int, Route]] = []
    for finding in findings:
        own = [place for one in _edits(finding) for place in _places(one)]
        if not any(_meet(one, other) for one in own for other in taken):
            chosen.append(finding)
            taken += own
    return tuple(chosen)


def paths(finding: Finding) -> frozenset[str]:
    """Returns the files that the fix of a finding changes."""
    return frozenset(one.path for one in _edits(finding))


def _edits(finding: Finding) -> tuple[Edit, ...]:
    return finding.fix.edits if finding.fix is not None else ()


def _places(one: Edit) -> list[tuple[str, int, Route]]:
    if one.action in _OF_LINES:
        line = one.value[0] if one.action == "rewrite" else one.value
        return [(one.path, -1, (line,))]
    routes = [one.route, one.value[0]] if one.action == "move" else [one.route]
    if one.action == "rename":
        routes.append((*one.route[:-1], one.value))
    return [(one.path, one.document, route) for route in routes]


def _meet(one: tuple[str, int, Route], other: tuple[str, int, Route]) -> bool:
    shorter = min(len(one[2]), len(other[2]))
    return one[:2] == other[:2] and one[2][:shorter] == other[2][:shorter]


def _order(finding: Finding) -> tuple[object, ...]:
    """Sorts by place, what names a line above all."""
    first = _edits(finding)[0]
    line = _places(first)[0][2][0] if first.action in _OF_LINES else 0
    route = tuple((isinstance(step, str), str(step).zfill(9)) for step in first.route)
    return (first.action in _OF_LINES, first.path, line, first.document, route)


def applied(texts: Mapping[str, str], finding: Finding) -> dict[str, str]:
    """Returns the texts that the fix of one finding changes. Raises Failure where a text refuses it."""
    changed: dict[str, str] = {}
    for one in _edits(finding):
        changed[one.path] = _edited(changed.get(one.path, texts[one.path]), one)
    return changed


def _edited(text: str, one: Edit) -> str:
    if one.path.endswith(".json"):
        raise Failure(f"{one.path}: this is JSON, which is not edited; make this change by hand")
    document, path, route, value = one.document, one.path, one.route, one.value
    match one.action:
        case "put":
            return edit.put(text, route, value, document=document, path=path)
        case "append":
            return edit.append(text, route, value, document=document, path=path)
        case "remove":
            return edit.remove(text, route, document=document, path=path)
        case "rename":
            return edit.rename(text, route, value, document=document, path=path)
        case "quote":
            return edit.quote(text, route, document=document, path=path)
        case "wrap":
            return edit.wrap(text, route, value, document=document, path=path)
        case "move":
            return _moved(text, one)
        case "rewrite":
            return edit.rewrite(text, *value, path=path)
        case "deduplicate":
            return edit.deduplicate(text, value, path=path)
        case _:
            raise AssertionError(one.action)


def _moved(text: str, one: Edit) -> str:
    """Moves the items of a list with their lines; where that is not possible one by one, unless a comment is lost."""
    to, front = one.value
    try:
        return edit.move(text, one.route, to, front=front, document=one.document, path=one.path)
    except Failure:
        after, moved = text, get(edit.opened(text, one.path)[one.document].body, *one.route)
        for item in reversed(moved) if front else moved:
            after = edit.insert(after, to, item, 0 if front else None, document=one.document, path=one.path)
        after = edit.remove(after, one.route, document=one.document, path=one.path)
        if after.count("#") < text.count("#"):
            raise
        return after
