"""What containers ask of the node that they run on, with what the cluster fills in.

Facts: ``SetDefaults_Pod`` in ``pkg/apis/core/v1/defaults.go`` of Kubernetes: a request that is left out is the limit;
``plugin/pkg/admission/limitranger``: a LimitRange fills in what a container leaves out; and
https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#pod-level-resource-specification.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitopsmith import quantity
from gitopsmith.finding import Route
from gitopsmith.manifest import Resource, get, items
from gitopsmith.scaling import of_kinds, resizers
from gitopsmith.workload import is_hook, long_running, pod_route

_FILLED_IN = {"requests": "defaultRequest", "limits": "default"}
"""What a LimitRange calls that with which it fills in each side."""


def without(resource: Resource, side: str, name: str) -> Iterator[tuple[Route, dict[str, Any]]]:
    """Yields the containers that have no request (or limit, by ``side``) of a resource, whoever could give it.

    Hooks are left out, which run for a moment; and requests that a VerticalPodAutoscaler sets.
    """
    if is_hook(resource) or (side == "requests" and resizers(resource)):
        return
    for route, container in long_running(resource):
        if not _is_given(resource, container, side, name):
            yield route, container


def _is_given(resource: Resource, container: dict[str, Any], side: str, name: str) -> bool:
    sides = ("requests", "limits") if side == "requests" else ("limits",)
    route = pod_route(resource) or ()
    own = (get(place, "resources", one, name) for one in sides for place in (container, get(resource.body, *route)))
    ranges = (_from_ranges(resource, one, name) for one in sides)
    return any(value is not None for value in (*own, *ranges))


def _from_ranges(resource: Resource, side: str, name: str) -> Any:
    """Returns with what a LimitRange of the same build and namespace fills in, None where none does."""
    for limits in of_kinds(resource.siblings, frozenset({"LimitRange"})):
        for _, limit in items(limits.body, "spec", "limits") if limits.namespace == resource.namespace else ():
            if limit.get("type") == "Container" and (value := get(limit, _FILLED_IN[side], name)) is not None:
                return value
    return None


def below_limit(resource: Resource, name: str) -> Iterator[tuple[Route, dict[str, Any]]]:
    """Yields the containers that may use more of a resource than is set aside for them: those without a limit too."""
    for route, container in long_running(resource) if not is_hook(resource) else ():
        requested, limit = (get(container, "resources", side, name) for side in ("requests", "limits"))
        if limit is None or (requested is not None and quantity.parse(requested) != quantity.parse(limit)):
            yield route, container
