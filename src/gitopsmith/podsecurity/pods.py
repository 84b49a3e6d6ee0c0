"""What every check of the Pod Security Standards reads of a workload's pod, and how it says what is wrong there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from gitopsmith.finding import Route
from gitopsmith.manifest import Resource, get, text
from gitopsmith.workload import containers, pod_route, pod_spec

CONTEXT = "securityContext"


class Breach(NamedTuple):
    """One field that a check refuses; ``missing`` tells that it is not what is written but what is not."""

    route: Route
    message: str
    missing: bool = False


class Setting(NamedTuple):
    """One field of the pod's security context, or of a container's. ``value`` is None where it is unset."""

    route: Route
    who: str
    value: Any
    of_pod: bool = False


def in_containers(resource: Resource, *steps: str) -> Iterator[Setting]:
    """Yields a field of every container's security context."""
    for route, container in containers(resource):
        yield Setting((*route, CONTEXT, *steps), named(container), get(container, CONTEXT, *steps))


def everywhere(resource: Resource, *steps: str) -> Iterator[Setting]:
    """Yields a field of the pod's security context, then of every container's."""
    route = pod_route(resource)
    if route is not None:
        yield Setting((*route, CONTEXT, *steps), "the pod", get(pod_spec(resource), CONTEXT, *steps), of_pod=True)
        yield from in_containers(resource, *steps)


def named(container: dict[str, Any]) -> str:
    return f"container {container.get('name')!r}"


def in_user_namespace(resource: Resource) -> bool:
    """Tells whether root in the pod is nobody on the node."""
    return pod_spec(resource).get("hostUsers") is False


def is_windows(resource: Resource) -> bool:
    return text(pod_spec(resource), "os", "name") == "windows"
