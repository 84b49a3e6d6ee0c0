"""A project is applied before the Applications that belong to it.

An Application whose project is not there is refused (`application references project shop which does not exist`), and
a root that applies Applications in an earlier wave than their project waits for what cannot get healthy before it. At
the end of a cluster's life it is the other way round: Argo CD deletes in the reverse order, and a project that goes
first leaves Applications that nothing can delete any more (https://github.com/argoproj/argo-cd/issues/4369).

Looked at are a project and Applications that one build renders. In the same wave it settles by itself.
Exempt: projects that come from elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitopsmith import argocd
from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, text
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
SIBLINGS = True
KINDS = frozenset({"AppProject.argoproj.io"})


def check_resource(resource: Resource) -> Iterator[Violation]:
    own = _wave(resource)
    earlier = [
        one
        for one in resource.siblings
        if one.group_kind == "Application.argoproj.io"
        and text(one.body, "spec", "project") == resource.name
        and _wave(one) < own
    ]
    if earlier:
        first = min(earlier, key=lambda one: one.name)
        more = f" and {len(earlier) - 1} more" if len(earlier) > 1 else ""
        message = (
            f"project {resource.name!r} comes in wave {own}, and its Application {first.name!r}{more} in wave "
            f"{_wave(first)}; give the project the earlier one"
        )
        yield Violation(("metadata", "annotations", argocd.SYNC_WAVE_ANNOTATION), message)


def _wave(resource: Resource) -> int:
    written = str(resource.annotations.get(argocd.SYNC_WAVE_ANNOTATION, "0"))
    return int(written) if re.fullmatch(r"[+-]?[0-9]{1,9}", written) else 0


BOTH = """\
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata:
  name: shop
  annotations:
    argocd.argoproj.io/sync-wave: "{wave}"{mark}
spec:
  sourceRepos: []
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web
spec:
  project: shop
  source:
    repoURL: https://charts.example.com
    chart: web
    targetRevision: 1.2.3
  destination:
    name: production
"""
GOOD = [BOTH.format(wave="-1", mark=""), BOTH.format(wave="0", mark="")]
BAD = [BOTH.format(wave="1", mark="  # <- here")]
