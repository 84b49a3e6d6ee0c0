"""Proves positions by cause: a sentinel is written at the place of a rendered scalar, and must appear in the render.

    python bench/positions.py --count 3000 --seed 1    random scalars over every buildable directory of the corpora, and
                                                       more until each kind of writer has --per-writer 100, where they
                                                       use it, then of our fixtures; exit code 1 for a missed goal
    python bench/positions.py --findings --count 500   the scalars that findings of all policies point at, in a share of
                                                       the directories as large as so many random scalars touch
    python bench/positions.py --points points.json     a list of {repo, entry, object, route}; object is
                                                       [apiVersion, kind, namespace, name]

A scalar counts as *hit* when the rendered field holds the sentinel, *moved* when the same field of another list item of
the object does (a key was edited, so the item went elsewhere), *not exact* when only an ancestor could be named, *miss*
otherwise. *Implied* is what no text says, such as the kind of what a generator makes. Where the edit itself breaks the
build or takes the object away (kinds, names that patches and references need), the field is *not testable*. These two
are left out of the rate and counted. Of a chart's fields those are *not exact* that a template computes.
"""

from __future__ import annotations

import argparse
import base64
import binascii
import json
import random
import re
import shutil
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from bench import writers
from bench.charted import Charted
from bench.figures import Figures

from gitopsmith import evaluate, policy, positions
from gitopsmith.finding import Location, Route
from gitopsmith.graph import Build
from gitopsmith.manifest import Resource, get, pointer, scalars
from gitopsmith.render import Bodies, Failed, kustomize, library, resources
from gitopsmith.tree import Tree, open_tree
from gitopsmith.validate import Schemas

ROOT = Path(__file__).resolve().parents[1]
CORPORA = ROOT.parent / "shared" / "corpora"
OUTCOMES = ("hit", "moved", "not exact", "miss", "implied", "not testable")
_IDENTITY = frozenset({("kind",), ("apiVersion",), ("metadata", "name"), ("metadata", "namespace")})
_HASH = re.compile(r"-[0-9a-z]{10}\Z")
_LINE_END = re.compile(r"(?<=\n)|(?<=\r)(?!\n)")


class Point(NamedTuple):
    """A rendered scalar and the place that is claimed for it."""

    entry: str
    position: int
    resource: Resource
    route: Route
    value: Any
    place: positions.Place


@dataclass
class Repository:
    """A copy of a repository that may be edited."""

    name: str
    tree: Tree
    renderer: kustomize.Renderer
    library: library.Library | None = None
    bodies: Bodies = field(default_factory=Bodies)

    complaints: Counter[str] = field(default_factory=Counter)

    def render(self, entry: str) -> list[Resource] | None:
        planned = kustomize.plan(self.tree, entry)
        rendered = (
            planned
            if isinstance(planned, Failed)
            else kustomize.execute(planned, self.tree.root, self.renderer, self.library)
        )
        if isinstance(rendered, Failed):
            self.complaints[rendered.message[:160]] += 1
            return None
        return [resource for _, resource in resources(rendered, self.bodies)]


Edited = Repository | Charted
"""A repository, and a way to render it anew."""


@dataclass
class Tally:
    """What came out, by writer, and what is worth reading."""

    counts: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    ways: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    ours: Counter[str] = field(default_factory=Counter)
    """How many scalars of a kind of writer are of our fixtures."""
    misses: list[str] = field(default_factory=list)
    untestable: Counter[str] = field(default_factory=Counter)
    complaints: Counter[str] = field(default_factory=Counter)
    builds: int = 0

    def add(self, repository: Edited, point: Point, outcome: str) -> None:
        self.counts[point.place.writer][outcome] += 1
        for way in writers.ways(repository.tree, point.entry, point.resource, point.place):
            self.ways[way][outcome] += 1
        shown = pointer(point.resource.body, point.route)
        if outcome == "not testable":
            self.untestable[re.sub(r"\[.*?\]", "[]", shown)] += 1
        elif outcome in {"miss", "not exact"}:
            where = point.place.location
            self.misses.append(
                f"{outcome:9} {point.place.writer:14} {repository.name} {point.entry} {point.resource.object} {shown}"
                f" = {str(point.value)[:60]!r} -> {where.path}:{where.line}:{where.column}"
            )


def draw(repository: Repository, ok: dict[str, int], count: int, chance: random.Random) -> dict[str, int]:
    """Shares a number of scalars among directories, by the objects that they render."""
    names = [name for name, objects in ok.items() if objects and kustomize.undecidable(repository.tree, name) is None]
    chosen = chance.choices(names, [ok[name] for name in names], k=count)
    return Counter(chosen)


def points(repository: Edited, entry: str, built: list[Resource], count: int, chance: random.Random) -> Iterator[Point]:
    """Draws scalars: an object first, so that a large one does not outweigh all others, then a field of it."""
    if not count:
        every = [(index, *found) for index, resource in enumerate(built) for found in scalars(resource.body)]
        for index, route, value in chance.sample(every, len(every)):
            yield Point(entry, index, built[index], route, value, _place(repository, entry, built[index], route))
    for _ in range(count):
        index = chance.randrange(len(built))
        found = list(scalars(built[index].body))
        if found:
            route, value = chance.choice(found)
            yield Point(entry, index, built[index], route, value, _place(repository, entry, built[index], route))


def _place(repository: Edited, entry: str, resource: Resource, route: Route) -> positions.Place:
    return positions.place(repository.tree, entry, resource, route)


def prove(repository: Edited, entry: str, built: list[Resource], found: list[Point], tally: Tally) -> None:
    """Edits, rebuilds and compares: many points at once, then again, in halves, those that did not come out."""
    exact = []
    for point in found:
        if point.place.exact:
            exact.append(point)
        else:
            tally.add(repository, point, "implied" if _is_implied(point) else "not exact")
    for risky in (False, True):
        for batch in _batches([point for point in exact if _is_risky(point) is risky]):
            _settle(repository, entry, built, batch, tally)


def _is_implied(point: Point) -> bool:
    """Tells whether nobody wrote a field: the kind of what a generator makes."""
    generated = point.resource.kind in {"ConfigMap", "Secret"} and not point.resource.origin.path
    return generated and point.route in {("apiVersion",), ("kind",), ("type",)}


def _settle(repository: Edited, entry: str, built: list[Resource], batch: list[Point], tally: Tally) -> None:
    again = []
    for point, outcome in zip(batch, _try(repository, entry, built, batch, tally), strict=True):
        if outcome == "hit" or len(batch) == 1:
            tally.add(repository, point, outcome)
        else:
            again.append(point)
    middle = len(again) // 2 or len(again)
    for half in (again[:middle], again[middle:]):
        if half:
            _settle(repository, entry, built, half, tally)


def _is_risky(point: Point) -> bool:
    """Tells whether an edit may change more than its own field: names and keys by which others find it."""
    names = {
        "kind",
        "apiVersion",
        "name",
        "namespace",
        "key",
        "mountPath",
        "containerPort",
        "port",
        "topologyKey",
        "ip",
    }
    return point.route[-1] in names or "selector" in point.route or "matchLabels" in point.route


def _batches(found: list[Point]) -> Iterator[list[Point]]:
    """Groups points that do not touch each other's text."""
    left = found
    while left:
        batch: list[Point] = []
        later: list[Point] = []
        for point in left:
            fits = all(_apart(point.place.location, other.place.location) for other in batch)
            (batch if fits else later).append(point)
        yield batch
        left = later


def _apart(one: Location, other: Location) -> bool:
    first, last = sorted((one, other), key=lambda place: (place.line, place.column))
    return one.path != other.path or (first.end_line, first.end_column) <= (last.line, last.column)


def _try(repository: Edited, entry: str, built: list[Resource], batch: list[Point], tally: Tally) -> list[str]:
    sentinels = [_sentinel(point.value, number) for number, point in enumerate(batch, 1)]
    edits: dict[str, list[tuple[Location, Any]]] = defaultdict(list)
    for point, sentinel in zip(batch, sentinels, strict=True):
        edits[point.place.location.path].append((point.place.location, sentinel))
    before = {path: (repository.tree.root / path).read_bytes() for path in edits}
    try:
        for path, changes in edits.items():
            (repository.tree.root / path).write_bytes(edited(before[path], changes))
        after = repository.render(entry)
    finally:
        for path, content in before.items():
            (repository.tree.root / path).write_bytes(content)
    tally.builds += 1
    if after is None:
        return ["not testable"] * len(batch)
    return [_outcome(built, after, point, sentinel) for point, sentinel in zip(batch, sentinels, strict=True)]


def edited(content: bytes, changes: Iterable[tuple[Location, Any]]) -> bytes:
    """Replaces the scalars at some places, the last first, keeping their quotes."""
    text = content.decode("utf-8", "surrogateescape")
    bom = text.startswith("\ufeff")
    text = text.removeprefix("\ufeff")
    starts = [0]
    for line in _LINE_END.split(text):
        starts.append(starts[-1] + len(line))
    for place, sentinel in sorted(changes, key=lambda change: change[0][1:3], reverse=True):
        start = starts[place.line - 1] + place.column - 1
        end = starts[min(place.end_line, len(starts)) - 1] + place.end_column - 1
        old = text[start:end]
        new = json.dumps(sentinel) if not isinstance(sentinel, str) else sentinel
        if old[:1] in {'"', "'"} and old[:1] == old[-1:]:
            new = f"{old[0]}{new}{old[0]}"
        elif "\n" in old and old[:1] in {"|", ">"}:
            new += "\n" + " " * (place.end_column - 1)  # a block ends where the next token begins
        if not old and text[start - 1 : start] in {":", "-"}:
            new = f" {new}"  # nothing stands for null
        text = text[:start] + new + text[end:]
    return (("\ufeff" if bom else "") + text).encode("utf-8", "surrogateescape")


def _sentinel(value: Any, number: int) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return 710_000 + number
    if isinstance(value, float):
        return 71_000.5 + number
    return f"sentinel{number}x"


def _outcome(built: list[Resource], after: list[Resource], point: Point, sentinel: Any) -> str:
    if point.route in _IDENTITY and any(holds(get(other.body, *point.route), sentinel) for other in after):
        return "hit"  # the object was renamed, and may stand elsewhere in kustomize's order
    resource = _again(built, after, point)
    if resource is None:
        return "not testable"
    if holds(get(resource.body, *point.route), sentinel):
        return "hit"
    wanted = [step for step in point.route if isinstance(step, str)]
    for route, value in scalars(resource.body):
        if [step for step in route if isinstance(step, str)] == wanted and holds(value, sentinel):
            return "moved" if not isinstance(sentinel, bool) else "miss"
    return "miss"


def holds(rendered: Any, sentinel: Any) -> bool:
    """Tells whether a rendered scalar carries the sentinel; Secrets carry it in base64."""
    if rendered == sentinel and isinstance(rendered, bool) == isinstance(sentinel, bool):
        return True
    text = json.dumps(sentinel) if not isinstance(sentinel, str) else sentinel
    if isinstance(rendered, str) and text in rendered:
        return True
    try:
        return text.encode() in base64.b64decode("".join(str(rendered).split()), validate=True)
    except (binascii.Error, ValueError):
        return False


def _again(built: list[Resource], after: list[Resource], point: Point) -> Resource | None:
    """Finds the object in the new render: at its index, or by its name without a hash."""
    if len(built) == len(after):
        other = after[point.position]
        if (other.kind, _HASH.sub("", other.name)) == (point.resource.kind, _HASH.sub("", point.resource.name)):
            return other
    wanted = _identity(point.resource)
    return next((resource for resource in after if _identity(resource) == wanted), None)


def _identity(resource: Resource) -> tuple[str, ...]:
    return resource.api_version, resource.kind, resource.namespace, _HASH.sub("", resource.name)


def copy(name: str, folder: Path, renderer: kustomize.Renderer, built_by: library.Library | None = None) -> Repository:
    root = (folder / name).resolve()
    shutil.copytree(CORPORA / name, root, symlinks=True)
    files = tuple(sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()))
    return Repository(name, Tree(root, files), renderer, built_by)


def from_list(repository: Repository, wanted: list[dict[str, Any]], entry: str, built: list[Resource]) -> list[Point]:
    """Turns the points of a list that lie in one build into ours; fields that are missing are left out."""
    found = []
    for item in wanted:
        if item["entry"] != entry:
            continue
        for index, resource in enumerate(built):
            route = tuple(item["route"])
            value = get(resource.body, *route)
            if list(resource.object) == item["object"] and not isinstance(value, dict | list) and value is not None:
                found.append(Point(entry, index, resource, route, value, _place(repository, entry, resource, route)))
                break
    return found


def from_findings(repository: Repository, entry: str, built: list[Resource]) -> list[Point]:
    """Judges a build by every policy there is, and returns the scalars that it points at."""
    asked: list[tuple[Resource, Route, positions.Place]] = []

    def noted(tree: Tree, entry: str, resource: Resource, route: Route) -> positions.Place:
        asked.append((resource, route, real(tree, entry, resource, route)))
        return asked[-1][2]

    known = policy.load()
    judge = evaluate.Judge(repository.tree, known, {rule.id: rule.severity for rule in known}, Schemas("1.34", ()))
    real, positions.place = positions.place, noted
    try:
        rendered = kustomize.build(repository.tree, entry, repository.renderer)
        evaluate.judge_build(judge, Build("kustomize", entry), rendered)
    finally:
        positions.place = real
    places = {resource.object: index for index, resource in enumerate(built)}
    found = []
    for resource, route, place in asked:
        value = get(resource.body, *route)
        if route and value is not None and not isinstance(value, dict | list):
            found.append(Point(entry, places[resource.object], resource, route, value, place))
    return found


def run(arguments: argparse.Namespace, tally: Tally, built_by: library.Library | None, folder: Path) -> None:
    """Proves what is asked for in every repository of the corpora; random scalars are topped up for rare writers."""
    truth = json.loads((CORPORA / "builds.json").read_text())["repos"]
    names = [name for name in truth if not arguments.repo or name in arguments.repo]
    dirs = {
        name: {path: count for path, count in truth[name]["ok_dirs"].items() if path.startswith(arguments.under)}
        for name in names
    }
    total = sum(sum(counts.values()) for counts in dirs.values())
    listed = json.loads(Path(arguments.points).read_text()) if arguments.points else []
    renderer = kustomize.find_renderer()
    more = Tally()
    for name in names:
        chance = random.Random(f"{arguments.seed} {name}")
        repository = copy(name, folder, renderer, built_by)
        here = [item for item in listed if item["repo"] == name]
        chosen = draw(repository, dirs[name], round(arguments.count * sum(dirs[name].values()) / total), chance)
        if arguments.points:
            chosen = Counter(item["entry"] for item in here)
        for entry, built in _builds(repository, chosen):
            if arguments.findings:
                found = from_findings(repository, entry, built)
            elif arguments.points:
                found = from_list(repository, here, entry, built)
            else:
                found = list(points(repository, entry, built, chosen[entry], chance))
            prove(repository, entry, built, found, tally)
        if arguments.per_writer and not arguments.findings and not arguments.points:
            rich = writers.rich(repository.tree, [path for path, count in dirs[name].items() if count], chance)
            for entry, built in _builds(repository, rich):
                found = list(points(repository, entry, built, 200, chance))
                prove(
                    repository, entry, built, _rare(repository.tree, found, (tally, more), arguments.per_writer), more
                )
        tally.complaints += repository.complaints
    if arguments.findings or arguments.points:
        show(tally, arguments)
        return
    own = Tally()
    _prove_ours(arguments.per_writer, (tally, more, own), Repository("writers", _fixture(folder), renderer, built_by))
    for source in writers.charts(CORPORA, folder) if not arguments.repo else ():
        for entry in source.entries:
            rendered = source.render(entry) or []
            found = list(points(source, entry, rendered, 60, random.Random(arguments.seed))) if rendered else []
            prove(source, entry, rendered, found, own if source.name == "charted" else more)
    judge(tally, more, own, arguments)


def _builds(repository: Repository, entries: Iterable[str]) -> Iterator[tuple[str, list[Resource]]]:
    with ThreadPoolExecutor(2) as pool:
        for entry, built in zip(sorted(entries), pool.map(repository.render, sorted(entries)), strict=True):
            if built:
                yield entry, built


def _rare(tree: Tree, found: Iterable[Point], known: Iterable[Tally], limit: int) -> list[Point]:
    """Leaves the points of writers and ways that have too few yet, and all for which no writer is known."""
    counted: Counter[str] = Counter()
    for tally in known:
        for name, outcomes in (*tally.counts.items(), *tally.ways.items()):
            counted[name] += _tested(outcomes)
    left = []
    for point in found:
        kinds = {point.place.writer, *writers.ways(tree, point.entry, point.resource, point.place)}
        if not point.place.exact or any(counted[kind] < limit for kind in kinds):
            counted.update(kinds)
            left.append(point)
    return left


def _fixture(folder: Path) -> Tree:
    shutil.copytree(writers.WRITERS, folder / "writers")
    return open_tree((folder / "writers").resolve())


def _prove_ours(limit: int, known: tuple[Tally, Tally, Tally], repository: Repository) -> None:
    for entry, built in _builds(repository, writers.directories()):
        found = list(points(repository, entry, built, 0, random.Random(entry)))
        prove(repository, entry, built, _rare(repository.tree, found, known, limit), known[2])


def judge(tally: Tally, more: Tally, own: Tally, arguments: argparse.Namespace) -> None:
    """Prints the tables, and holds the figures to their goals."""
    every = Tally()
    for one in (tally, more, own):
        for counted, sums in ((one.counts, every.counts), (one.ways, every.ways)):
            for name, outcomes in counted.items():
                sums[name] += outcomes
        every.misses += one.misses
        every.untestable += one.untestable
        every.complaints += one.complaints
        every.builds += one.builds
    every.ours = Counter({name: outcomes.total() for name, outcomes in own.counts.items()})
    show(every, arguments)
    figures = Figures()
    whole = sum(tally.counts.values(), Counter())
    shown = f"{_rate(whole):.1%} of {_tested(whole)} random scalars"
    figures.goal("hits overall", shown, ">= 98 %", met=_rate(whole) >= 0.98)
    for writer, counts in sorted(every.counts.items()):
        if writer not in writers.NEVER_EXACT and _tested(counts):
            said = f"{_rate(counts):.1%} of {_tested(counts)}, {every.ours[writer]} of fixtures"
            figures.goal(writer, said, ">= 95 %", met=_rate(counts) >= 0.95)
    raise SystemExit(bool(figures.missed))


def show(tally: Tally, arguments: argparse.Namespace) -> None:
    print(f"{'writer':28}{'n':>7}{'ours':>7}" + "".join(f"{outcome:>14}" for outcome in OUTCOMES) + f"{'rate':>9}")
    for writer, counts in sorted(tally.counts.items(), key=lambda item: -item[1].total()):
        print(_row(writer, counts, tally.ours[writer]))
    print(_row("all", sum(tally.counts.values(), Counter()), tally.ours.total()))
    for way, counts in sorted(tally.ways.items()):
        print(_row(f"- {way}", counts))
    for complaint, count in tally.complaints.most_common(arguments.show // 4):
        print(f"refused {count} times: {complaint}")
    print(f"{tally.builds} builds, seed {arguments.seed}")
    if tally.untestable:
        print("not testable: " + ", ".join(f"{name} {count}" for name, count in tally.untestable.most_common(25)))
    for line in tally.misses[: arguments.show]:
        print(line)


def _tested(counts: Counter[str]) -> int:
    return counts.total() - counts["not testable"] - counts["implied"]


def _rate(counts: Counter[str]) -> float:
    return (counts["hit"] + counts["moved"]) / max(1, _tested(counts))


def _row(name: str, counts: Counter[str], ours: int = 0) -> str:
    rate = f"{_rate(counts):9.1%}" if _tested(counts) else f"{'-':>9}"
    outcomes = "".join(f"{counts[outcome]:14}" for outcome in OUTCOMES)
    return f"{name:28}{counts.total():7}{ours:7}{outcomes}{rate}"


def main() -> None:
    parser = argparse.ArgumentParser(description="Proves positions by cause over the corpora.")
    parser.add_argument("--count", type=int, default=3000, help="how many random scalars")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repo", action="append", help="only this repository of the corpora; repeatable")
    parser.add_argument("--under", default="", help="only directories whose path begins so")
    parser.add_argument("--per-writer", type=int, default=100, help="at least so many for each kind of writer")
    parser.add_argument("--findings", action="store_true", help="what findings point at, instead of random scalars")
    parser.add_argument("--points", help="a JSON list of points instead of random ones")
    parser.add_argument("--show", type=int, default=40, help="how many misses to print")
    arguments = parser.parse_args()
    built_by = library.find(kustomize.TIMEOUT)
    with tempfile.TemporaryDirectory(prefix="positions-") as folder:
        run(arguments, Tally(), built_by, Path(folder))


if __name__ == "__main__":
    main()
