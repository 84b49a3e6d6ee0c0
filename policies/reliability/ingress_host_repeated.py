"""One host and path is answered by one Ingress.

Two Ingresses of one class that claim the same host and path leave it to the controller which of them wins: the
admission webhook of ingress-nginx refuses the second (`host "web.example.com" and path "/" is already defined in
ingress`), others take the older one. Looked at among the objects of one build.

Exempt: canaries of ingress-nginx, groups of AWS and whatever has annotations of Traefik, where one Ingress may be for
HTTP and one for HTTPS: they share a host on purpose; hosts that are to be filled in; rules without a host.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Route, Severity
from gitopsmith.manifest import Resource, items, text
from gitopsmith.policy import Violation
from gitopsmith.secrets import is_filled_in_later

SEVERITY = Severity.WARNING
SIBLINGS = True
KINDS = frozenset({"Ingress.networking.k8s.io"})
SHARED = ("nginx.ingress.kubernetes.io/canary", "alb.ingress.kubernetes.io/group.name", "traefik.")


def check_resource(resource: Resource) -> Iterator[Violation]:
    before = [each for each in _ingresses(resource) if each.object < resource.object]
    for route, host, path in _claims(resource) if before else ():
        other = next((each for each in before if any(claim[1:] == (host, path) for claim in _claims(each))), None)
        if other is not None:
            message = f"Ingress {other.name!r} answers host {host!r} at path {path!r} too; leave it to one of them"
            yield Violation(route, message)


def _ingresses(resource: Resource) -> Iterator[Resource]:
    """Yields the Ingresses of the same build and class that do not share their hosts on purpose."""
    if _shares(resource):
        return
    for each in resource.siblings:
        alike = each.group_kind == resource.group_kind and _class(each) == _class(resource)
        if alike and not _shares(each):
            yield each


def _shares(resource: Resource) -> bool:
    return any(str(name).startswith(SHARED) for name in resource.annotations)


def _class(resource: Resource) -> str:
    return text(resource.body, "spec", "ingressClassName") or str(
        resource.annotations.get("kubernetes.io/ingress.class", "")
    )


def _claims(resource: Resource) -> Iterator[tuple[Route, str, str]]:
    for rule, item in items(resource.body, "spec", "rules"):
        host = text(item, "host")
        for path, one in items(resource.body, *rule, "http", "paths") if host and not is_filled_in_later(host) else ():
            yield path, host, text(one, "path") or "/"


def _example(name: str, path: str, mark: str = "") -> str:
    return f"""\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {name}
spec:
  rules:
    - host: web.example.com
      http:
        paths:
          - path: {path}{mark}
            pathType: Prefix
            backend:
              service:
                name: web
                port:
                  number: 80
"""


GOOD = [_example("web", "/") + "---\n" + _example("api", "/api")]
BAD = [_example("web", "/", "  # <- here") + "---\n" + _example("api", "/")]
