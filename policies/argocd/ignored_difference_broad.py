"""What `ignoreDifferences` leaves out of the comparison is less than an object.

An entry whose pointer is a whole `spec`, `data` or `metadata` tells Argo CD that nothing important of the object is
compared: changes by hand stay unseen for ever, and with `RespectIgnoreDifferences=true` those in git are not applied
any more (https://argo-cd.readthedocs.io/en/stable/user-guide/diffing/).

Exempt: entries for one object by its name; `status`, and `data` of Secrets, which something else fills.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.application import Application
from gitopsmith.finding import Severity
from gitopsmith.manifest import items, sequence, text
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
PROFILE = "production"
WHOLE = frozenset({"", "/", ".", "/spec", ".spec", "/metadata", ".metadata", "/data", ".data"})


def check_application(application: Application) -> Iterator[Violation]:
    for route, entry in items(application.body, "spec", "ignoreDifferences"):
        kind = text(entry, "kind")
        for name in ("jsonPointers", "jqPathExpressions") if not text(entry, "name") else ():
            for index, field in enumerate(sequence(entry, name)):
                if str(field) in WHOLE and not (kind == "Secret" and str(field).endswith("data")):
                    message = f"{field!r} is nearly all of every {kind}; name the fields that something else sets"
                    yield Violation((*route, name, index), message)


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
  ignoreDifferences:
    - group: apps
      kind: Deployment
      jsonPointers:
        - /spec/replicas
    - kind: Secret
      jsonPointers:
        - /data
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
  ignoreDifferences:
    - group: apps
      kind: Deployment
      jsonPointers:
        - /spec  # <- here
    - group: "*"
      kind: "*"
      jqPathExpressions:
        - .metadata  # <- here
"""
]
