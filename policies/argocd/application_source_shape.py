"""The source of an Application is one that Argo CD can read.

Argo CD refuses the Application with `InvalidSpecError` when a source has no `repoURL`, or neither `path` nor `chart`
(in `sources` a `ref` will do), and with `multiple application sources defined` when it has the options of two tools
(`util/argo/argo.go`, `ExplicitType` in `pkg/apis/application/v1alpha1/types.go`). An absolute path is refused as well
(`util/app/path/path.go`).

A warning instead: `source` beside `sources`, of which Argo CD reads `sources` alone; `path` beside `chart`, which is
not read.
Exempt: Applications with a `sourceHydrator`; option blocks that say nothing, such as `directory: {recurse: false}`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitopsmith.application import Application, Source
from gitopsmith.finding import Severity
from gitopsmith.manifest import get, mapping, scalars, text
from gitopsmith.policy import Violation

SEVERITY = Severity.ERROR
PROFILE = "minimal"
TOOLS = ("kustomize", "helm", "directory", "plugin")


def check_application(application: Application) -> Iterator[Violation]:
    spec = mapping(application.body, "spec")
    if get(spec, "sourceHydrator"):
        return
    if not application.sources:
        yield Violation(("spec",), "there is no source; write spec.source with repoURL and path, or spec.sources")
    elif spec.get("sources") and spec.get("source"):
        message = "Argo CD reads sources and leaves source unread; keep one of the two"
        yield Violation(("spec", "source"), message, severity=Severity.WARNING)
    for source in application.sources:
        yield from _source(source)


def _source(source: Source) -> Iterator[Violation]:
    several = "sources" in source.route
    reference = several and bool(text(source.body, "ref"))
    if not source.repo_url:
        yield Violation(source.route, "the source has no repoURL; write the URL of its repository")
    elif not source.path and not source.chart and not reference:
        choice = "path, chart or ref" if several else "path or chart"
        yield Violation(source.route, f"the source says not what to deploy; write {choice}")
    elif source.chart and source.path:
        message = f"path {source.path!r} is not read, since the source has a chart; remove one of the two"
        yield Violation((*source.route, "path"), message, severity=Severity.WARNING)
    elif source.path.startswith("/"):
        message = f"path {source.path!r} is absolute, which Argo CD refuses; write {source.path.strip('/')!r}"
        yield Violation((*source.route, "path"), message)
    used = [tool for tool in TOOLS if _says_something(source.body.get(tool))]
    if len(used) > 1:
        yield Violation(
            (*source.route, used[1]), f"the source has options for {' and '.join(used)}; keep those of one tool"
        )


def _says_something(options: Any) -> bool:
    return any(value not in (None, False, "") for _, value in scalars(options))


GOOD = [
    """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web
spec:
  project: shop
  sources:
    - repoURL: https://charts.example.com
      chart: web
      targetRevision: 1.2.3
      helm:
        valueFiles:
          - $values/web/values.yaml
    - repoURL: https://git.example.com/team/values.git
      targetRevision: v1.0.0
      ref: values
  destination:
    name: production
"""
]
BAD = [
    """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web
spec:
  project: shop
  source:  # <- here
    repoURL: https://git.example.com/team/other.git
    targetRevision: v1.0.0
  destination:
    name: production
""",
    """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web
spec:
  project: shop
  source:
    repoURL: https://git.example.com/team/other.git
    targetRevision: v1.0.0
    path: web
    kustomize:
      namePrefix: a-
    helm:  # <- here
      releaseName: web
  destination:
    name: production
""",
]
