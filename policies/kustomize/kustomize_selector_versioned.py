"""What changes with a release is no part of a selector.

`commonLabels`, and `labels` with `includeSelectors: true`, write their labels into the selectors of workloads too, and
a Deployment's, StatefulSet's or DaemonSet's selector can never change (`field is immutable`). With a version in it, the
next release cannot be applied: the sync fails until somebody deletes the workload.

Exempt: labels whose names say nothing of a version; `labels` that leave selectors alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gitopsmith.finding import Route, Severity
from gitopsmith.kustomization import Kustomization
from gitopsmith.manifest import items, mapping
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
CHANGING = re.compile(
    r"(.*[/.-])?(version|chart|revision|commit|sha|git-?(sha|commit|hash)|build(-?(id|number|date))?|tag|image-?tag|"
    r"release-?(version|date)|date|timestamp)",
    re.IGNORECASE,
)
STABLE = re.compile(r"v\d{1,2}")
"""A generation of the software, such as v1, which is a part of its name."""


def check_kustomization(kustomization: Kustomization) -> Iterator[Violation]:
    for route, labels in _in_selectors(kustomization):
        for name, value in labels.items():
            if CHANGING.fullmatch(str(name)) and not STABLE.fullmatch(str(value)):
                message = (
                    f"label {name!r} gets into selectors, which cannot change with the next release; "
                    "write it under labels, without includeSelectors"
                )
                yield Violation((*route, name), message)


def _in_selectors(kustomization: Kustomization) -> Iterator[tuple[Route, dict[str, Any]]]:
    common = kustomization.key("commonLabels")
    if common is not None:
        yield (common,), mapping(kustomization.body, common)
    key = kustomization.key("labels")
    for route, entry in items(kustomization.body, key) if key is not None else ():
        if entry.get("includeSelectors") is True:
            yield (*route, "pairs"), mapping(entry, "pairs")


GOOD = [
    """\
labels:
  - pairs:
      app.kubernetes.io/version: 1.4.2
    includeTemplates: true
  - pairs:
      app.kubernetes.io/part-of: shop
      version: v1
    includeSelectors: true
configMapGenerator:
  - name: web
    literals:
      - COLOUR=blue
"""
]
BAD = [
    """\
labels:
  - pairs:
      app.kubernetes.io/version: 1.4.2  # <- here
    includeSelectors: true
commonLabels:
  team: shop
  git-sha: 0f9c2d1  # <- here
configMapGenerator:
  - name: web
    literals:
      - COLOUR=blue
"""
]
