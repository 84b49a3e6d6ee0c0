"""Finds where the parameters of a generated Application are written: an element of a list, or a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitopsmith.finding import Route
from gitopsmith.manifest import get, items, mapping, scalars, text

ASKING = ("clusters", "scmProvider", "pullRequest", "plugin", "clusterDecisionResource", "oci")
"""Generators whose parameters are written nowhere in the repository, or in its configuration."""


def origin_of(body: dict[str, Any], generator: Route, parameters: dict[str, Any]) -> tuple[Route, str]:
    """Returns the route to the list element, and the path of the file, that hold these parameters; empty where none."""
    if not parameters:
        return (), ""
    given = {value for _, value in scalars(parameters)}
    for route, inner in terminal(body, generator):
        for element, value in items(inner, "list", "elements"):
            if value and {scalar for _, scalar in scalars(value)} <= given:
                return (*route, *element), ""
    return (), _file(parameters)


def terminal(body: dict[str, Any], route: Route) -> Iterator[tuple[Route, dict[str, Any]]]:
    """Yields a generator, or those that it combines at any depth, each with its route."""
    generator = mapping(body, *route)
    combined = [name for name in ("matrix", "merge") if name in generator]
    for name in combined:
        for inner, _ in items(get(body, *route), name, "generators"):
            yield from terminal(body, (*route, *inner))
    if not combined:
        yield route, generator


def generators(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yields the generators of a set, of those that combine others only these."""
    for route, _ in items(body, "spec", "generators"):
        yield from (generator for _, generator in terminal(body, route))


def asks(body: dict[str, Any], route: Route) -> bool:
    """Tells whether a generator's parameters come from a cluster or a service."""
    return any(name in generator for _, generator in terminal(body, route) for name in ASKING)


def _file(parameters: dict[str, Any]) -> str:
    """Reads the parameters that a git generator gives for a file, with Go templates and without."""
    folder = text(parameters, "path", "path") or text(parameters, "path")
    name = text(parameters, "path", "filename") or text(parameters, "path.filename")
    return f"{folder}/{name}".removeprefix("./") if name else ""
