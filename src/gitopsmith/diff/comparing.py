"""Compares what is applied on both sides: pure functions over deliveries."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

from gitopsmith.application import Application
from gitopsmith.applied import Delivery, Manifest, hidden, hidden_pair
from gitopsmith.config import Environment
from gitopsmith.diff import pairing
from gitopsmith.diff.values import ADDED, CHANGED, REMOVED, Change, Group, Section
from gitopsmith.manifest import mapping, pointer, scalars
from gitopsmith.report import secret_yaml

FINALIZER = "resources-finalizer.argocd.argoproj.io"
_TOLD = ("path", "targetRevision", "chart", "repoURL", "project", "server", "name", "namespace")
"""Fields of an Application whose values are told, since no secret stands there but a login in a URL."""
MOST_FIELDS = 8


def changes(before: tuple[Manifest, ...], after: tuple[Manifest, ...]) -> tuple[Change, ...]:
    """Returns the objects that differ, in the order in which they are applied; what is gone comes last."""
    return tuple(change for pair in pairing.manifests(before, after) for change in _change(*pair))


def _change(before: Manifest | None, after: Manifest | None) -> Iterator[Change]:
    if before is None and after is not None:
        yield Change(ADDED, after.object, _lines("", hidden(after)))
    elif after is None and before is not None:
        yield Change(REMOVED, before.object, _lines(hidden(before), ""))
    elif before is not None and after is not None and before.text != after.text:
        yield Change(CHANGED, after.object, _lines(*hidden_pair(before, after)))


def _lines(before: str, after: str) -> tuple[str, ...]:
    return tuple(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm=""))[2:]


def section(
    before: Delivery | None,
    after: Delivery | None,
    environments: tuple[Environment, ...],
    uncertain: tuple[str, ...] = (),
) -> Section:
    """Compares the two states of one delivery; one of them may be missing."""
    now = after or before
    assert now is not None
    what = ADDED if before is None else REMOVED if after is None else ""
    found = changes(before.manifests if before else (), after.manifests if after else ())
    said = tuple(_said(before.application if before else None, after.application if after else None))
    places = [one.environments(environments) for one in (before, after) if one]
    return Section(
        now.label,
        now.application is not None,
        tuple(dict.fromkeys(build.entry for one in (after, before) if one for build in one.builds)),
        tuple(one.name for one in environments if any(one.name in names for names in places)),
        what or (CHANGED if found or said else ""),
        said,
        found,
        uncertain,
    )


def _said(before: Application | None, after: Application | None) -> Iterator[str]:
    """Tells what changes in an Application itself."""
    if before is None or after is None:
        gone = before if after is None else None
        if gone is not None:
            cascades = FINALIZER in _finalizers(gone)
            yield (
                "its objects are deleted with it" if cascades else "its objects stay, and nobody applies them any more"
            )
        return
    old, new = dict(scalars(mapping(before.body, "spec"))), dict(scalars(mapping(after.body, "spec")))
    routes = [route for route in dict.fromkeys((*old, *new)) if old.get(route) != new.get(route)]
    for route in routes[:MOST_FIELDS]:
        field = pointer(after.body, ("spec", *route))
        told = bool(route) and route[-1] in _TOLD
        yield f"{field}: {_value(old.get(route))} -> {_value(new.get(route))}" if told else f"{field} changes"
    if len(routes) > MOST_FIELDS:
        yield f"and {len(routes) - MOST_FIELDS} more fields"


def _finalizers(app: Application) -> tuple[str, ...]:
    found = mapping(app.body, "metadata").get("finalizers")
    return tuple(str(one).partition("/")[0] for one in found) if isinstance(found, list) else ()


def _value(value: Any) -> str:
    return "nothing" if value is None else secret_yaml.mask(str(value))


def grouped(sections: tuple[Section, ...], environments: tuple[Environment, ...]) -> tuple[Group, ...]:
    """Sorts sections into environments, protected ones first; what belongs to none comes last, and only if it is."""
    ordered = sorted(environments, key=lambda one: not one.protected)
    groups = [
        Group(one.name, one.protected, tuple(each for each in sections if one.name in each.environments))
        for one in ordered
    ]
    rest = tuple(each for each in sections if not each.environments)
    return (*groups, *((Group("", protected=False, sections=rest),) if rest else ()))
