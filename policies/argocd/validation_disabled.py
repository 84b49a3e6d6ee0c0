"""Manifests of an Application are validated when they are applied.

With `Validate=false` among its sync options Argo CD applies as `kubectl apply --validate=false` does
(`controller/sync.go`): a field that is misspelt or stands in the wrong place is dropped, the sync succeeds, and what
the field was to do never happens.

Exempt: the option in the annotation of a single object, which is how a kind that needs it is left out.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.application import Application
from gitopsmith.finding import Severity
from gitopsmith.manifest import sequence
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
PROFILE = "production"
ROUTE = ("spec", "syncPolicy", "syncOptions")


def check_application(application: Application) -> Iterator[Violation]:
    for index, option in enumerate(sequence(application.body, *ROUTE)):
        if option == "Validate=false":
            message = "misspelt fields of every object are dropped unseen; annotate only the objects that need it"
            yield Violation((*ROUTE, index), message)


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
  syncPolicy:
    syncOptions:
      - Validate=true
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
    targetRevision: 1.2.3
  destination:
    name: production
  syncPolicy:
    syncOptions:
      - Validate=false  # <- here
"""
]
