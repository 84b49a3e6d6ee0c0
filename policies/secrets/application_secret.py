"""An Application holds no credential.

A password in `repoURL`, a Helm parameter or an inline value stands in git in plain text, and everybody who may read the
Application in Argo CD sees it, since only the data of Secrets is masked (`gitops-engine/pkg/diff/diff.go`). Give the
repository's credentials to Argo CD as a Secret with the label `argocd.argoproj.io/secret-type`, and the chart's as the
name of a Secret.

Looked at: every text for a private key, a token with a vendor's prefix and a URL with a password; and in Helm's
`parameters`, `values` and `valuesObject` random values under a name such as `password`.
Exempt: placeholders, default passwords, paths, and the names of Secrets.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitopsmith import secrets
from gitopsmith.application import Application, Source
from gitopsmith.documents import load
from gitopsmith.finding import Route, Severity
from gitopsmith.manifest import get, mapping, pointer, scalars, text
from gitopsmith.policy import Violation

SEVERITY = Severity.ERROR


def check_application(application: Application) -> Iterator[Violation]:
    found: dict[Route, str] = {}
    for source in application.sources:
        found.update(_helm(source))
    found.update(secrets.certain_fields(application.body))
    for route, what in found.items():
        message = f"{pointer(application.body, route)} holds {what} in plain text"
        yield Violation(route, f"{message}; replace it, and read the new one from a Secret")


def _helm(source: Source) -> Iterator[tuple[Route, str]]:
    helm = mapping(source.body, "helm")
    for field in ("parameters", "valuesObject"):
        for route, name, value in _named(helm.get(field)):
            if what := secrets.credential(name, value):
                yield (*source.route, "helm", field, *route), what
    for _, name, value in _named(load(text(helm, "values"))):
        if what := secrets.credential(name, value):
            yield (*source.route, "helm", "values"), f"{what} under {name!r}"


def _named(body: Any) -> Iterator[tuple[Route, str, str]]:
    """Yields each text with its route and its name: its key, or what stands beside it as ``name``."""
    for route, value in scalars(body):
        if isinstance(value, str) and route:
            beside = get(body, *route[:-1], "name") if route[-1] == "value" else None
            yield route, str(beside or route[-1]), value


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
    helm:
      parameters:
        - name: auth.existingSecret
          value: web-login
      valuesObject:
        database:
          passwordSecret: web-database
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
  sources:
    - repoURL: https://bot:kD8vq2LxT0mZ@git.example.com/vendor/web.git  # <- here
      targetRevision: v1.2.3
      path: deploy
    - repoURL: https://charts.example.com
      chart: web
      targetRevision: 1.2.3
      helm:
        parameters:
          - name: auth.password
            value: kD8vq2LxT0mZ  # <- here
        values: |  # <- here
          database:
            password: kD8vq2LxT0mZ
  destination:
    name: production
"""
]
