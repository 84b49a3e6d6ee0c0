"""Ingresses bring no configuration of nginx along.

A snippet annotation is pasted into the configuration of the one nginx that all Ingresses share: whoever writes an
Ingress reads the Secrets of every namespace with it (CVE-2021-25742). ingress-nginx refuses such an Ingress unless its
administrator allows snippets (`allow-snippet-annotations`, off since 1.9), and `annotations-risk-level` permits them.

Exempt: empty snippets.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
KINDS = frozenset({"Ingress.networking.k8s.io", "Ingress.extensions"})
PROFILE = "production"
PREFIX = "nginx.ingress.kubernetes.io/"
SNIPPETS = ("auth-snippet", "configuration-snippet", "modsecurity-snippet", "server-snippet", "stream-snippet")


def check_resource(resource: Resource) -> Iterator[Violation]:
    for name in SNIPPETS:
        if resource.annotations.get(PREFIX + name):
            message = f"{name} reaches the configuration of every Ingress; use the annotation for what it does"
            yield Violation(("metadata", "annotations", PREFIX + name), message)


GOOD = [
    """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  annotations:
    nginx.ingress.kubernetes.io/ssl-redirect: "true"
spec:
  defaultBackend:
    service:
      name: web
      port:
        number: 80
"""
]
BAD = [
    """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  annotations:
    nginx.ingress.kubernetes.io/configuration-snippet: |  # <- here
      more_set_headers "X-Frame-Options: DENY";
spec:
  defaultBackend:
    service:
      name: web
      port:
        number: 80
"""
]
