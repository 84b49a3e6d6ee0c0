"""An Application holds no credential.

A password in `repoURL`, a Helm parameter or an inline value stands in git in plain text, and everybody who may read
the Application in Argo CD sees it, since only the data of Secrets is masked (`gitops-engine/pkg/diff/diff.go`). Give
the repository's credentials to Argo CD as a Secret with the label `argocd.argoproj.io/secret-type`, and the chart's
as the name of a Secret.

Looked at: every text for a private key, a token as its vendor makes them and a URL with a password, which are errors;
and in Helm's `parameters`, `values` and `valuesObject` and in a plugin's variables and parameters random values under
a name such as `password`, where only the name and the shape tell, which are warnings.
Exempt: placeholders, default passwords, paths, and the names of Secrets.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import secrets
from gitopsmith.application import Application, Source
from gitopsmith.documents import load
from gitopsmith.finding import Route, Severity
from gitopsmith.manifest import mapping, pointer, text
from gitopsmith.policy import Violation
from gitopsmith.secrets import Credential

SEVERITY = Severity.ERROR
NAMED = (("helm", "parameters"), ("helm", "valuesObject"), ("plugin", "env"), ("plugin", "parameters"))


def check_application(application: Application) -> Iterator[Violation]:
    found: dict[Route, Credential] = {}
    for source in application.sources:
        found.update(_named(source))
    for route, what in secrets.certain_fields(application.body):
        found[route] = Credential(what, certain=True)
    for route, credential in found.items():
        message = f"{pointer(application.body, route)} holds {credential.what} in plain text"
        hint = "replace it, and read the new one from a Secret"
        yield Violation(route, f"{message}; {hint}", severity=credential.severity)


def _named(source: Source) -> Iterator[tuple[Route, Credential]]:
    for block, field in NAMED:
        for route, name, value in secrets.named(mapping(source.body, block).get(field)):
            if found := secrets.credential(name, value):
                yield (*source.route, block, field, *route), found
    values = text(source.body, "helm", "values")
    if found := _values(values):
        yield (*source.route, "helm", "values"), found


def _values(values: str) -> Credential | None:
    """Returns the worst of what inline values hold; they are one text, and so one finding."""
    found = [(name, secrets.credential(name, value)) for _, name, value in secrets.named(load(values))]
    named = [Credential(f"{one.what} under {name!r}", one.certain) for name, one in found if one]
    return max(named, key=lambda one: one.certain, default=None) or secrets.credential("", values)


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
