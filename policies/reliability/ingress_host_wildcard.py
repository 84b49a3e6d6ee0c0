"""An Ingress answers for the hosts that it names.

A rule without a host, and one for `*`, takes every request that no other rule takes, those meant for somebody else's
host too; a wildcard like `*.example.com` takes every name below. Who may make such an Ingress can answer for
applications that are not theirs.

In the profile for production.
Exempt: an Ingress with nothing but a default backend; what stands in the namespace of the ingress controller itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, items
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
PROFILE = "production"
KINDS = frozenset({"Ingress.networking.k8s.io", "Ingress.extensions"})


def check_resource(resource: Resource) -> Iterator[Violation]:
    if "ingress" in resource.namespace:
        return
    for route, rule in items(resource.body, "spec", "rules"):
        host = rule.get("host")
        if not host:
            yield Violation(route, "this rule answers for every host that no other Ingress names; name its host")
        elif str(host).startswith("*"):
            message = f"host {host!r} answers for every name below it, other applications' too; name the hosts"
            yield Violation((*route, "host"), message)


INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
spec:
  rules:
{rule}      http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: web
                port:
                  number: 80
"""
GOOD = [INGRESS.format(rule="    - host: shop.example.com\n")]
BAD = [
    INGRESS.format(rule='    - host: "*.example.com"  # <- here\n'),
    INGRESS.replace("{rule}      http:", "    - http:  # <- here"),
]
