"""Every host of an Ingress is served over TLS.

A host without an entry in `tls` is served over plain HTTP, where whoever is on the way reads passwords and cookies.

Exempt: hosts that another Ingress of the build serves over TLS, so that this one may redirect; Ingresses whose
annotations give them a certificate otherwise (AWS, GKE, OpenShift, Tailscale), or that redirect; rules without a
host; hosts inside of the cluster or of a home network (`.local`, `.internal`, `.lan`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, items, sequence, text
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
PROFILE = "production"
SIBLINGS = True
KINDS = frozenset({"Ingress.networking.k8s.io"})
INSIDE = re.compile(r".*\.(local|localhost|internal|lan|test|home\.arpa)|localhost|[^.]*")
OTHERWISE = re.compile(r"certificate|ssl|tls|tailscale|https", re.IGNORECASE)


def check_resource(resource: Resource) -> Iterator[Violation]:
    entries = [item for _, item in items(resource.body, "spec", "tls")]
    alike = [each for each in resource.siblings if each.group_kind == resource.group_kind]
    served = {host for each in (resource, *alike) for host in _hosts(each)}
    if any(OTHERWISE.search(str(name)) for name in resource.annotations) or any(not e.get("hosts") for e in entries):
        return
    for route, rule in items(resource.body, "spec", "rules"):
        host = text(rule, "host")
        wildcard = "*." + host.partition(".")[2]
        if host and not INSIDE.fullmatch(host) and host not in served and wildcard not in served:
            yield Violation((*route, "host"), f"host {host!r} is served without TLS; name it under spec.tls")


def _hosts(resource: Resource) -> Iterator[str]:
    """Yields the hosts that an Ingress serves over TLS."""
    for _, entry in items(resource.body, "spec", "tls"):
        yield from (host for host in sequence(entry, "hosts") if isinstance(host, str))


GOOD = [
    """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
spec:
  tls:
    - hosts: ["*.example.com"]
      secretName: web-tls
  rules:
    - host: web.example.com
    - host: web.local
"""
]
BAD = [
    """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
spec:
  rules:
    - host: web.example.com  # <- here
"""
]
