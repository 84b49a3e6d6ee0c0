"""Tells apart objects that amend another's: server-side apply merges them into what an operator made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gitopsmith.finding import Severity
from gitopsmith.manifest import get, mapping, text
from gitopsmith.validate.causes import SchemaProblem

_MISSING = "missing required field"
_RUNNING = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"})


def lowered(body: Any, problems: Iterable[SchemaProblem]) -> list[SchemaProblem]:
    """Returns the problems; that something is missing is a warning in an object that amends one that exists.

    A workload that has neither a selector nor any container cannot be meant to stand alone. The API server merges it
    into the live object, and refuses it only where there is none.
    """
    if not _amends(body):
        return list(problems)
    return [
        one._replace(severity=Severity.WARNING, message=f"{one.message}, where nobody else makes this object")
        if one.message.startswith(_MISSING)
        else one
        for one in problems
    ]


def _amends(body: Any) -> bool:
    spec = mapping(body, "spec")
    return (
        text(body, "kind") in _RUNNING
        and bool(spec)
        and "selector" not in spec
        and get(spec, "template", "spec", "containers") is None
    )
