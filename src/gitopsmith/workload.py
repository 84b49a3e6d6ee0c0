"""The pod inside a workload, so that policies need not each know where it is."""

from __future__ import annotations

import functools
import posixpath
import re
from collections.abc import Iterator
from typing import Any

from gitopsmith import argocd
from gitopsmith.finding import Route
from gitopsmith.image import Image
from gitopsmith.image import parse as parse_image
from gitopsmith.manifest import Resource, get, items, mapping, sequence, text

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
    "DeploymentConfig.apps.openshift.io": ("spec", "template", "spec"),
}
"""Where each kind keeps its pod's spec."""
WORKLOADS = frozenset(POD_ROUTES)
_TRIGGERS_ANNOTATION = "image.openshift.io/triggers"
_NO_IMAGES = ("", "auto", "*")
"""What stands where something else decides about the image: nothing, Istio's injection, a policy's pattern."""
_OPENSHIFT_RELEASE = "image-registry.openshift-image-registry.svc:5000/openshift/"
_FILLED_IN_LATER = re.compile(r"\{\{|\{%|\$\{|\$\(|<|%|change[-_]?me|replace|placeholder|\btodo\b", re.IGNORECASE)
_KUBERNETES = re.compile(r"[^.]*|.*\.k8s\.io|argoproj\.io")
_METRICS = re.compile(r"metrics|prometheus|exporter", re.IGNORECASE)
_RUNTIMES = (
    "docker.sock",
    "containerd/containerd.sock",
    "k3s/containerd/containerd.sock",
    "crio/crio.sock",
    "podman/podman.sock",
    "cri-dockerd.sock",
)
_RUNS = ("/run", "/var/run")
RUN_TO_COMPLETION = frozenset({"Job.batch", "CronJob.batch"})
PROBES = ("livenessProbe", "readinessProbe", "startupProbe")


def pod_route(resource: Resource) -> Route | None:
    """Returns the route to the pod's spec, None where there is no pod."""
    route = POD_ROUTES.get(resource.group_kind)
    return route if route is not None and isinstance(get(resource.body, *route), dict) else None


def runs_once(resource: Resource) -> bool:
    """Tells whether the containers of a pod are not started again when they end well, as the pod itself says."""
    route = pod_route(resource)
    return route is not None and text(resource.body, *route, "restartPolicy") in {"Never", "OnFailure"}


def pod_labels(resource: Resource) -> dict[str, Any]:
    """Returns the labels that the pods of a workload will carry."""
    route = POD_ROUTES.get(resource.group_kind)
    if route is None:
        return {}
    return mapping(resource.body, *route[:-1], "metadata", "labels")


def pod_spec(resource: Resource) -> dict[str, Any]:
    """Returns the pod's spec, an empty one where there is no pod."""
    route = POD_ROUTES.get(resource.group_kind)
    return mapping(resource.body, *route) if route is not None else {}


def pod_metadata_route(resource: Resource) -> Route:
    """Returns the route to what the pods of a workload will have as metadata."""
    return (*POD_ROUTES[resource.group_kind][:-1], "metadata")


def pod_annotations(resource: Resource) -> dict[str, Any]:
    """Returns the annotations that the pods of a workload will carry."""
    if resource.group_kind not in POD_ROUTES:
        return {}
    return mapping(resource.body, *pod_metadata_route(resource), "annotations")


def containers(resource: Resource) -> Iterator[tuple[Route, dict[str, Any]]]:
    """Yields every container that runs an image, init and ephemeral ones included."""
    route = pod_route(resource)
    if route is None:
        return
    for field in ("containers", "initContainers", "ephemeralContainers"):
        yield from items(resource.body, *route, field)


def long_running(resource: Resource) -> Iterator[tuple[Route, dict[str, Any]]]:
    """Yields the containers that run as long as the pod: ordinary ones, and sidecars (init, restarted always)."""
    route = pod_route(resource)
    if route is None:
        return
    yield from items(resource.body, *route, "containers")
    for where, container in items(resource.body, *route, "initContainers"):
        if container.get("restartPolicy") == "Always":
            yield where, container


def runtime_sockets(resource: Resource) -> Iterator[tuple[Route, str]]:
    """Yields each ``hostPath`` through which a pod reaches the socket of its node's container runtime, and its path."""
    sockets = {*_RUNS, *(f"{run}/{name}" for run in _RUNS for name in _RUNTIMES)}
    route = pod_route(resource)
    for where, volume in items(resource.body, *route, "volumes") if route is not None else ():
        path = posixpath.normpath(text(volume, "hostPath", "path") or ".")
        if path in sockets:
            yield (*where, "hostPath"), path


def selects(selector: dict[str, Any], labels: dict[str, Any]) -> bool:
    """Tells whether a map of labels, such as a Service's selector, picks what has these labels; an empty one not."""
    return bool(selector) and all(labels.get(name) == value for name, value in selector.items())


def matches(selector: Any, labels: dict[str, Any]) -> bool:
    """Tells whether a label selector, labels and expressions alike, picks what has these labels.

    As Kubernetes has it, one that asks for nothing picks everything, and one that is not there picks nothing.
    """
    if not isinstance(selector, dict):
        return False
    wanted = mapping(selector, "matchLabels")
    return all(labels.get(name) == value for name, value in wanted.items()) and all(
        expression_matches(expression, labels) for _, expression in items(selector, "matchExpressions")
    )


def expression_matches(expression: dict[str, Any], labels: dict[str, Any]) -> bool:
    """Tells whether labels are as an expression of a selector wants them; an operator that there is not wants nothing.

    A label that is not there is in no list of values (``Requirement.Matches`` in ``labels/selector.go``).
    """
    key, values = text(expression, "key"), sequence(expression, "values")
    operator = expression.get("operator")
    if operator == "In":
        return key in labels and labels[key] in values
    if operator == "NotIn":
        return key not in labels or labels[key] not in values
    return {"Exists": key in labels, "DoesNotExist": key not in labels}.get(str(operator), True)


def has_operators(resource: Resource) -> bool:
    """Tells whether the build of an object has custom resources, whose operators may make what is not in the build."""
    return not all(_KUBERNETES.fullmatch(each.group) for each in resource.siblings)


def selected(service: Resource) -> tuple[Resource, ...]:
    """Returns the workloads of the same build and namespace whose pods a Service sends its traffic to."""
    return tuple(workload for workload in _workloads(service.siblings) if _sends(service, workload))


def services(workload: Resource) -> tuple[Resource, ...]:
    """Returns the Services of the same build that send traffic to a workload's pods."""
    return tuple(service for service in _services(workload.siblings) if _sends(service, workload))


def serves(workload: Resource) -> bool:
    """Tells whether a Service of the same build sends traffic to a workload's pods, and not only asks for metrics."""
    return any(not is_for_metrics(port) for one in services(workload) for _, port in items(one.body, "spec", "ports"))


def is_for_metrics(port: dict[str, Any]) -> bool:
    """Tells by its names whether a Service's port is one that Prometheus asks."""
    return any(_METRICS.search(str(port.get(field))) for field in ("name", "targetPort"))


def _sends(service: Resource, workload: Resource) -> bool:
    if service.namespace != workload.namespace or service.get("spec", "type") == "ExternalName":
        return False
    return selects(mapping(service.body, "spec", "selector"), pod_labels(workload))


@functools.lru_cache(maxsize=4)
def _services(siblings: tuple[Resource, ...]) -> tuple[Resource, ...]:
    return tuple(sibling for sibling in siblings if sibling.group_kind == "Service")


@functools.lru_cache(maxsize=4)
def _workloads(siblings: tuple[Resource, ...]) -> tuple[Resource, ...]:
    return tuple(sibling for sibling in siblings if pod_route(sibling) is not None)


def port_names(container: dict[str, Any]) -> frozenset[str]:
    """Returns the names under which a container declares its ports."""
    return frozenset(name for _, port in items(container, "ports") if isinstance(name := port.get("name"), str))


def port_numbers(container: dict[str, Any]) -> frozenset[int]:
    """Returns the numbers of the ports that a container declares."""
    return frozenset(
        number for _, port in items(container, "ports") if isinstance(number := port.get("containerPort"), int)
    )


def is_hook(resource: Resource) -> bool:
    """Tells whether Argo CD runs an object as a hook of its own or of Helm's, and not as a part of the application."""
    return argocd.HOOK_ANNOTATION in resource.annotations or "helm.sh/hook" in resource.annotations


def images(resource: Resource) -> Iterator[tuple[Route, Image]]:
    """Yields the image of every container with its route, but for those that something else decides about.

    That is a template, Istio's injection, a trigger or an image stream of OpenShift, or OpenShift's own release.
    """
    filled, streams = _filled_by_triggers(resource), _local_streams(resource.siblings)
    for route, container in containers(resource):
        reference = container.get("image")
        if not isinstance(reference, str) or text(container, "name") in filled:
            continue
        if reference.strip() in _NO_IMAGES or _FILLED_IN_LATER.search(reference):
            continue
        image = parse_image(reference.strip())
        if (resource.namespace, image.name) not in streams and not image.name.startswith(_OPENSHIFT_RELEASE):
            yield (*route, "image"), image


@functools.lru_cache(maxsize=4)
def _local_streams(siblings: tuple[Resource, ...]) -> frozenset[tuple[str, str]]:
    """Returns namespace and name of the image streams that OpenShift looks a bare name up in before any registry."""
    return frozenset(
        (sibling.namespace, sibling.name)
        for sibling in siblings
        if sibling.group_kind == "ImageStream.image.openshift.io"
        and sibling.get("spec", "lookupPolicy", "local") is True
    )


def _filled_by_triggers(resource: Resource) -> frozenset[str]:
    """Returns the names of the containers whose images OpenShift sets when an image stream changes."""
    names: set[str] = set()
    for _, trigger in items(resource.body, "spec", "triggers"):
        listed = sequence(trigger, "imageChangeParams", "containerNames")
        names.update(name for name in listed if isinstance(name, str))
    annotation = resource.annotations.get(_TRIGGERS_ANNOTATION)
    if isinstance(annotation, str):
        names.update(re.findall(r"""@\.name\s*==\s*\\?["']([^"'\\]+)""", annotation))
        indices = {int(index) for index in re.findall(r"containers\[(\d{1,4})\]", annotation)}
        for route, container in containers(resource):
            if route[-2] == "containers" and route[-1] in indices:
                names.add(text(container, "name"))
    return frozenset(names)


def needs(resource: Resource) -> Iterator[tuple[Route, str, str]]:
    """Yields route, kind and name of each object without which a pod does not start; what is optional is left out."""
    pod = pod_route(resource)
    if pod is None:
        return
    if account := resource.get(*pod, "serviceAccountName"):
        yield (*pod, "serviceAccountName"), "ServiceAccount", str(account)
    for route, container in containers(resource):
        yield from _in_container(route, container)
    for route, volume in items(resource.body, *pod, "volumes"):
        claim = mapping(volume, "persistentVolumeClaim")
        if claim:
            yield (*route, "persistentVolumeClaim", "claimName"), "PersistentVolumeClaim", text(claim, "claimName")
        for field, kind, key in (("configMap", "ConfigMap", "name"), ("secret", "Secret", "secretName")):
            if mapping(volume, field).get("optional") is not True:
                yield (*route, field, key), kind, text(volume, field, key)


def _in_container(route: Route, container: dict[str, Any]) -> Iterator[tuple[Route, str, str]]:
    for where, source in items(container, "envFrom"):
        for field, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            if mapping(source, field).get("optional") is not True:
                yield (*route, *where, field, "name"), kind, text(source, field, "name")
    for where, variable in items(container, "env"):
        for field, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
            if mapping(variable, "valueFrom", field).get("optional") is not True:
                yield (*route, *where, "valueFrom", field, "name"), kind, text(variable, "valueFrom", field, "name")
