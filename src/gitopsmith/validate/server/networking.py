"""Services, Ingresses and network policies.

Facts: ``ValidateService`` in ``pkg/apis/core/validation/validation.go``, and
``pkg/apis/networking/validation/validation.go`` of Kubernetes.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

from gitopsmith.finding import Route
from gitopsmith.manifest import get, items, mapping, sequence, text
from gitopsmith.validate.causes import SchemaProblem
from gitopsmith.validate.server import metadata
from gitopsmith.validate.server.containers import port
from gitopsmith.validate.server.refusal import choice, refused, twice

_TYPES = ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName")
_PROTOCOLS = ("TCP", "UDP", "SCTP")


def service(body: dict[str, Any]) -> Iterator[SchemaProblem]:
    spec = mapping(body, "spec")
    kind, ports = text(spec, "type") or "ClusterIP", list(items(body, "spec", "ports"))
    yield from choice(("spec", "type"), spec.get("type"), _TYPES)
    for field in ("internalTrafficPolicy", "externalTrafficPolicy"):
        yield from choice(("spec", field), spec.get(field), ("Cluster", "Local"))
    families = ("SingleStack", "PreferDualStack", "RequireDualStack")
    yield from choice(("spec", "ipFamilyPolicy"), spec.get("ipFamilyPolicy"), families)
    yield from choice(("spec", "sessionAffinity"), spec.get("sessionAffinity"), ("ClientIP", "None"))
    yield from metadata.labels(mapping(spec, "selector"), ("spec", "selector"))
    if not ports and kind != "ExternalName" and spec.get("clusterIP") != "None":
        yield refused(("spec",), "needs ports; only a headless Service goes without")
    if kind == "ExternalName" and not spec.get("externalName"):
        yield refused(("spec",), "a Service of type ExternalName needs externalName")
    address = spec.get("clusterIP")
    if isinstance(address, str) and address not in {"", "None"} and not _is_address(address):
        yield refused(("spec", "clusterIP"), "must be an address, 'None', or left out")
    if kind == "LoadBalancer" and spec.get("clusterIP") == "None":
        yield refused(("spec", "clusterIP"), "may not be 'None' for a Service of type LoadBalancer")
    yield from twice(
        [((*place, "name"), row["name"]) for place, row in ports if isinstance(row.get("name"), str) and row["name"]],
        "ports",
    )
    numbers = [((*place, "port"), (row.get("protocol") or "TCP", row.get("port"))) for place, row in ports]
    yield from twice([(place, f"{protocol} {number}") for place, (protocol, number) in numbers], "ports")
    for place, row in ports:
        yield from _service_port(row, place, kind, is_one=len(ports) == 1)


def _is_address(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return False
    return True


def _service_port(row: dict[str, Any], route: Route, kind: str, *, is_one: bool) -> Iterator[SchemaProblem]:
    name = row.get("name")
    if not name and not is_one:
        yield refused(route, "needs a name, since the Service has several ports")
    elif isinstance(name, str) and name and not metadata.LABEL.fullmatch(name):
        yield refused((*route, "name"), f"{name[:40]!r} cannot name a port: lower-case letters, digits and '-'")
    if isinstance(row.get("port"), int):
        yield from port((*route, "port"), row["port"])
    if row.get("targetPort"):
        yield from port((*route, "targetPort"), row["targetPort"])
    yield from choice((*route, "protocol"), row.get("protocol"), _PROTOCOLS)
    if row.get("nodePort") and kind not in {"NodePort", "LoadBalancer"}:
        yield refused((*route, "nodePort"), f"may not be given for a Service of type {kind}")


def ingress(body: dict[str, Any]) -> Iterator[SchemaProblem]:
    spec = mapping(body, "spec")
    if not sequence(spec, "rules") and not mapping(spec, "defaultBackend"):
        yield refused(("spec",), "needs rules or a defaultBackend")
    yield from _backend(spec.get("defaultBackend"), ("spec", "defaultBackend"))
    for place, rule in items(body, "spec", "rules"):
        yield from _host(rule.get("host"), (*place, "host"))
        for path_place, path in items(rule, "http", "paths"):
            yield from _path(path, (*place, *path_place))
    for place, row in items(body, "spec", "tls"):
        for index, host in enumerate(sequence(row, "hosts")):
            yield from _host(host, (*place, "hosts", index))


def _path(body: dict[str, Any], route: Route) -> Iterator[SchemaProblem]:
    kind, path = text(body, "pathType"), body.get("path")
    yield from choice((*route, "pathType"), body.get("pathType"), ("Exact", "Prefix", "ImplementationSpecific"))
    if kind in {"Exact", "Prefix"} and (path is None or (isinstance(path, str) and not path.startswith("/"))):
        yield refused((*route, "path") if path else route, f"a path of type {kind} begins with '/'")
    elif kind in {"Exact", "Prefix"} and isinstance(path, str) and "//" in path:
        yield refused((*route, "path"), "must not hold '//'")
    elif kind == "ImplementationSpecific" and isinstance(path, str) and path and not path.startswith("/"):
        yield refused((*route, "path"), "a path begins with '/'")
    yield from _backend(body.get("backend"), (*route, "backend"))


def _backend(body: Any, route: Route) -> Iterator[SchemaProblem]:
    if not isinstance(body, dict):
        return
    named, other = mapping(body, "service"), body.get("resource")
    if named and other:
        yield refused(route, "has one target: a service or a resource")
    elif not named and not other:
        yield refused(route, "needs a service or a resource")
    elif named:
        target = mapping(named, "port")
        if bool(target.get("name")) == bool(target.get("number")):
            yield refused((*route, "service"), "needs the name or the number of a port, and not both")
        elif isinstance(target.get("number"), int):
            yield from port((*route, "service", "port", "number"), target["number"])


def _host(host: Any, route: Route) -> Iterator[SchemaProblem]:
    if not isinstance(host, str) or not host:
        return
    name = host.removeprefix("*.")
    if not metadata.SUBDOMAIN.fullmatch(name):
        hint = "; leave the port out" if ":" in host else ""
        yield refused(route, f"{host[:70]!r} is no host name{hint}")
    elif all(part.isdecimal() for part in name.split(".")) and name.count(".") == 3:
        yield refused(route, "must be a host name, not an address")


def network_policy(body: dict[str, Any]) -> Iterator[SchemaProblem]:
    yield from metadata.selector(get(body, "spec", "podSelector"), ("spec", "podSelector"))
    for index, kind in enumerate(sequence(body, "spec", "policyTypes")):
        yield from choice(("spec", "policyTypes", index), kind, ("Ingress", "Egress"))
    for side, peers in (("ingress", "from"), ("egress", "to")):
        for place, rule in items(body, "spec", side):
            for port_place, row in items(rule, "ports"):
                here = (*place, *port_place)
                yield from choice((*here, "protocol"), row.get("protocol"), _PROTOCOLS)
                if isinstance(row.get("port"), int | str):
                    yield from port((*here, "port"), row["port"])
            for peer_place, peer in items(rule, peers):
                yield from _peer(peer, (*place, *peer_place))


def _peer(body: dict[str, Any], route: Route) -> Iterator[SchemaProblem]:
    kinds = [field for field in ("podSelector", "namespaceSelector", "ipBlock") if body.get(field) is not None]
    if not kinds:
        yield refused(route, "needs a podSelector, a namespaceSelector or an ipBlock")
    elif "ipBlock" in kinds and len(kinds) > 1:
        yield refused(route, "an ipBlock cannot stand beside a selector; write two peers")
    for field in ("podSelector", "namespaceSelector"):
        yield from metadata.selector(get(body, field), (*route, field))
