"""Argo CD knows the sync options of an Application.

Options are compared as text, with their case (`gitops-engine/pkg/sync/common/types.go`, `controller/sync.go`): one
that is misspelt, or that has another value than Argo CD looks for, does nothing and nobody is told. So does `Force`,
which is only read in the annotation of an object.

Exempt: nothing. Options in the annotation of a single object are the rule `resource-sync-option-unknown`.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import argocd
from gitopsmith.application import Application
from gitopsmith.finding import Edit, Severity
from gitopsmith.manifest import get, sequence
from gitopsmith.policy import Remedy, Violation

SEVERITY = Severity.WARNING
ROUTE = ("spec", "syncPolicy", "syncOptions")


def check_application(application: Application) -> Iterator[Violation]:
    for index, option in enumerate(sequence(application.body, *ROUTE)):
        wrong = argocd.unknown_sync_option(option) if isinstance(option, str) else ""
        if not wrong and isinstance(option, str) and option.partition("=")[0] in argocd.OBJECT_OPTIONS:
            wrong = f"sync option {option!r} does nothing here; write it into the annotation of the objects"
        if wrong:
            yield Violation((*ROUTE, index), wrong)


def fix(application: Application, violation: Violation) -> Remedy | None:
    """Writes the option whose case alone is another one."""
    meant = argocd.meant_sync_option(str(get(application.body, *violation.route)))
    return Remedy(f"write {meant!r}", (Edit("put", violation.route, meant),)) if meant else None


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
      - CreateNamespace=true
      - PrunePropagationPolicy=foreground
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
      - createNamespace=true  # <- here
      - SkipHealthCheck=true  # <- here
      - Replace=yes  # <- here
""",
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
      - Force=true  # <- here
""",
]
FIXED = [
    (
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
      - createNamespace=True
""",
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
      - CreateNamespace=true
""",
    ),
]
