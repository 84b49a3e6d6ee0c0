"""A source that gives nothing does not delete everything.

With `automated: {prune: true}` Argo CD refuses to sync when a source renders no object at all, since that is what a
mistake in a path or a pattern looks like (`autoSync` in `controller/appcontroller.go`). `allowEmpty: true` takes this
brake away: one commit that empties a folder deletes all that the Application has deployed, volumes included.

Exempt: Applications that do not prune by themselves, and those of which nothing says that they keep data or serve
anybody: their namespace, name or project has `preview`, `ephemeral` or `sandbox` in it, or `pr-` and a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitopsmith.application import Application
from gitopsmith.finding import Edit, Severity
from gitopsmith.manifest import get, text
from gitopsmith.policy import Remedy, Violation

SEVERITY = Severity.WARNING
PROFILE = "production"
ROUTE = ("spec", "syncPolicy", "automated", "allowEmpty")
PASSING = re.compile(r"preview|ephemeral|sandbox|\bpr-?(\d|\{\{)", re.IGNORECASE)


def check_application(application: Application) -> Iterator[Violation]:
    names = (application.name, application.project, text(application.destination, "namespace"))
    if application.prunes and get(application.body, *ROUTE) is True and not any(map(PASSING.search, names)):
        yield Violation(ROUTE, "a source that renders nothing deletes all that was deployed; remove allowEmpty")


def fix(_application: Application, violation: Violation) -> Remedy:
    """Takes the field away."""
    return Remedy("remove allowEmpty", (Edit("remove", violation.route),))


GOOD = [
    """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web-preview
spec:
  project: shop
  source:
    repoURL: https://charts.example.com
    chart: web
    targetRevision: 1.2.3
  destination:
    name: staging
  syncPolicy:
    automated:
      prune: true
      allowEmpty: true
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
    automated:
      allowEmpty: true
""",
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
    automated:
      prune: true
      allowEmpty: true  # <- here
"""
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
    automated:
      prune: true
      allowEmpty: true
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
    automated:
      prune: true
""",
    ),
]
