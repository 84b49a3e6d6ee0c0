"""A patch with a target changes an object that is there.

kustomize applies such a patch to everything that its target selects, and says nothing when that is nothing
(`PatchTransformer`; https://github.com/kubernetes-sigs/kustomize/issues/4379). What the patch was written for, such as
more replicas in production, is then not there. A patch without a target that finds no object fails the build instead.

Group, version, kind and name of the target are compared with every object that comes into the kustomization; into a
Component, with those of all that use it. Names may have a prefix or suffix from below. Where one field alone differs,
it is named; a kind only where it looks like a slip, since objects of many kinds share a name: a patch of a Deployment
is not meant for the network policy beside it.
Exempt: targets that fail by namespace, label or annotation alone; targets without a name, which are written for
whatever comes in; kustomizations into which something comes that is not in this repository, or by a plugin or a
chart; Components that nothing uses.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

from gitopsmith.finding import Severity
from gitopsmith.kustomization import Layer
from gitopsmith.manifest import items, mapping, text
from gitopsmith.policy import Remedy, Violation, removal
from gitopsmith.secrets import is_filled_in_later

SEVERITY = Severity.WARNING
ALIKE = 0.85
"""How alike two kinds are, one of which may be a slip for the other: 'Deploymnet' is, 'DeploymentConfig' is not."""


def check_layer(layer: Layer) -> Iterator[Violation]:
    if not layer.complete:
        return
    for field in ("patches", "patchesJson6902"):
        for route, item in items(layer.kustomization.body, layer.kustomization.key(field) or ""):
            target = mapping(item, "target")
            name = text(target, "name")
            if name and not is_filled_in_later(name) and not layer.selects(target):
                message = f"no {_said(target)} comes in here, so this patch changes nothing{_meant(layer, target)}"
                yield Violation((*route, "target"), message)


def _said(target: dict[str, Any]) -> str:
    kind, name = text(target, "kind") or "object", text(target, "name")
    return f"{kind} named {name!r}"


def _meant(layer: Layer, target: dict[str, Any]) -> str:
    """Says what would match, were one of the target's fields another one."""
    for field in ("name", "kind", "version", "group"):
        less = {key: value for key, value in target.items() if key != field}
        near = sorted({str(getattr(each, field)) for each in layer.objects if Layer.is_target(less, each)})
        if text(target, field) and len(near) == 1 and (field != "kind" or _is_slip(text(target, field), near[0])):
            return f"; its {field} would have to be {near[0]!r}"
    return "; remove it, or name the object that it is for"


def _is_slip(written: str, kind: str) -> bool:
    return bool(difflib.get_close_matches(written.lower(), [kind.lower()], cutoff=ALIKE))


def fix(layer: Layer, violation: Violation) -> Remedy | None:
    """Takes a patch away that changes nothing, where nothing near it could be meant."""
    is_clear = violation.message.endswith("; remove it, or name the object that it is for")
    return removal(layer.kustomization.body, violation.route[:-1]) if is_clear else None


GOOD = [
    "kustomize-overrides-matched",
    """\
configMapGenerator:
  - name: web
    literals:
      - colour=blue
patches:
  - target:
      kind: ConfigMap
      name: we.*
    patch: |-
      - op: add
        path: /data/size
        value: large
""",
]
BAD = [
    "kustomize-patch-unmatched",
    """\
configMapGenerator:
  - name: web
    literals:
      - colour=blue
patches:
  - target:  # <- here
      kind: ConfigMap
      name: api
    patch: |-
      - op: add
        path: /data/size
        value: large
""",
    """\
configMapGenerator:
  - name: web
    literals:
      - colour=blue
patches:
  - target:  # <- here
      kind: Configmap
      name: web
    patch: |-
      - op: add
        path: /data/size
        value: large
""",
    """\
configMapGenerator:
  - name: web
    literals:
      - colour=blue
patches:
  - target:  # <- here
      kind: Deployment
      name: web
    patch: |-
      - op: replace
        path: /spec/replicas
        value: 3
""",
]
FIXED = [
    (
        """\
configMapGenerator:
  - name: web
    literals:
      - colour=blue
patches:
  - target:
      kind: Secret
      name: api
    patch: |-
      - op: add
        path: /data/size
        value: large
""",
        """\
configMapGenerator:
  - name: web
    literals:
      - colour=blue
""",
    ),
]
