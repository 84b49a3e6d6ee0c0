"""The ConfigMaps and Secrets that a container needs are deployed with it.

A container whose environment asks for one that is not there never starts, and one that comes from another place may be
renamed or deleted there. An opinion: Secrets mostly come from elsewhere on purpose, and controllers make some maps.

Exempt: references that are `optional`; builds in which something makes Secrets or maps, such as an ExternalSecret, a
SealedSecret or another custom resource; `kube-root-ca.crt`, which is in every namespace. A key that is missing in one
that is there is the rule `config-key-missing`.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.finding import Route, Severity
from gitopsmith.manifest import Resource, items, mapping, text
from gitopsmith.policy import OFF, Violation
from gitopsmith.workload import WORKLOADS, containers, has_operators

SEVERITY = Severity.INFO
SIBLINGS = True
KINDS = WORKLOADS
PROFILE = OFF
EVERYWHERE = ("kube-root-ca.crt",)


def check_resource(resource: Resource) -> Iterator[Violation]:
    if has_operators(resource):
        return
    there = {(each.group_kind, each.name) for each in resource.siblings if each.namespace == resource.namespace}
    for route, kind, name in _asked(resource):
        if name and (kind, name) not in there and name not in EVERYWHERE:
            message = f"{kind} {name!r} does not come with {resource.kind} {resource.name!r}; deploy them together"
            yield Violation(route, message)


def _asked(resource: Resource) -> Iterator[tuple[Route, str, str]]:
    """Yields what the environment of containers takes from ConfigMaps and Secrets, unless it may be missing."""
    for route, container in containers(resource):
        for field, kind in (("configMap", "ConfigMap"), ("secret", "Secret")):
            sources = [(*where, "valueFrom", f"{field}KeyRef") for where, _ in items(container, "env")]
            sources += [(*where, f"{field}Ref") for where, _ in items(container, "envFrom")]
            for where in sources:
                asked = mapping(container, *where)
                if asked.get("optional") is not True:
                    yield (*route, *where, "name"), kind, text(asked, "name")


POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: shop/web:1.4.2
      envFrom:
        - configMapRef:
            name: web%s
"""
GOOD = [POD % "" + "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\ndata:\n  COLOUR: blue\n"]
BAD = [POD % "  # <- here"]
