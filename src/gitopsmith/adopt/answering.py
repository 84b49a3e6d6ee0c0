"""What an owner says of a repository, over what was understood of it."""

from __future__ import annotations

from collections.abc import Iterable

from gitopsmith.adopt import stages
from gitopsmith.adopt.understanding import Understood
from gitopsmith.config import Environment
from gitopsmith.finding import Failure


def amended(understood: Understood, urls: Iterable[str] | None, environments: Iterable[str] | None) -> Understood:
    """Returns what was understood, with an owner's words in its place; None for what nobody speaks of.

    An environment is ``NAME``, ``NAME!`` for a protected one, or either with ``=GLOB,GLOB``; without globs it has those
    that were understood for it, or the folders of its name. Raises Failure where there are none.
    """
    found = understood
    if urls is not None:
        found = found._replace(urls=tuple(urls), how="your answer")
    if environments is not None:
        found = found._replace(environments=tuple(_environment(item, understood) for item in environments))
    return found


def _environment(item: str, understood: Understood) -> Environment:
    said, equals, globs = item.partition("=")
    name = said.strip().removesuffix("!")
    if not name:
        raise Failure(f"{item!r} names no environment; write NAME, NAME! for a protected one, or NAME=GLOB,GLOB")
    known = {one.name: one for one in understood.environments}
    one = known.get(name, Environment(name, tuple(stages.paths_of(name, understood.folders))))
    paths = tuple(glob.strip() for glob in globs.split(",") if glob.strip()) if equals else one.paths
    if not paths:
        raise Failure(f"no folder is called {name!r}; write its paths: {name}=GLOB,GLOB")
    return one._replace(paths=paths, protected=said.strip().endswith("!"))
