"""A kustomization uses the fields that kustomize will keep.

Each of these still works and is announced to go (`api/types/kustomization.go`, "Deprecated"; `kustomize build`
warns). What replaces them does more: `patches` takes both styles and a target, `labels` leaves immutable selectors
alone, and `replacements` knows every field. `kustomize edit fix` rewrites most of them.

Exempt: `helmCharts` and everything else that is only unpopular.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Edit, Route, Severity
from gitopsmith.kustomization import Kustomization, patch_field
from gitopsmith.manifest import get, items, sequence
from gitopsmith.policy import Remedy, Violation

SEVERITY = Severity.WARNING
INSTEAD = {
    "bases": "write the directories under 'resources'",
    "imageTags": "write 'images'",
    "patchesStrategicMerge": "write 'patches', with 'path:' for a file",
    "patchesJson6902": "write 'patches', with the same target",
    "commonLabels": "write 'labels', with 'includeSelectors: true' where the selectors already have them",
    "vars": "write 'replacements'",
    "helmChartInflationGenerator": "write 'helmCharts'",
}


def check_kustomization(kustomization: Kustomization) -> Iterator[Violation]:
    for name, instead in INSTEAD.items():
        key = kustomization.key(name)
        if key is not None:
            yield Violation((key,), f"field {key!r} is deprecated; {instead}")
    for name in ("configMapGenerator", "secretGenerator"):
        key = kustomization.key(name)
        for route, generator in items(kustomization.body, key) if key is not None else ():
            if "env" in generator:
                yield Violation((*route, "env"), f"field 'env' of {name} is deprecated; write 'envs', a list")


FIX_IS_SAFE = True
FRONT = {"patchesStrategicMerge"}
"""Fields that kustomize applies before what they become part of."""


def fix(kustomization: Kustomization, violation: Violation) -> Remedy | None:
    """Writes the newer field, as an item of the same order where that is there already."""
    route = violation.route
    if route[-1] == "env":
        edits = (Edit("wrap", route), Edit("rename", route, "envs"))
        is_clear = "envs" not in (get(kustomization.body, *route[:-1]) or {})
        return Remedy("write 'envs', a list", edits) if is_clear else None
    names = {"bases": "resources", "patchesStrategicMerge": "patches", "patchesJson6902": "patches"}
    old = next((name for name in INSTEAD if kustomization.key(name) == route[0]), "")
    if old == "commonLabels" and isinstance(get(kustomization.body, *route), dict):
        return _labels(kustomization, route)
    new = names.get(old, "")
    if not new or not isinstance(get(kustomization.body, *route), list):
        return None
    there = kustomization.key(new)
    last = Edit("rename", route, new) if there is None else Edit("move", route, ((there,), old in FRONT))
    return Remedy(f"write {new!r}", (*_patches(kustomization, old, route), last))


def _labels(kustomization: Kustomization, route: Route) -> Remedy:
    there = kustomization.key("labels")
    last = Edit("rename", route, "labels") if there is None else Edit("move", route, ((there,), False))
    selectors = Edit("put", (*route, 0, "includeSelectors"), True)
    return Remedy("write 'labels'", (Edit("wrap", route, "pairs"), Edit("wrap", route), selectors, last))


def _patches(kustomization: Kustomization, old: str, route: Route) -> Iterator[Edit]:
    """Yields what makes an entry of each file, and of each patch that is written here."""
    for index, entry in enumerate(sequence(kustomization.body, *route) if old == "patchesStrategicMerge" else ()):
        yield Edit("wrap", (*route, index), patch_field(entry))


GOOD = [
    """\
labels:
  - pairs:
      team: shop
configMapGenerator:
  - name: web
    literals:
      - COLOUR=blue
"""
]
BAD = [
    """\
commonLabels:  # <- here
  team: shop
configMapGenerator:
  - name: web
    literals:
      - COLOUR=blue
"""
]
FIXED = [
    (
        """\
configMapGenerator:
  - name: web
    literals:
      - colour=blue
commonLabels:
  team: shop # who is called
patchesStrategicMerge:
- |-
  apiVersion: v1
  kind: ConfigMap
  metadata:
    name: web
  data:
    colour: green
""",
        """\
configMapGenerator:
  - name: web
    literals:
      - colour=blue
labels:
  - pairs:
      team: shop # who is called
    includeSelectors: true
patches:
- patch: |-
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: web
    data:
      colour: green
""",
    ),
]
