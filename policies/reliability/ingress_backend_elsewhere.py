"""The Service that an Ingress sends to is deployed with the Ingress.

Where the two come from different places, one of them can be renamed or deleted without the other, and everybody gets a
503 while Argo CD finds all of it healthy. An opinion: in some repositories one Application has the Ingresses of all.

Exempt: builds with custom resources, whose operators may make the Service; backends that are a `resource`; names under
which a controller takes something other than a Service (`use-annotation`). A Service that is there without the port, or
with nearly the name, is the rule `ingress-backend-missing`.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, items, mapping, text
from gitopsmith.policy import OFF, Violation
from gitopsmith.workload import has_operators

SEVERITY = Severity.INFO
SIBLINGS = True
KINDS = frozenset({"Ingress.networking.k8s.io"})
PROFILE = OFF
ANNOTATED = "use-annotation"


def check_resource(resource: Resource) -> Iterator[Violation]:
    if has_operators(resource):
        return
    there = {each.name for each in resource.siblings if each.group_kind == "Service" and _beside(each, resource)}
    default = ("spec", "defaultBackend")
    paths = [
        (*path, "backend")
        for rule, _ in items(resource.body, "spec", "rules")
        for path, _ in items(resource.body, *rule, "http", "paths")
    ]
    for route in (default, *paths):
        service = mapping(resource.body, *route, "service")
        name = text(service, "name")
        if name and name not in there and text(service, "port", "name") != ANNOTATED:
            message = f"Service {name!r} does not come with Ingress {resource.name!r}; deploy them together"
            yield Violation((*route, "service", "name"), message)


def _beside(service: Resource, ingress: Resource) -> bool:
    return service.namespace == ingress.namespace


INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
spec:
  defaultBackend:
    service:
      name: web%s
      port:
        number: 80
"""
GOOD = [
    INGRESS % ""
    + """\
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector:
    app: web
  ports:
    - port: 80
"""
]
BAD = [INGRESS % "  # <- here"]
