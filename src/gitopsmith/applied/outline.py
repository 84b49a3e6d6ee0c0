"""The outline of what is applied: who applies which Application, and what each of its sources holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from gitopsmith import argocd
from gitopsmith.application import Application, Source
from gitopsmith.applied.deliveries import living
from gitopsmith.applied.working import Applied, order
from gitopsmith.graph import Build, Unit, unknown
from gitopsmith.lint.reasons import OF_ONE
from gitopsmith.report import secret_yaml


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that is built: its objects by kind, and the Applications among them by number.

    ``failure`` tells why it cannot be built, ``unknown`` why nobody can tell without a network, a chart or a plugin.
    """

    type: str
    entry: str
    kinds: tuple[tuple[str, int], ...] = ()
    applications: tuple[int, ...] = ()
    failure: str = ""
    unknown: str = ""
    revision: str = ""
    repository: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """One Application with its parts; it is known by its number in the outline."""

    namespace: str
    name: str
    destination: str
    path: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Outline:
    """All Applications; ``roots`` are those that no other one brings, ``by_hand`` the builds that bring some."""

    applications: tuple[Node, ...]
    roots: tuple[int, ...]
    by_hand: tuple[Part, ...]
    unowned: tuple[Part, ...]
    application_sets: tuple[str, ...] = ()


def outline(applied: Applied) -> Outline:
    """Returns the outline of all that is applied, in a stable order."""
    units = sorted(living(applied), key=lambda unit: (unit.application.key, unit.application.resource.origin.path))
    owned = {build for unit in units for build in unit.builds}
    brought = _brought(applied, units)
    nodes = tuple(_node(applied, unit, brought) for unit in units)
    loose = [build for build in sorted(applied.graph.results, key=order) if build not in owned]
    by_hand = [build for build in loose if brought.get(build)]
    rest = [build for build in loose if build not in by_hand]
    below = {number for build in (*owned, *by_hand) for number in brought.get(build, ())}
    top = [number for number in range(len(nodes)) if number not in below]
    reached = _reached(nodes, [*top, *(number for build in by_hand for number in brought[build])])
    roots = top + _first_of_circles(nodes, sorted(below - reached))
    unknown = [one.application_set for one in applied.graph.expanded if one.expansion.unverifiable]
    sets = sorted({f"{one.name} ({one.origin.path or 'rendered'})" for one in unknown})
    return Outline(
        nodes,
        tuple(roots),
        tuple(_part(applied, build, brought) for build in by_hand),
        tuple(_part(applied, build, brought) for build in rest),
        tuple(sets),
    )


def _brought(applied: Applied, units: list[Unit]) -> dict[Build, tuple[int, ...]]:
    """Returns the numbers of the Applications that each build gives."""
    numbers = {id(unit.application.resource): number for number, unit in enumerate(units)}
    named = {
        (*unit.application.key, unit.application.resource.origin.path): number for number, unit in enumerate(units)
    }
    generated = _generated(units)
    found = {}
    for build, result in applied.graph.results.items():
        given: list[int] = []
        for one in result.argo:
            key = (one.namespace or "argocd", one.name, one.origin.path)
            number = numbers.get(id(one), named.get(key))
            if one.kind == "Application" and number is not None:
                given.append(number)
            given += generated.get(id(one), ())
        found[build] = tuple(dict.fromkeys(given))
    return found


def _generated(units: list[Unit]) -> dict[int, list[int]]:
    """Returns the numbers of the Applications that each ApplicationSet generates, by what it is in memory."""
    found: dict[int, list[int]] = {}
    for number, unit in enumerate(units):
        if unit.application.generation is not None:
            found.setdefault(id(unit.application.generation.application_set), []).append(number)
    return found


def _reached(nodes: tuple[Node, ...], start: Iterable[int]) -> set[int]:
    """Returns the Applications that some bring, and those that these bring in turn, themselves included."""
    todo = list(start)
    seen: set[int] = set()
    while todo:
        number = todo.pop()
        if number not in seen:
            seen.add(number)
            todo += [below for part in nodes[number].parts for below in part.applications]
    return seen


def _first_of_circles(nodes: tuple[Node, ...], numbers: list[int]) -> list[int]:
    """Returns the Applications from which all are reached that only bring each other, those that bring most first."""
    first: list[int] = []
    seen: set[int] = set()
    for number in sorted(numbers, key=lambda number: (-len(_reached(nodes, [number])), number)):
        if number not in seen:
            first.append(number)
            seen |= _reached(nodes, [number])
    return first


def _node(applied: Applied, unit: Unit, brought: dict[Build, tuple[int, ...]]) -> Node:
    app = unit.application
    parts = tuple(_source(applied, unit, source, brought) for source in app.sources)
    return Node(app.namespace, app.name, _destination(app), app.resource.origin.path, parts)


def _destination(app: Application) -> str:
    cluster = app.destination.get("name") or app.destination.get("server") or ""
    cluster = "in-cluster" if cluster == argocd.IN_CLUSTER else cluster
    return "/".join(str(word) for word in (cluster, app.destination.get("namespace") or "") if word)


def _source(applied: Applied, unit: Unit, source: Source, brought: dict[Build, tuple[int, ...]]) -> Part:
    build = next((one for one in unit.builds if _asks_for(source, one)), None)
    if build is not None and not (build.chart is not None and _is_elsewhere(applied, build)):
        part = _part(applied, build, brought)
        part = part if build.chart is None else replace(part, type=source.type, entry=source.chart)
        return replace(part, revision=source.target_revision, repository=secret_yaml.mask(source.repo_url))
    place = source.chart or source.directory_path
    failure = "this path does not exist" if source.is_missing else ""
    return Part(
        source.type,
        place,
        failure=failure,
        unknown="" if source.is_missing else _why_not(source),
        revision=source.target_revision,
        repository=secret_yaml.mask(source.repo_url),
    )


def _asks_for(source: Source, build: Build) -> bool:
    if build.asked is not None:
        return build.asked.source is source
    return (build.entry, build.type, build.commit) == (source.directory_path, source.type, source.commit)


def _is_elsewhere(applied: Applied, build: Build) -> bool:
    """Tells whether a chart is not rendered because nobody fetched it, or nobody may."""
    result = applied.graph.results.get(build)
    return result is None or (result.failure is not None and result.failure.kind in {"chart", "floating"})


def _why_not(source: Source) -> str:
    if source.type == "chart":
        return OF_ONE["chart"]
    return ", ".join(OF_ONE[kind] for kind, _ in unknown(source))


def _part(applied: Applied, build: Build, brought: dict[Build, tuple[int, ...]]) -> Part:
    result = applied.graph.results.get(build)
    if result is None:
        return Part(build.type, build.entry, unknown="not rendered")
    kinds = tuple(sorted(Counter(fact.kind for fact in result.objects).items()))
    said = result.failure.message if result.failure else ""
    decided = result.failure is not None and result.failure.kind == "error"
    return Part(
        build.type,
        build.entry,
        kinds,
        brought.get(build, ()),
        failure=said if decided else "",
        unknown="" if decided else said,
    )


def walk(found: Outline) -> Iterator[tuple[int, Node | Part, bool]]:
    """Yields (depth, what stands there, whether it stood there before) from the roots down, however they nest."""
    seen: set[int] = set()
    todo: list[tuple[int, int | Part]] = [(0, part) for part in reversed(found.by_hand)]
    todo = [*((0, number) for number in reversed(found.roots)), *todo]
    while todo:
        depth, what = todo.pop()
        if isinstance(what, Part):
            yield depth, what, False
            todo += [(depth + 1, number) for number in reversed(what.applications)]
            continue
        again = what in seen
        yield depth, found.applications[what], again
        if not again:
            seen.add(what)
            todo += [(depth + 1, part) for part in reversed(found.applications[what].parts)]
