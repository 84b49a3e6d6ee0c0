"""An entry of `images` names an image that is there.

kustomize changes every image that has the name of an entry, and says nothing when none has
(`filters/imagetag` of kustomize). A new tag in such an entry deploys nothing, and the release that it was written for
never happens: mostly the base has another registry in front of the name, or the image was renamed.

The name is looked for in every file, patch and kustomization that comes into the one with the entry; into a Component,
in all that use it.
Exempt: names that are patterns; kustomizations into which something comes that is not in this repository, or by a
plugin or a chart; Components that nothing uses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

from gitopsmith.finding import Severity
from gitopsmith.kustomization import Layer
from gitopsmith.manifest import items, text
from gitopsmith.policy import Remedy, Violation, removal
from gitopsmith.secrets import is_filled_in_later

SEVERITY = Severity.WARNING
TAG = re.compile(r"(:[a-zA-Z0-9_.{}-]*)?(@[a-zA-Z0-9.+_-]+:[a-zA-Z0-9_.{}-]*)?")
PATTERN = re.compile(r"[^\w./:@-]")


def check_layer(layer: Layer) -> Iterator[Violation]:
    for route, item in items(layer.kustomization.body, layer.kustomization.key("images") or ""):
        name = text(item, "name")
        is_plain = not PATTERN.search(name) and not is_filled_in_later(name)
        if layer.complete and name and is_plain and not _is_there(name, layer.texts):
            near = _nearest(name, layer.texts)
            meant = f"; write {near!r}, which is there" if near else "; write the name as the base has it"
            message = f"images names {name!r}, and no image that comes in here has that name{meant}"
            yield Violation((*route, "name"), message)


def _is_there(name: str, texts: frozenset[str]) -> bool:
    return any(value.startswith(name) and TAG.fullmatch(value, len(name)) for value in texts)


def _nearest(name: str, texts: frozenset[str]) -> str:
    """Returns an image whose last part is the one of the name, or nearly."""
    last = name.rpartition("/")[2]
    images = {value.partition("@")[0].rpartition(":")[0] for value in texts if re.search(r"/.*:[\w.-]+(@|\Z)", value)}
    lasts = {image.rpartition("/")[2]: image for image in sorted(images, reverse=True) if "://" not in image}
    found = get_close_matches(last, lasts, n=1, cutoff=0.85) if last else []
    return lasts[found[0]] if found else ""


def fix(layer: Layer, violation: Violation) -> Remedy | None:
    """Takes an entry away that changes no image, where none near it could be meant."""
    near = _nearest(text(layer.kustomization.body, *violation.route), layer.texts)
    return removal(layer.kustomization.body, violation.route[:-1]) if not near else None


GOOD = [
    "kustomize-overrides-matched",
    """\
configMapGenerator:
  - name: web
    literals:
      - image=registry.example.com/web:1.4.2
images:
  - name: registry.example.com/${NAME}
    newTag: 1.4.3
""",
]
BAD = [
    "kustomize-image-unmatched",
    """\
configMapGenerator:
  - name: web
    literals:
      - colour=blue
images:
  - name: registry.example.com/web  # <- here
    newTag: 1.4.3
""",
]
FIXED = [
    (
        """\
configMapGenerator:
  - name: web
    literals:
      - colour=blue
images:
  - name: registry.example.com/web
    newTag: 1.4.3
""",
        """\
configMapGenerator:
  - name: web
    literals:
      - colour=blue
""",
    ),
]
