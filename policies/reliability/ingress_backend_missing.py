"""An Ingress sends to a Service that is there, and to a port that it has.

Where the Service is missing, or has no such port, controllers answer 503 to everybody, and to Argo CD all is well.
A port that the Service of the same build does not have can never work, which is an error. A Service that is not in the
build, where one with nearly its name is, is a warning: another Application may deploy it into the namespace.

Exempt: backends that are a `resource`; Services with another name than any of the build; names under which a controller
takes something other than a Service, such as the actions of AWS (`use-annotation`).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

from gitopsmith.finding import Route, Severity
from gitopsmith.manifest import Resource, items, mapping, text
from gitopsmith.policy import Violation

SEVERITY = Severity.ERROR
SIBLINGS = True
KINDS = frozenset({"Ingress.networking.k8s.io"})
ANNOTATED = "use-annotation"
NEAR = 0.7


def check_resource(resource: Resource) -> Iterator[Violation]:
    services = {
        each.name: each
        for each in resource.siblings
        if each.group_kind == "Service" and each.namespace == resource.namespace
    }
    for route, backend in _backends(resource) if services else ():
        name, port = text(backend, "name"), mapping(backend, "port")
        if port.get("name") == ANNOTATED or not name:
            continue
        near = difflib.get_close_matches(name, services, n=1, cutoff=NEAR)
        if name not in services and near:
            message = f"no Service {name!r} comes with this Ingress; write {near[0]!r}, which does"
            yield Violation((*route, "name"), message, severity=Severity.WARNING)
        elif (
            name in services and services[name].get("spec", "type") != "ExternalName" and not _has(services[name], port)
        ):
            wanted = port.get("name") or port.get("number")
            ports = ", ".join(_ports(services[name]))
            yield Violation(
                (*route, "port"), f"Service {name!r} has no port {wanted}, it has {ports}; write one of these"
            )


def _backends(resource: Resource) -> Iterator[tuple[Route, dict[str, Any]]]:
    default: Route = ("spec", "defaultBackend", "service")
    if mapping(resource.body, *default):
        yield default, mapping(resource.body, *default)
    for rule, _ in items(resource.body, "spec", "rules"):
        for path, item in items(resource.body, *rule, "http", "paths"):
            if mapping(item, "backend", "service"):
                yield (*path, "backend", "service"), mapping(item, "backend", "service")


def _has(service: Resource, port: dict[str, Any]) -> bool:
    """Tells whether a Service has a port; where it or the backend names none, there is nothing to tell."""
    ports = [item for _, item in items(service.body, "spec", "ports")]
    wanted = port.get("name") or port.get("number")
    return not ports or not wanted or any(wanted in (item.get("name"), item.get("port")) for item in ports)


def _ports(service: Resource) -> list[str]:
    return [
        f"{item.get('port')} ({item['name']})" if item.get("name") else str(item.get("port"))
        for _, item in items(service.body, "spec", "ports")
    ]


SERVICE = """\
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
    - name: http
      port: 80
"""
GOOD = [
    """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
spec:
  defaultBackend:
    service:
      name: web
      port:
        number: 80
  rules:
    - http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: web
                port:
                  name: http
          - path: /away
            pathType: Prefix
            backend:
              service:
                name: redirect
                port:
                  name: use-annotation
"""
    + SERVICE
]
BAD = [
    """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
spec:
  rules:
    - http:
        paths:
          - path: /
            pathType: Prefix
            backend:
              service:
                name: web
                port:  # <- here
                  number: 8080
          - path: /api
            pathType: Prefix
            backend:
              service:
                name: webs  # <- here
                port:
                  number: 80
"""
    + SERVICE
]
