"""Pods, wherever they stand: alone, and as the template of a workload.

Facts: ``ValidatePodSpec`` and what it calls in ``pkg/apis/core/validation/validation.go`` of Kubernetes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitopsmith.finding import Route
from gitopsmith.manifest import get, items, mapping, sequence, text
from gitopsmith.validate.causes import SchemaProblem
from gitopsmith.validate.server import containers, metadata
from gitopsmith.validate.server.refusal import choice, refused, twice

_CHOICES: dict[Route, tuple[str, ...]] = {
    ("dnsPolicy",): ("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"),
    ("preemptionPolicy",): ("PreemptLowerPriority", "Never"),
    ("securityContext", "fsGroupChangePolicy"): ("OnRootMismatch", "Always"),
    ("securityContext", "seccompProfile", "type"): containers.SECCOMP,
}
_HOST_PATHS = (
    "DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice",
)  # fmt: skip
_NAMED = {"configMap": "name", "secret": "secretName", "persistentVolumeClaim": "claimName"}
"""What each source of a volume is named by."""


def template(body: Any, route: Route, restarts: tuple[str, ...]) -> Iterator[SchemaProblem]:
    """Yields what is wrong with the template of a workload that allows these restart policies."""
    yield from metadata.labelled(body, route)
    if mapping(body).get("spec") is None:
        yield refused(route, "needs a pod; write its containers in 'spec'")
    else:
        yield from spec(mapping(body, "spec"), (*route, "spec"), restarts)


def spec(body: dict[str, Any], route: Route, restarts: tuple[str, ...]) -> Iterator[SchemaProblem]:
    """Yields what is wrong with a pod's spec."""
    policy = body.get("restartPolicy") or "Always"
    if policy not in restarts:
        place = (*route, "restartPolicy") if "restartPolicy" in body else route
        yield refused(place, f"restartPolicy must be {' or '.join(map(repr, restarts))} here, not {policy!r}")
    if body.get("containers") == []:
        yield refused((*route, "containers"), "must have at least one container")
    for place, options in _CHOICES.items():
        yield from choice((*route, *place), get(body, *place), options)
    yield from containers.identities(mapping(body, "securityContext"), (*route, "securityContext"))
    yield from metadata.labels(mapping(body, "nodeSelector"), (*route, "nodeSelector"))
    for field in ("serviceAccountName", "priorityClassName"):
        if body.get(field):
            yield from containers.named(body, field, route)
    yield from _spread(body, route)
    yield from _volumes(body, route)
    yield from _tolerations(body, route)
    yield from _affinity(mapping(body, "affinity"), (*route, "affinity"))
    volumes = {text(volume, "name") for volume in sequence(body, "volumes")}
    for field in ("initContainers", "containers"):
        for where, container in items(body, field):
            yield from containers.container(container, (*route, *where), volumes, is_init=field == "initContainers")


def _volumes(body: dict[str, Any], route: Route) -> Iterator[SchemaProblem]:
    names = [((*route, *place, "name"), volume.get("name")) for place, volume in items(body, "volumes")]
    yield from twice([(place, name) for place, name in names if isinstance(name, str) and name], "volumes")
    for place, volume in items(body, "volumes"):
        yield from _source(volume, (*route, *place))
        name = volume.get("name")
        if isinstance(name, str) and not metadata.LABEL.fullmatch(name):
            yield refused(
                (*route, *place, "name"), f"{name[:70]!r} cannot name a volume: lower-case letters, digits and '-'"
            )
        sources = [field for field, value in volume.items() if field != "name" and value is not None]
        if len(sources) > 1:
            yield refused((*route, *place), f"a volume has one source; choose one of {', '.join(map(repr, sources))}")


def _source(volume: dict[str, Any], route: Route) -> Iterator[SchemaProblem]:
    for field, name in _NAMED.items():
        source = volume.get(field)
        if isinstance(source, dict) and not source.get(name):
            yield refused((*route, field), f"needs the name of what it means; write it in {name!r}")
        mode = mapping(source).get("defaultMode")
        if isinstance(mode, int) and not 0 <= mode <= 0o777:
            yield refused((*route, field, "defaultMode"), f"must be between 0 and 0777, in octal, not {mode}")
        for place, item in items(source, "items"):
            for part in ("key", "path"):
                if item.get(part) == "":
                    yield refused((*route, field, *place, part), "must not be empty")
    if get(volume, "hostPath", "path") == "":
        yield refused((*route, "hostPath", "path"), "must not be empty")
    yield from choice((*route, "hostPath", "type"), get(volume, "hostPath", "type"), _HOST_PATHS)


def _affinity(body: dict[str, Any], route: Route) -> Iterator[SchemaProblem]:
    for kind in ("podAffinity", "podAntiAffinity"):
        for place, term in items(body, kind, "requiredDuringSchedulingIgnoredDuringExecution"):
            yield from _term(term, (*route, *place))
        for place, row in items(body, kind, "preferredDuringSchedulingIgnoredDuringExecution"):
            yield from _weight(row, (*route, *place))
            yield from _term(mapping(row, "podAffinityTerm"), (*route, *place, "podAffinityTerm"))
    for place, row in items(body, "nodeAffinity", "preferredDuringSchedulingIgnoredDuringExecution"):
        yield from _weight(row, (*route, *place))
        yield from _nodes(mapping(row, "preference"), (*route, *place, "preference"))
    required = ("nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")
    if get(body, *required) == []:
        yield refused((*route, *required), "needs a term")
    for place, row in items(body, *required):
        yield from _nodes(row, (*route, *place))


def _nodes(body: dict[str, Any], route: Route) -> Iterator[SchemaProblem]:
    for place, row in items(body, "matchExpressions"):
        here, operator, values = (*route, *place), text(row, "operator"), sequence(row, "values")
        yield from choice((*here, "operator"), operator, ("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"))
        if operator in {"In", "NotIn"} and not values:
            yield refused(here, f"needs values, since the operator is {operator!r}")
        elif operator in {"Exists", "DoesNotExist"} and values:
            yield refused((*here, "values"), f"must be left out, since the operator is {operator!r}")
        elif operator in {"Gt", "Lt"} and len(values) != 1:
            yield refused(here, f"needs exactly one value, since the operator is {operator!r}")
        if isinstance(row.get("key"), str) and not metadata.is_key(row["key"]):
            yield refused((*here, "key"), f"{row['key'][:70]!r} cannot be the name of a label")


def _spread(body: dict[str, Any], route: Route) -> Iterator[SchemaProblem]:
    yield from twice(
        [
            ((*route, *place, "topologyKey"), f"{row['topologyKey']} {row['whenUnsatisfiable']}")
            for place, row in items(body, "topologySpreadConstraints")
            if row.get("topologyKey") and row.get("whenUnsatisfiable")
        ],
        "constraints",
    )
    for place, row in items(body, "topologySpreadConstraints"):
        here, skew = (*route, *place), row.get("maxSkew")
        yield from choice(
            (*here, "whenUnsatisfiable"), row.get("whenUnsatisfiable"), ("DoNotSchedule", "ScheduleAnyway")
        )
        if isinstance(skew, int) and skew < 1:
            yield refused((*here, "maxSkew"), f"must be at least 1, not {skew}")
        domains = row.get("minDomains")
        if isinstance(domains, int) and domains < 1:
            yield refused((*here, "minDomains"), f"must be at least 1, not {domains}")
        elif domains is not None and row.get("whenUnsatisfiable") == "ScheduleAnyway":
            yield refused((*here, "minDomains"), "needs whenUnsatisfiable: DoNotSchedule")
        yield from metadata.selector(row.get("labelSelector"), (*here, "labelSelector"))
        if row.get("topologyKey") == "":
            yield refused((*here, "topologyKey"), "must not be empty; write a label of nodes")


def _weight(body: dict[str, Any], route: Route) -> Iterator[SchemaProblem]:
    weight = body.get("weight")
    if isinstance(weight, int) and not 1 <= weight <= 100:
        yield refused((*route, "weight"), f"must be between 1 and 100, not {weight}")


def _term(body: dict[str, Any], route: Route) -> Iterator[SchemaProblem]:
    yield from metadata.selector(body.get("labelSelector"), (*route, "labelSelector"))
    topology = body.get("topologyKey")
    if topology == "":
        yield refused((*route, "topologyKey"), "must not be empty; write a label of nodes")
    elif isinstance(topology, str) and not metadata.is_key(topology):
        yield refused((*route, "topologyKey"), f"{topology[:70]!r} cannot be the name of a label")


def _tolerations(body: dict[str, Any], route: Route) -> Iterator[SchemaProblem]:
    for place, row in items(body, "tolerations"):
        operator, here = row.get("operator") or "Equal", (*route, *place)
        if not row.get("key") and operator != "Exists":
            yield refused(here, "a toleration without a key needs the operator 'Exists'")
        if operator == "Exists" and row.get("value"):
            yield refused((*here, "value"), "must be left out, since the operator is 'Exists'")
        yield from choice((*here, "operator"), row.get("operator"), ("Equal", "Exists", "Gt", "Lt"))
        if isinstance(row.get("key"), str) and row["key"] and not metadata.is_key(row["key"]):
            yield refused((*here, "key"), f"{row['key'][:70]!r} cannot be the name of a label")
        yield from choice((*here, "effect"), row.get("effect"), ("NoSchedule", "PreferNoSchedule", "NoExecute"))
