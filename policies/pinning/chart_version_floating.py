"""A Helm chart is asked for in one version.

`targetRevision` of a chart may be a range (`1.x`, `^2.0`, `*`): Argo CD then takes the newest version that fits,
whenever the repository has one (docs/user-guide/tracking_strategies.md), so an upgrade arrives without a commit and a
rollback through git does nothing. Without any version Argo CD refuses the Application (`util/argo/argo.go`).

Exempt: a version that is complete or that stands for itself, such as `1.2`.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import argocd
from gitopsmith.application import Application
from gitopsmith.finding import Severity
from gitopsmith.policy import Violation

SEVERITY = Severity.ERROR


def check_application(application: Application) -> Iterator[Violation]:
    for source in application.sources:
        if source.type == "chart" and argocd.is_range(source.target_revision):
            wanted = f"in any version {source.target_revision!r}" if source.target_revision else "without a version"
            yield Violation(
                (*source.route, "targetRevision" if "targetRevision" in source.body else "chart"),
                f"chart {source.chart!r} is asked for {wanted}; write one version as targetRevision",
            )


GOOD = [
    """\
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
]
BAD = [
    """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web
spec:
  project: shop
  source:
    repoURL: https://charts.example.com
    chart: web
    targetRevision: 1.x  # <- here
  destination:
    name: production
"""
]
