"""A target of a replacement is an object that is there.

kustomize writes the source's value to every object that `select` means, and says nothing when that is none
(`filters/replacement`). The field then keeps the placeholder or the old value that the base has. A field that the
target does not have fails the build instead.

Group, version, kind and name are compared with every object that comes into the kustomization; into a Component, with
those of all that use it. Names may have a prefix or suffix from below.
Exempt: targets that fail by namespace, label or annotation alone; targets without a name; replacements in files of
their own, which are shared; kustomizations into which something comes that is not in this repository, or by a plugin
or a chart; Components that nothing uses.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.kustomization import Layer
from gitopsmith.manifest import items, mapping, text
from gitopsmith.policy import Violation
from gitopsmith.secrets import is_filled_in_later

SEVERITY = Severity.WARNING


def check_layer(layer: Layer) -> Iterator[Violation]:
    if not layer.complete:
        return
    for at, replacement in items(layer.kustomization.body, layer.kustomization.key("replacements") or ""):
        for inside, target in items(replacement, "targets"):
            select = mapping(target, "select")
            name, kind = text(select, "name"), text(select, "kind") or "object"
            if name and not is_filled_in_later(name) and not layer.selects(select):
                message = (
                    f"no {kind} named {name!r} comes in here, so nothing is written; name the object that is meant"
                )
                yield Violation((*at, *inside, "select"), message)


GOOD = [
    "kustomize-overrides-matched",
    """\
configMapGenerator:
  - name: web
    literals:
      - colour=blue
replacements:
  - sourceValue: red
    targets:
      - select:
          kind: ConfigMap
          name: web
        fieldPaths:
          - data.colour
""",
]
BAD = [
    "kustomize-replacement-unmatched",
    """\
configMapGenerator:
  - name: web
    literals:
      - colour=blue
replacements:
  - sourceValue: red
    targets:
      - select:  # <- here
          kind: ConfigMap
          name: api
        fieldPaths:
          - data.colour
""",
]
