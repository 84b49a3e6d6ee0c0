"""Quantities of resources that the API server refuses, alone and against each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitopsmith.finding import Route
from gitopsmith.manifest import mapping
from gitopsmith.quantity import parse
from gitopsmith.validate.causes import SchemaProblem
from gitopsmith.validate.server.refusal import refused


def check(value: Any, route: Route) -> Iterator[SchemaProblem]:
    """Refuses a text that is no quantity, and one below zero."""
    if isinstance(value, str) and parse(value) is None:
        yield refused(route, f"{value[:40]!r} is no quantity; write a number with a unit, such as '100m' or '1.5Gi'")
    elif (number := parse(value)) is not None and number < 0:
        yield refused(route, f"must be at least 0, not {value}")


def resources(body: Any, route: Route) -> Iterator[SchemaProblem]:
    """Yields what is wrong with requests and limits: every one a quantity, and no request above its limit."""
    for side in ("limits", "requests"):
        for name, value in mapping(body, side).items():
            yield from check(value, (*route, side, name))
    limits = mapping(body, "limits")
    for name, value in mapping(body, "requests").items():
        wanted, limit = parse(value), parse(limits.get(name))
        if wanted is not None and limit is not None and wanted > limit:
            yield refused((*route, "requests", name), f"{value} is more than the limit {limits[name]}")
