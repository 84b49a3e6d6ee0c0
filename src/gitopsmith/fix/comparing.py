"""Compares all that is applied before and after a fix, object by object."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from gitopsmith import applied, evaluate
from gitopsmith.applied import Applied
from gitopsmith.applied.working import unchanged
from gitopsmith.config import Config
from gitopsmith.graph import Build
from gitopsmith.lint.scope import Options
from gitopsmith.revisions import Checkout
from gitopsmith.tree import Tree

_BOOLEANS = {"yes": True, "on": True, "y": True, "no": False, "off": False, "n": False}
"""Words that YAML reads as true and false, as they are mostly written."""


class Difference(NamedTuple):
    """A build that is not proved to be the same on both sides, the files that it reads, and why."""

    reads: frozenset[str]
    why: str


def differences(before: Tree, after: Tree, checkout: Checkout, options: Options) -> tuple[Difference, ...]:
    """Renders what the two trees make different, and returns what is not the same, in values and in their order."""
    said = Config() if options.isolated else applied.settings(before)
    skip = unchanged(before, after)
    one, other = (
        applied.look(tree, said, checkout, jobs=options.jobs, timeout=options.timeout, fetch=options.fetch, skip=skip)
        for tree in (before, after)
    )
    return tuple(_differences(one, other, before, after))


def _differences(one: Applied, other: Applied, before: Tree, after: Tree) -> Iterator[Difference]:
    for build in {**one.graph.results, **other.graph.results}:
        reads = frozenset((*evaluate.inputs(before, build), *evaluate.inputs(after, build)))
        if evaluate.inputs(before, build) != evaluate.inputs(after, build):
            why = _difference(one, other, build)
            if why:
                yield Difference(reads, f"{build.entry or '.'} {why}")


def _difference(one: Applied, other: Applied, build: Build) -> str:
    """Says in what two builds differ; one that gave nothing before is not made worse by giving something."""
    results = [side.graph.results.get(build) for side in (one, other)]
    if results[0] is None or results[1] is None:
        return "would be built on one side only"
    if results[1].failure is not None:
        said = "cannot be rendered, so nothing can be compared" if results[0].failure else "would not be built any more"
        return f"{said}: {results[1].failure.message}"
    if results[0].failure is not None:
        return ""
    bodies = [[each.resource.body for each in side.manifests.get(build, ())] for side in (one, other)]
    return "" if alike(*bodies) else "would be rendered otherwise"


def alike(one: Any, other: Any) -> bool:
    """Tells whether two bodies say the same, but for quotes around a word."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, str) is not isinstance(other, str) and None not in {_plain(one), _plain(other)}:
        return _plain(one) == _plain(other)
    return type(one) is type(other) and bool(one == other)


def _plain(value: Any) -> str | float | None:
    """Returns what a scalar says without its quotes: a number, or the word for true and false."""
    if isinstance(value, bool) or value in _BOOLEANS:
        return str(_BOOLEANS.get(value, value)).lower()
    try:
        return float(value)
    except (TypeError, ValueError):
        return value if isinstance(value, str) else None
