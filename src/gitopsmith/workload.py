"""The pod inside a workload, so that policies need not each know where it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitopsmith.finding import Route
from gitopsmith.manifest import Resource, get, items, mapping

POD_ROUTES: dict[str, Route] = {
    "Pod": ("spec",),
    "Deployment.apps": ("spec", "template", "spec"),
    "StatefulSet.apps": ("spec", "template", "spec"),
    "DaemonSet.apps": ("spec", "template", "spec"),
    "ReplicaSet.apps": ("spec", "template", "spec"),
    "ReplicationController": ("spec", "template", "spec"),
    "Job.batch": ("spec", "template", "spec"),
    "CronJob.batch": ("spec", "jobTemplate", "spec", "template", "spec"),
    "Rollout.argoproj.io": ("spec", "template", "spec"),
}
"""Where each kind keeps its pod's spec."""
WORKLOADS = frozenset(POD_ROUTES)
RUN_TO_COMPLETION = frozenset({"Job.batch", "CronJob.batch"})


def pod_route(resource: Resource) -> Route | None:
    """Returns the route to the pod's spec, None where there is no pod."""
    route = POD_ROUTES.get(resource.group_kind)
    return route if route is not None and isinstance(get(resource.body, *route), dict) else None


def pod_labels(resource: Resource) -> dict[str, Any]:
    """Returns the labels that the pods of a workload will carry."""
    route = POD_ROUTES.get(resource.group_kind)
    if route is None:
        return {}
    return mapping(resource.body, *route[:-1], "metadata", "labels")


def containers(resource: Resource) -> Iterator[tuple[Route, dict[str, Any]]]:
    """Yields every container that runs an image, init and ephemeral ones included."""
    route = pod_route(resource)
    if route is None:
        return
    for field in ("containers", "initContainers", "ephemeralContainers"):
        yield from items(resource.body, *route, field)


def long_running(resource: Resource) -> Iterator[tuple[Route, dict[str, Any]]]:
    """Yields the containers that serve as long as the pod lives: ordinary ones, and sidecars (init, restarted always)."""
    route = pod_route(resource)
    if route is None:
        return
    yield from items(resource.body, *route, "containers")
    for where, container in items(resource.body, *route, "initContainers"):
        if container.get("restartPolicy") == "Always":
            yield where, container
