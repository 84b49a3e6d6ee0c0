"""A kustomization uses the fields that kustomize will keep.

Each of these still works and is announced to go (`api/types/kustomization.go`, "Deprecated"; `kustomize build`
warns). What replaces them does more: `patches` takes both styles and a target, `labels` leaves immutable selectors
alone, and `replacements` knows every field. `kustomize edit fix` rewrites most of them.

Exempt: `helmCharts` and everything else that is only unpopular.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.kustomization import Kustomization
from gitopsmith.manifest import items
from gitopsmith.policy import Violation

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
