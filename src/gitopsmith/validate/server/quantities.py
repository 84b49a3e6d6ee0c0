"""Quantities of resources, such as ``100m`` and ``1.5Gi``.

Facts: ``pkg/api/resource/quantity.go`` of Kubernetes' apimachinery.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from gitopsmith.finding import Route
from gitopsmith.manifest import mapping
from gitopsmith.validate.causes import SchemaProblem
from gitopsmith.validate.server.refusal import refused

_SYNTAX = re.compile(r"([+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+))([numkMGTPE]|[KMGTPE]i|[eE][+-]?[0-9]+)?", re.ASCII)
_DECIMAL = dict(zip("num", (Decimal(10) ** -power for power in (9, 6, 3)), strict=True)) | dict(
    zip("kMGTPE", (Decimal(10) ** power for power in (3, 6, 9, 12, 15, 18)), strict=True)
)
_BINARY = {f"{letter}i": Decimal(1024) ** power for power, letter in enumerate("KMGTPE", 1)}


def parse(value: Any) -> Decimal | None:
    """Returns the number that a quantity stands for, None when it is none."""
    found = _SYNTAX.fullmatch(str(value)) if isinstance(value, str | int | float) else None
    if found is None:
        return None
    number, suffix = Decimal(found[1]), found[2] or ""
    factor = _DECIMAL.get(suffix) or _BINARY.get(suffix)
    return number * factor if factor else number * Decimal(10) ** min(int(suffix[1:] or 0), 99) if suffix else number


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
