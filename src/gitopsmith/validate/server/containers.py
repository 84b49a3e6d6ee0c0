"""Containers of a pod: their image, ports, variables, mounts and probes.

Facts: ``validateContainerCommon`` and what it calls in ``pkg/apis/core/validation/validation.go`` of Kubernetes. What
other rules say is left to them: two containers of one name, and two variables of one name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gitopsmith.finding import Route
from gitopsmith.manifest import get, items, mapping, sequence
from gitopsmith.validate.causes import SchemaProblem
from gitopsmith.validate.server import metadata, quantities
from gitopsmith.validate.server.refusal import choice, refused, twice
from gitopsmith.workload import PROBES

_PORT_NAME = re.compile(r"(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?")
_VARIABLE = re.compile(r"[ -<>-~]+")
_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")
_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
SECCOMP = ("RuntimeDefault", "Unconfined", "Localhost")
_PORTS = range(1, 65536)
_FIELD = re.compile(
    r"metadata\.(name|namespace|uid)|metadata\.(labels|annotations)(\['.+'\])?|"
    r"spec\.(nodeName|serviceAccountName)|status\.(hostIP|hostIPs|podIP|podIPs)"
)
"""Fields of a pod that a variable can be set from; a label or annotation needs its name in brackets."""


def container(body: dict[str, Any], route: Route, volumes: set[str], *, is_init: bool) -> Iterator[SchemaProblem]:
    name = body.get("name")
    if isinstance(name, str) and not metadata.LABEL.fullmatch(name):
        yield refused(
            (*route, "name"), f"{name[:70]!r} cannot name a container: at most 63 lower-case letters, digits and '-'"
        )
    if not body.get("image"):
        yield refused(route, "needs an image")
    elif isinstance(body["image"], str) and body["image"] != body["image"].strip():
        yield refused((*route, "image"), "must not begin or end with a space")
    yield from choice((*route, "imagePullPolicy"), body.get("imagePullPolicy"), ("Always", "IfNotPresent", "Never"))
    context = mapping(body, "securityContext")
    yield from identities(context, (*route, "securityContext"))
    seccomp = (*route, "securityContext", "seccompProfile", "type")
    yield from choice(seccomp, get(context, "seccompProfile", "type"), SECCOMP)
    termination = body.get("terminationMessagePolicy")
    yield from choice((*route, "terminationMessagePolicy"), termination, ("File", "FallbackToLogsOnError"))
    yield from quantities.resources(body.get("resources"), (*route, "resources"))
    yield from _ports(body, route)
    yield from _variables(body, route)
    yield from _mounts(body, route, volumes)
    if is_init and body.get("restartPolicy") != "Always":
        for field in (*PROBES, "lifecycle"):
            if body.get(field):
                yield refused((*route, field), "is not for an init container that is no sidecar")
        return
    yield from _lifecycle(mapping(body, "lifecycle"), (*route, "lifecycle"))
    for field in PROBES:
        if isinstance(body.get(field), dict):
            yield from _probe(body[field], (*route, field), field)


def _probe(body: dict[str, Any], route: Route, field: str) -> Iterator[SchemaProblem]:
    handlers = [name for name in _HANDLERS if isinstance(body.get(name), dict)]
    if not handlers:
        yield refused(route, f"needs a handler; write one of {', '.join(map(repr, _HANDLERS))}")
    elif len(handlers) > 1:
        yield refused(route, f"has one handler at most; choose one of {', '.join(map(repr, handlers))}")
    for name, value in body.items():
        if isinstance(value, int) and not isinstance(value, bool) and value < 0:
            yield refused((*route, name), "must be at least 0")
    if field != "readinessProbe" and isinstance(body.get("successThreshold"), int) and body["successThreshold"] > 1:
        yield refused((*route, "successThreshold"), f"must be 1 for a {field}")
    yield from _handler(body, route)


def _handler(body: dict[str, Any], route: Route) -> Iterator[SchemaProblem]:
    if isinstance(body.get("exec"), dict) and not sequence(body, "exec", "command"):
        yield refused((*route, "exec"), "needs a command")
    yield from choice((*route, "httpGet", "scheme"), get(body, "httpGet", "scheme"), ("HTTP", "HTTPS"))
    for name in ("httpGet", "tcpSocket", "grpc"):
        handler = mapping(body, name)
        if "port" in handler:
            yield from port((*route, name, "port"), handler["port"])


def _lifecycle(body: dict[str, Any], route: Route) -> Iterator[SchemaProblem]:
    for name in ("postStart", "preStop"):
        hook = body.get(name)
        if isinstance(hook, dict):
            if not any(isinstance(hook.get(handler), dict) for handler in ("exec", "httpGet", "tcpSocket", "sleep")):
                yield refused((*route, name), "needs a handler; write one of 'exec', 'httpGet', 'sleep'")
            yield from _handler(hook, (*route, name))


def port(route: Route, value: Any) -> Iterator[SchemaProblem]:
    """Refuses a number that is no port, and a text that is no name of one."""
    if isinstance(value, int) and not isinstance(value, bool) and value not in _PORTS:
        yield refused(route, f"must be between 1 and 65535, not {value}")
    elif isinstance(value, str) and not _PORT_NAME.fullmatch(value):
        hint = "; write the number without quotes" if value.isdecimal() else ""
        yield refused(route, f"{value[:40]!r} cannot name a port: at most 15 lower-case letters, digits and '-'{hint}")


def identities(context: dict[str, Any], route: Route) -> Iterator[SchemaProblem]:
    """Refuses users and groups below zero."""
    for field in ("runAsUser", "runAsGroup", "fsGroup"):
        if isinstance(context.get(field), int) and context[field] < 0:
            yield refused((*route, field), "must be at least 0")


def _ports(body: dict[str, Any], route: Route) -> Iterator[SchemaProblem]:
    found = [((*route, *place), row) for place, row in items(body, "ports")]
    yield from twice(
        [((*place, "name"), row["name"]) for place, row in found if isinstance(row.get("name"), str) and row["name"]],
        "ports",
    )
    for place, row in found:
        for field in ("containerPort", "hostPort"):
            if isinstance(row.get(field), int) and not (field == "hostPort" and row[field] == 0):
                yield from port((*place, field), row[field])
        if row.get("name"):
            yield from port((*place, "name"), row["name"])
        yield from choice((*place, "protocol"), row.get("protocol"), ("TCP", "UDP", "SCTP"))


def _variables(body: dict[str, Any], route: Route) -> Iterator[SchemaProblem]:
    for place, row in items(body, "env"):
        here, name = (*route, *place), row.get("name")
        if isinstance(name, str) and not _VARIABLE.fullmatch(name):
            yield refused((*here, "name"), f"{name[:40]!r} cannot name a variable")
        source = row.get("valueFrom")
        if isinstance(source, dict) and row.get("value"):
            yield refused((*here, "value"), "cannot stand beside valueFrom")
        if isinstance(source, dict):
            yield from _value_from(source, (*here, "valueFrom"))
    for place, row in items(body, "envFrom"):
        sources = [name for name in ("configMapRef", "secretRef") if isinstance(row.get(name), dict)]
        if len(sources) != 1:
            yield refused((*route, *place), "needs one of 'configMapRef' and 'secretRef'")
        for name in sources:
            yield from named(row[name], "name", (*route, *place, name))


def _value_from(body: dict[str, Any], route: Route) -> Iterator[SchemaProblem]:
    kinds = [field for field, value in body.items() if value is not None]
    if len(kinds) != 1:
        yield refused(route, "needs exactly one source")
    for field in ("configMapKeyRef", "secretKeyRef"):
        source = body.get(field)
        if isinstance(source, dict):
            yield from named(source, "name", (*route, field))
            key = source.get("key")
            if isinstance(key, str) and (not _KEY.fullmatch(key) or key == "." or key.startswith("..")):
                yield refused((*route, field, "key"), f"{key[:40]!r} cannot be a key")
    path = get(body, "fieldRef", "fieldPath")
    if isinstance(path, str) and (not _FIELD.fullmatch(path) or path in {"metadata.labels", "metadata.annotations"}):
        yield refused((*route, "fieldRef", "fieldPath"), f"{path[:60]!r} is no field that a variable can be set from")


def named(body: dict[str, Any], field: str, route: Route) -> Iterator[SchemaProblem]:
    """Refuses a reference that names no object, or one that there cannot be."""
    name = body.get(field)
    if not name:
        yield refused(route, f"needs the name of what it means; write it in {field!r}")
    elif isinstance(name, str) and not metadata.SUBDOMAIN.fullmatch(name):
        yield refused((*route, field), f"{name[:70]!r} cannot be the name of an object")


def _mounts(body: dict[str, Any], route: Route, volumes: set[str]) -> Iterator[SchemaProblem]:
    found = [((*route, *place), row) for place, row in items(body, "volumeMounts")]
    yield from twice(
        [
            ((*place, "mountPath"), row["mountPath"])
            for place, row in found
            if isinstance(row.get("mountPath"), str) and row["mountPath"]
        ],
        "mount paths",
    )
    for place, row in found:
        name, path = row.get("name"), row.get("subPath")
        if isinstance(name, str) and name not in volumes:
            yield refused((*place, "name"), f"no volume of the pod is called {name!r}")
        if row.get("mountPath") == "":
            yield refused((*place, "mountPath"), "must not be empty")
        if isinstance(path, str) and (path.startswith("/") or ".." in path.split("/")):
            yield refused((*place, "subPath"), "must be a relative path without '..'")
