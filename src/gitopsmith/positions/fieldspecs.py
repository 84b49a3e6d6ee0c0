"""The fields that kustomize's transformers write to (``api/internal/konfig/builtinpluginconsts``)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from gitopsmith.finding import Route
from gitopsmith.manifest import items, text

_POD_TERM = "labelSelector/matchLabels"
_AFFINITIES = tuple(
    f"spec/template/spec/affinity/{kind}/{rule}"
    for kind in ("podAffinity", "podAntiAffinity")
    for rule in (
        f"preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/{_POD_TERM}",
        f"requiredDuringSchedulingIgnoredDuringExecution/{_POD_TERM}",
    )
)


class FieldSpec(NamedTuple):
    """A path of keys, with lists passed through, in the objects of a kind; an empty kind or group is any."""

    path: str
    create: bool = False
    kind: str = ""
    group: str = ""
    version: str = ""

    @property
    def steps(self) -> tuple[str, ...]:
        return tuple(step.replace("\\/", "/") for step in re.split(r"(?<!\\)/", self.path))

    def applies(self, api_version: str, kind: str) -> bool:
        group, _, version = api_version.rpartition("/")
        return self.kind in {"", kind} and self.group in {"", group} and self.version in {"", version}


METADATA_LABELS = (FieldSpec("metadata/labels", create=True),)
TEMPLATE_LABELS = (
    *METADATA_LABELS,
    FieldSpec("spec/template/metadata/labels", True, "ReplicationController", "", "v1"),
    FieldSpec("spec/template/metadata/labels", True, "Deployment"),
    FieldSpec("spec/template/metadata/labels", True, "ReplicaSet"),
    FieldSpec("spec/template/metadata/labels", True, "DaemonSet"),
    FieldSpec("spec/template/metadata/labels", True, "StatefulSet", "apps"),
    FieldSpec("spec/volumeClaimTemplates[]/metadata/labels", True, "StatefulSet", "apps"),
    FieldSpec("spec/template/metadata/labels", True, "Job", "batch"),
    FieldSpec("spec/jobTemplate/metadata/labels", True, "CronJob", "batch"),
    FieldSpec("spec/jobTemplate/spec/template/metadata/labels", True, "CronJob", "batch"),
)
COMMON_LABELS = (
    FieldSpec("spec/selector", True, "Service", "", "v1"),
    FieldSpec("spec/selector", True, "ReplicationController", "", "v1"),
    FieldSpec("spec/selector/matchLabels", True, "Deployment"),
    FieldSpec("spec/selector/matchLabels", True, "ReplicaSet"),
    FieldSpec("spec/selector/matchLabels", True, "DaemonSet"),
    FieldSpec("spec/selector/matchLabels", True, "StatefulSet", "apps"),
    *(FieldSpec(path, False, kind, "apps") for kind in ("Deployment", "StatefulSet") for path in _AFFINITIES),
    *(
        FieldSpec(f"spec/template/spec/topologySpreadConstraints/{_POD_TERM}", False, kind, "apps")
        for kind in ("Deployment", "StatefulSet")
    ),
    FieldSpec("spec/selector/matchLabels", False, "Job", "batch"),
    FieldSpec("spec/jobTemplate/spec/selector/matchLabels", False, "CronJob", "batch"),
    FieldSpec("spec/selector/matchLabels", False, "PodDisruptionBudget", "policy"),
    FieldSpec("spec/podSelector/matchLabels", False, "NetworkPolicy", "networking.k8s.io"),
    FieldSpec("spec/ingress/from/podSelector/matchLabels", False, "NetworkPolicy", "networking.k8s.io"),
    FieldSpec("spec/egress/to/podSelector/matchLabels", False, "NetworkPolicy", "networking.k8s.io"),
    *TEMPLATE_LABELS,
)
ANNOTATIONS = (
    FieldSpec("metadata/annotations", create=True),
    FieldSpec("spec/template/metadata/annotations", True, "ReplicationController", "", "v1"),
    FieldSpec("spec/template/metadata/annotations", True, "Deployment"),
    FieldSpec("spec/template/metadata/annotations", True, "ReplicaSet"),
    FieldSpec("spec/template/metadata/annotations", True, "DaemonSet"),
    FieldSpec("spec/template/metadata/annotations", True, "StatefulSet"),
    FieldSpec("spec/template/metadata/annotations", True, "Job", "batch"),
    FieldSpec("spec/jobTemplate/metadata/annotations", True, "CronJob", "batch"),
    FieldSpec("spec/jobTemplate/spec/template/metadata/annotations", True, "CronJob", "batch"),
)
NAMESPACE = (
    FieldSpec("metadata/name", True, "Namespace", "", "v1"),
    FieldSpec("spec/service/namespace", True, "APIService", "apiregistration.k8s.io"),
    FieldSpec(
        "spec/conversion/webhook/clientConfig/service/namespace", False, "CustomResourceDefinition",
        "apiextensions.k8s.io",
    ),
)  # fmt: skip
REPLICAS = tuple(
    FieldSpec("spec/replicas", True, kind)
    for kind in ("Deployment", "ReplicationController", "ReplicaSet", "StatefulSet")
)
IMAGE_LISTS = frozenset({"containers", "initContainers"})
"""Their items' ``image`` is replaced wherever they stand, in any kind but CustomResourceDefinition."""
IMAGES = tuple(
    FieldSpec(f"{spec}/{path}")
    for spec in ("spec", "spec/template/spec")
    for path in ("containers[]/image", "initContainers[]/image", "volumes[]/image/reference")
)
NAMES = (FieldSpec("metadata/name"),)
NOT_RENAMED = frozenset({"CustomResourceDefinition", "APIService", "Namespace"})
"""Kinds that take no prefix and no suffix."""


def read(body: Any, name: str) -> tuple[FieldSpec, ...]:
    """Reads the field specs under a key, as ``configurations`` and transformers in files of their own write them."""
    return tuple(
        FieldSpec(
            text(item, "path"), bool(item.get("create")), *(text(item, key) for key in ("kind", "group", "version"))
        )
        for _, item in items(body, name)
        if text(item, "path")
    )


def routes(body: Any, steps: tuple[str, ...], route: Route = ()) -> Iterator[tuple[Route, Any]]:
    """Yields what a body holds at the steps of a spec, with its route; lists on the way are passed through."""
    if isinstance(body, list):
        for index, item in enumerate(body):
            yield from routes(item, steps, (*route, index))
    elif not steps:
        yield route, body
    elif isinstance(body, dict) and steps[0].removesuffix("[]") in body:
        step = steps[0].removesuffix("[]")
        yield from routes(body[step], steps[1:], (*route, step))
