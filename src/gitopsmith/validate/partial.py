"""Tells apart objects that amend another's: server-side apply merges them into what an operator made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, get, mapping, text
from gitopsmith.validate.causes import SchemaProblem

_MISSING = "missing required field"
_RIGHTS = frozenset({"Role", "RoleBinding"})
_RUNNING = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"})


def lowered(body: Any, problems: Iterable[SchemaProblem]) -> list[SchemaProblem]:
    """Returns the problems; that something is missing is a warning in an object that amends one that exists.

    A workload that has neither a selector nor any container cannot be meant to stand alone. The API server merges it
    into the live object, and refuses it only where there is none.
    """
    return [_weakened(one) for one in problems] if _amends(body) else list(problems)


def lowered_among(resource: Resource, problems: Iterable[SchemaProblem]) -> list[SchemaProblem]:
    """Returns the problems; the same for a custom resource that its build puts into a namespace of somebody else.

    That is one in which the build has nothing besides but what it may do there, while its other objects lie elsewhere:
    a ServiceMonitor that drops metrics of an operator's, next to the operator.
    """
    found = list(problems)
    # Whose namespace it is takes a look at the whole build, which few objects need.
    return [_weakened(one) for one in found] if any(map(_is_missing, found)) and _is_guest(resource) else found


def _is_missing(problem: SchemaProblem) -> bool:
    return problem.message.startswith(_MISSING) and problem.severity is not Severity.WARNING


def _weakened(problem: SchemaProblem) -> SchemaProblem:
    if not _is_missing(problem):
        return problem
    message = f"{problem.message}, where nobody else makes this object"
    return problem._replace(severity=Severity.WARNING, message=message)


def _is_guest(resource: Resource) -> bool:
    is_custom = "." in resource.group and not resource.group.endswith(".k8s.io")
    others = [each for each in resource.siblings if each.namespace and each.kind not in _RIGHTS]
    there = [each for each in others if each.namespace == resource.namespace]
    return is_custom and [each.body for each in there] == [resource.body] and len(others) > len(there)


def _amends(body: Any) -> bool:
    spec = mapping(body, "spec")
    return (
        text(body, "kind") in _RUNNING
        and bool(spec)
        and "selector" not in spec
        and get(spec, "template", "spec", "containers") is None
    )
