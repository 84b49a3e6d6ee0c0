"""The destination of an Application names one cluster, by server or by name.

With both, Argo CD refuses it: `application destination can't have both name and server defined`; with neither it
answers `Destination server missing from app spec` (`GetDestinationServer` in `util/argo/argo.go`).

Exempt: Applications whose destination is to be filled in.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.application import Application
from gitopsmith.finding import Severity
from gitopsmith.manifest import get, text
from gitopsmith.policy import Violation

SEVERITY = Severity.ERROR
PROFILE = "minimal"
ROUTE = ("spec", "destination")


def check_application(application: Application) -> Iterator[Violation]:
    if not isinstance(get(application.body, *ROUTE), dict):
        return  # the schema says so
    server, name = text(application.destination, "server"), text(application.destination, "name")
    if server and name:
        message = f"the destination has server {server!r} and name {name!r}, which Argo CD refuses; keep one of the two"
        yield Violation((*ROUTE, "name"), message)
    elif not server and not name:
        yield Violation(ROUTE, "the destination names no cluster; write server or name, such as name: in-cluster")


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
    server: https://kubernetes.default.svc
    namespace: web
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
    server: https://kubernetes.default.svc
    name: in-cluster  # <- here
    namespace: web
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
  destination:  # <- here
    namespace: web
""",
]
