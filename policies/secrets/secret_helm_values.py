"""The values of an inflated chart hold no credential.

What `helmCharts` gives a chart in `valuesInline` or in a values file stands in git in plain text; name a Secret that
the chart is to read instead (https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/helmcharts/).

Looked at: every text for a private key, a token as its vendor makes them and a URL with a password, which are errors;
and random values under a name such as `password`, where only the name and the shape tell, which are warnings.
Exempt: placeholders, default passwords, paths, the names of Secrets, and what SOPS encrypted. The values of an
Application are the rule `application-secret`.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import secrets
from gitopsmith.finding import Severity
from gitopsmith.kustomization import Kustomization
from gitopsmith.manifest import get, items, pointer
from gitopsmith.policy import Violation

SEVERITY = Severity.ERROR
CHARTS = ("helmCharts", "helmChartInflationGenerator")
HINT = "replace it, and have the chart read the new one from a Secret"


def check_kustomization(kustomization: Kustomization) -> Iterator[Violation]:
    for reference, content in kustomization.contents.items():
        if (
            reference.field in CHARTS
            and "ENC[AES256_GCM," not in content
            and (found := secrets.credential("", content))
        ):
            message = f"values file {reference.text!r} holds {found.what} in plain text"
            yield Violation(reference.route, f"{message}; {HINT}", severity=found.severity)
    for field in CHARTS:
        key = kustomization.key(field)
        for route, _ in items(kustomization.body, key) if key else ():
            yield from _inline(kustomization, (*route, "valuesInline"))


def _inline(kustomization: Kustomization, route: tuple[str | int, ...]) -> Iterator[Violation]:
    for below, name, value in secrets.named(get(kustomization.body, *route)):
        if found := secrets.credential(name, value):
            message = f"{pointer(kustomization.body, (*route, *below))} holds {found.what} in plain text"
            yield Violation((*route, *below), f"{message}; {HINT}", severity=found.severity)


GOOD = [
    """\
helmCharts:
  - name: web
    repo: https://charts.example.com
    version: 1.2.3
    valuesInline:
      auth:
        existingSecret: web-login
        password: ${PASSWORD}
"""
]
BAD = [
    """\
helmCharts:
  - name: web
    repo: https://charts.example.com
    version: 1.2.3
    valuesInline:
      auth:
        password: kD8vq2LxT0mZ  # <- here
"""
]
