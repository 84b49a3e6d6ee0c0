"""Objects with one mistake each, made from good ones: a field is taken away, emptied, doubled or set to a bad value."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from gitopsmith.finding import Route
from gitopsmith.manifest import get

_TEXTS = {"emptied": "", "no name": "Not_a name!", "too long": "x" * 300, "a word": "mistake"}
_NUMBERS = {"below zero": -1, "zero": 0, "too big": 70_000}
_SPARED = frozenset({("apiVersion",), ("kind",), ("metadata", "namespace")})
"""What says where an object goes, which no server can judge that is empty."""
_FREE = frozenset({"annotations", "data", "stringData", "binaryData", "labels", "matchLabels", "nodeSelector"})
"""Maps with free keys, whose fields are all of one class."""


class Mutant(NamedTuple):
    """What was done, where, and what came out."""

    kind: str
    place: str
    change: str
    body: dict[str, Any]


def draw(bodies: Iterable[dict[str, Any]], count: int = 100_000, seed: int = 1) -> list[Mutant]:
    """Returns at most ``count`` mutants, one of each kind, place and change; the same ones for the same seed."""
    found: dict[tuple[str, str, str], tuple[dict[str, Any], Route]] = {}
    for body in bodies:
        kind = f"{body['kind']} of {body['apiVersion']}"
        for route in routes(body, ()):
            for change in changes(get(body, *route)):
                found.setdefault((kind, place(route), change), (body, route))
    keys = sorted(found)
    random.Random(seed).shuffle(keys)
    return [Mutant(*key, mutated(*found[key], key[2])) for key in keys[:count]]


def routes(value: Any, route: Route) -> Iterator[Route]:
    """Yields every place in a body that can be changed: fields, and the first item of lists."""
    if isinstance(value, dict):
        for key, item in value.items():
            if (*route, key) not in _SPARED:
                yield (*route, key)
                yield from routes(item, (*route, key))
    elif isinstance(value, list) and value:
        yield (*route, 0)
        yield from routes(value[0], (*route, 0))


def place(route: Route) -> str:
    """Writes a route without what is the object's own."""
    steps = ["[]" if isinstance(step, int) else step for step in route]
    for index, step in enumerate(steps[:-1]):
        if step in _FREE and steps[index + 1] != "[]":
            steps[index + 1] = "*"
    return ".".join(steps)


def changes(value: Any) -> Iterator[str]:
    yield "taken away"
    if isinstance(value, list | dict) and value:
        yield "emptied"
    if isinstance(value, list) and value:
        yield "doubled"
    if isinstance(value, str):
        yield from _TEXTS
    if isinstance(value, int) and not isinstance(value, bool):
        yield from _NUMBERS


def mutated(body: dict[str, Any], route: Route, change: str) -> dict[str, Any]:
    out = copy.deepcopy(body)
    above, last = get(out, *route[:-1]), route[-1]
    value = above[last]
    if change == "taken away":
        del above[last]
    elif change == "emptied":
        above[last] = type(value)()
    elif change == "doubled":
        above[last] = [*value, copy.deepcopy(value[0])]
    else:
        above[last] = (_TEXTS | _NUMBERS)[change]
    return out
