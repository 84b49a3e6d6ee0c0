"""Where scalars of each kind of writer are found, for bench/positions.py: in the corpora, and in fixtures of ours."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from pathlib import Path

from bench import charted
from bench.charted import Charted

from gitopsmith import kustomization as kustomizations
from gitopsmith.kustomization import reachable
from gitopsmith.manifest import Resource
from gitopsmith.positions import Place
from gitopsmith.render.kustomize import undecidable
from gitopsmith.tree import Tree

ROOT = Path(__file__).resolve().parents[1]
WRITERS = ROOT / "tests" / "fixtures" / "writers"
CHARTED = ROOT / "tests" / "fixtures" / "charted"
NEVER_EXACT = frozenset({"ancestor", "chart"})
"""Not kinds of writers: what is named where the writer is not known, counted in the rate of all."""
_RARE = (
    *("configurations", "generators", "images", "imageTags", "namePrefix", "nameSuffix", "patchesJson6902", "replicas"),
    *("replacements", "secretGenerator", "transformers", "vars"),
)
_COMMON = ("commonAnnotations", "configMapGenerator", "commonLabels", "labels", "patches", "patchesStrategicMerge")
_EACH = {**dict.fromkeys(_RARE, 15), **dict.fromkeys(_COMMON, 3)}
"""How many directories of a repository are looked at for a field of kustomizations, at most."""


def rich(tree: Tree, entries: Iterable[str], chance: random.Random) -> list[str]:
    """Returns directories that use the fields of kustomizations which write, so that rare ones are met."""
    left = dict(_EACH)
    found = []
    for entry in chance.sample(shuffled := sorted(entries), len(shuffled)):
        used = {field for item in reachable(tree, entry) for field in left if left[field] and item.value(field)}
        if used and undecidable(tree, entry) is None:
            found.append(entry)
            left |= {field: left[field] - 1 for field in used}
    return found


def ways(tree: Tree, entry: str, resource: Resource, place: Place) -> Iterator[str]:
    """Yields what tells more of how a scalar came to be than the kind of its writer does."""
    path = kustomizations.find(tree, place.location.path.rpartition("/")[0])
    if path is not None and kustomizations.read(tree, path).is_component:
        yield "in a Component"
    if place.writer in {"patch", "inline-patch"} and any(isinstance(step, int) for step in place.route):
        yield "in a list of a merge patch"
    used = [item for item in reachable(tree, entry) if place.writer not in {"chart", "template", "values"}]
    affixes = [item.value(field) for item in used for field in ("namePrefix", "nameSuffix")]
    if place.route == ("metadata", "name") and any(affix and affix in resource.name for affix in affixes):
        yield "name with an affix"
    if place.writer in {"labels", "annotations", "images", "replicas", "namespace"}:
        yield from ("with configurations" for item in used[:1] if any(one.value("configurations") for one in used))


def directories() -> list[str]:
    """Returns the directories of our own fixture, one for each kind of writer."""
    return sorted(path.name for path in WRITERS.iterdir())


def charts(corpora: Path, folder: Path) -> Iterator[Charted]:
    """Yields our charts with their Applications, and those of the corpora, which an Application of ours asks for."""
    yield charted.copy(CHARTED, folder / "charted")
    found = (path.parent for path in sorted(corpora.glob("*/**/Chart.yaml")))
    for index, chart in enumerate(path for path in found if "charts" not in path.parts):
        yield charted.wrap(chart, folder / f"chart-{index}")
