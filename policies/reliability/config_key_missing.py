"""The key of a ConfigMap or Secret that a container asks for is there.

A container whose environment takes a key that its ConfigMap does not have never starts
(`CreateContainerConfigError: couldn't find key COLOUR in ConfigMap web/web`), and a volume with such an item is never
mounted. Looked up only in ConfigMaps and Secrets of the same build and namespace, whose keys are all known.

Exempt: references that are `optional`; Secrets without data, and those that SOPS has encrypted, that something else
may fill; ConfigMaps into which another tool puts what it knows, such as OpenShift's trusted certificates.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitopsmith.finding import Route, Severity
from gitopsmith.manifest import Resource, items, mapping, text
from gitopsmith.policy import Violation
from gitopsmith.workload import WORKLOADS, containers, pod_route

SEVERITY = Severity.ERROR
SIBLINGS = True
KINDS = WORKLOADS
INJECTED = ("inject", "operator", "reflector", "replicat", "kustomize.toolkit")
Asked = tuple[Route, str, str, str]


def check_resource(resource: Resource) -> Iterator[Violation]:
    for route, kind, name, key in (*_in_environment(resource), *_in_volumes(resource)):
        source = next((each for each in resource.siblings if _is(each, kind, name, resource.namespace)), None)
        keys = _keys(source) if source is not None else frozenset()
        if keys and key and key not in keys:
            known = ", ".join(sorted(keys)[:5])
            yield Violation(route, f"{kind} {name!r} has no key {key!r}, so the pod never starts; it has {known}")


def _in_environment(resource: Resource) -> Iterator[Asked]:
    for route, container in containers(resource):
        for where, variable in items(container, "env"):
            for field, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
                asked = mapping(variable, "valueFrom", field)
                if asked.get("optional") is not True:
                    found = (*route, *where, "valueFrom", field, "key")
                    yield found, kind, text(asked, "name"), text(asked, "key")


def _in_volumes(resource: Resource) -> Iterator[Asked]:
    pod = pod_route(resource)
    for route, volume in items(resource.body, *pod, "volumes") if pod is not None else ():
        for field, kind, name in (("configMap", "ConfigMap", "name"), ("secret", "Secret", "secretName")):
            asked: dict[str, Any] = mapping(volume, field)
            for where, item in items(asked, "items") if asked.get("optional") is not True else ():
                yield (*route, field, *where, "key"), kind, text(asked, name), text(item, "key")


def _is(resource: Resource, kind: str, name: str, namespace: str) -> bool:
    return (resource.group_kind, resource.name, resource.namespace) == (kind, name, namespace)


def _keys(source: Resource) -> frozenset[str]:
    """Returns all keys that a ConfigMap or Secret will have, none where they cannot be known."""
    marks = (*source.annotations, *source.labels)
    if "sops" in source.body or any(word in str(mark) for mark in marks for word in INJECTED):
        return frozenset()
    return frozenset(key for field in ("data", "stringData", "binaryData") for key in mapping(source.body, field))


CONFIG = """\
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
data:
  COLOUR: blue
"""
GOOD = [
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: shop/web:1.4.2
      env:
        - name: COLOUR
          valueFrom:
            configMapKeyRef:
              name: web
              key: COLOUR
        - name: SIZE
          valueFrom:
            configMapKeyRef:
              name: web
              key: SIZE
              optional: true
        - name: OF_ANOTHER
          valueFrom:
            configMapKeyRef:
              name: elsewhere
              key: SIZE
"""
    + CONFIG
]
BAD = [
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: shop/web:1.4.2
      env:
        - name: COLOUR
          valueFrom:
            configMapKeyRef:
              name: web
              key: COLOR  # <- here
  volumes:
    - name: config
      configMap:
        name: web
        items:
          - key: settings.yaml  # <- here
            path: settings.yaml
"""
    + CONFIG
]
