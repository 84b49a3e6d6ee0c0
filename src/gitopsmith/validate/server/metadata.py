"""Names, labels and annotations, as every kind has them.

Facts: ``pkg/api/validation/objectmeta.go`` and ``pkg/util/validation/validation.go`` of Kubernetes' apimachinery.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

from gitopsmith.finding import Route
from gitopsmith.manifest import items, mapping, sequence, text
from gitopsmith.validate.causes import SchemaProblem
from gitopsmith.validate.server.refusal import refused

LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
SUBDOMAIN = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_PLAIN = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_ANNOTATIONS = 256 * 1024
_LABELS = {"Namespace", "Service"}
"""Kinds whose names may hold no dots."""
_ANYTHING = {
    "rbac.authorization.k8s.io": {"Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"},
    "policy": {"PodDisruptionBudget"},
}
"""Kinds whose names only have to fit into a URL."""
_AGGREGATED = {
    f"{name}.openshift.io"
    for name in ("apps", "authorization", "build", "image", "oauth", "project", "route", "template", "user")
}
"""Groups of an API server that has rules of its own for names."""


def check(body: dict[str, Any], group: str, kind: str) -> Iterator[SchemaProblem]:
    """Yields what is wrong with the metadata of any object."""
    yield from _name(body, group, kind)
    yield from labelled(body, ())


def labelled(body: Any, route: Route) -> Iterator[SchemaProblem]:
    """Yields what is wrong with the labels and annotations of an object or of a template."""
    yield from labels(mapping(body, "metadata", "labels"), (*route, "metadata", "labels"))
    size = 0
    for key, value in mapping(body, "metadata", "annotations").items():
        size += len(key) + (len(value) if isinstance(value, str) else 0)
        if not is_key(key.lower()):
            yield refused((*route, "metadata", "annotations", key), f"{key!r} cannot be the name of an annotation")
    if size > _ANNOTATIONS:
        yield refused((*route, "metadata", "annotations"), f"holds {size} bytes, more than {_ANNOTATIONS}")


def labels(given: dict[str, Any], route: Route) -> Iterator[SchemaProblem]:
    """Yields what is wrong with a map of labels, or of labels to match."""
    for key, value in given.items():
        if not is_key(key):
            yield refused((*route, key), f"{key!r} cannot be the name of a label")
        elif isinstance(value, str) and value and not _PLAIN.fullmatch(value):
            yield refused(
                (*route, key),
                f"a label cannot be {value[:70]!r}: at most 63 letters, digits, '-', '_' and '.', beginning and ending "
                "with a letter or digit",
            )


def selector(body: Any, route: Route) -> Iterator[SchemaProblem]:
    """Yields what is wrong with a selector of labels."""
    yield from labels(mapping(body, "matchLabels"), (*route, "matchLabels"))
    for place, row in items(body, "matchExpressions"):
        yield from _expression(row, (*route, *place))


def _expression(row: dict[str, Any], route: Route) -> Iterator[SchemaProblem]:
    key, operator, values = text(row, "key"), text(row, "operator"), sequence(row, "values")
    if "key" in row and not is_key(key):
        yield refused((*route, "key"), f"{key[:70]!r} cannot be the name of a label")
    if operator in {"In", "NotIn"} and not values:
        yield refused(route, f"needs values, since the operator is {operator!r}")
    elif operator in {"Exists", "DoesNotExist"} and values:
        yield refused((*route, "values"), f"must be left out, since the operator is {operator!r}")
    elif "operator" in row and operator not in {"In", "NotIn", "Exists", "DoesNotExist"}:
        yield refused((*route, "operator"), "must be one of 'In', 'NotIn', 'Exists', 'DoesNotExist'")
    for index, value in enumerate(values):
        if isinstance(value, str) and value and not _PLAIN.fullmatch(value):
            yield refused((*route, "values", index), f"a label cannot be {value[:70]!r}")


@functools.lru_cache(4096)
def is_key(key: str) -> bool:
    """Tells whether a text can name a label: a name, after a domain and a slash if there is one."""
    domain, slash, name = key.rpartition("/")
    return _PLAIN.fullmatch(name) is not None and (not slash or SUBDOMAIN.fullmatch(domain) is not None)


def _name(body: dict[str, Any], group: str, kind: str) -> Iterator[SchemaProblem]:
    given = mapping(body, "metadata")
    name = given.get("name")
    if not name and not given.get("generateName"):
        yield refused(("metadata",), "has no name; write one in metadata.name")
    if not isinstance(name, str) or not name or group in _AGGREGATED:
        return
    route = ("metadata", "name")
    if kind in _ANYTHING.get(group, ()):
        if name in {".", ".."} or "/" in name or "%" in name:
            yield refused(route, f"{name!r} cannot be a name: it may not be '.' or '..', or hold '/' or '%'")
    elif kind in _LABELS and not group:
        if not LABEL.fullmatch(name):
            yield refused(
                route,
                f"{name[:70]!r} cannot be a name: at most 63 lower-case letters, digits and '-', beginning and ending "
                "with a letter or digit",
            )
    elif not SUBDOMAIN.fullmatch(name):
        yield refused(
            route,
            f"{name[:70]!r} cannot be a name: lower-case letters, digits, '-' and '.', beginning and ending with a "
            "letter or digit",
        )
