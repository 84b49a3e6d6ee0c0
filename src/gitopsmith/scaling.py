"""How many pods a workload has, what changes that, and what keeps them from being evicted.

All of it as far as one build tells: what another one adds is not known here.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple

from gitopsmith.image import parse
from gitopsmith.manifest import Resource, items, mapping, text
from gitopsmith.workload import containers, matches, pod_labels, pod_route

REPLICATED = frozenset(
    {"Deployment.apps", "StatefulSet.apps", "Rollout.argoproj.io", "DeploymentConfig.apps.openshift.io"}
)
"""The kinds with a number of pods that people choose."""
AUTOSCALER = "HorizontalPodAutoscaler.autoscaling"
SCALED_OBJECT = "ScaledObject.keda.sh"
VERTICAL = "VerticalPodAutoscaler.autoscaling.k8s.io"
AUTOSCALERS = frozenset({AUTOSCALER, SCALED_OBJECT})
BUDGET = "PodDisruptionBudget.policy"


_LASTING = ("persistentVolumeClaim", "hostPath", "nfs", "iscsi", "csi", "ephemeral", "cephfs", "glusterfs")


class Target(NamedTuple):
    """What an autoscaler scales: a kind with its group, and a name in its own namespace."""

    group_kind: str
    name: str


def target(autoscaler: Resource) -> Target:
    """Returns what an autoscaler scales; KEDA takes a Deployment where nothing else is said."""
    field = "targetRef" if autoscaler.group_kind == VERTICAL else "scaleTargetRef"
    wanted = mapping(autoscaler.body, "spec", field)
    is_keda = autoscaler.group_kind == SCALED_OBJECT
    version = text(wanted, "apiVersion") or ("apps/v1" if is_keda else "")
    kind = text(wanted, "kind") or ("Deployment" if is_keda else "")
    group = version.rpartition("/")[0]
    return Target(f"{kind}.{group}" if group else kind, text(wanted, "name"))


def autoscalers(workload: Resource) -> tuple[Resource, ...]:
    """Returns the autoscalers of the same build that change a workload's number of pods."""
    return tuple(one for one in of_kinds(workload.siblings, AUTOSCALERS) if _scales(one, workload))


def resizers(workload: Resource) -> tuple[Resource, ...]:
    """Returns the VerticalPodAutoscalers of the same build that set what a workload's containers request."""
    return tuple(
        one
        for one in of_kinds(workload.siblings, frozenset({VERTICAL}))
        if _scales(one, workload) and one.get("spec", "updatePolicy", "updateMode") != "Off"
    )


def _scales(autoscaler: Resource, workload: Resource) -> bool:
    if autoscaler.namespace != workload.namespace:
        return False
    return target(autoscaler) == Target(workload.group_kind, workload.name)


def fewest(workload: Resource) -> int | None:
    """Returns how many pods a workload has when it has the fewest, None where that is not known.

    An autoscaler without a minimum keeps one pod. KEDA, too, once anything runs: at zero there is nothing to keep.
    """
    scaled = autoscalers(workload)
    if not scaled:
        return replicas(workload)
    found = [minimum(one) for one in scaled]
    return None if None in found else max(1, min(number for number in found if number is not None))


def minimum(autoscaler: Resource) -> int | None:
    """Returns how many pods an autoscaler keeps at least, as far as it says, None where that is filled in later."""
    return _number(autoscaler, "minReplicaCount" if autoscaler.group_kind == SCALED_OBJECT else "minReplicas")


def replicas(workload: Resource) -> int | None:
    """Returns the number of pods that a workload's manifest asks for, None where that is filled in later."""
    return _number(workload, "replicas")


def amount(value: object, pods: int, rounded: Callable[[float], int]) -> int | None:
    """Returns how many of some pods a number or a share such as ``25%`` means, None where it is neither."""
    if isinstance(value, str) and value.endswith("%") and value.removesuffix("%").isdecimal():
        return rounded(int(value.removesuffix("%")) * pods / 100)
    return value if isinstance(value, int) else None


def _number(resource: Resource, field: str) -> int | None:
    value = resource.get("spec", field)
    value = 1 if value is None else value
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def budgets(workload: Resource) -> tuple[Resource, ...]:
    """Returns the PodDisruptionBudgets of the same build that speak of a workload's pods."""
    return tuple(one for one in of_kinds(workload.siblings, frozenset({BUDGET})) if _speaks_of(one, workload))


def protected(budget: Resource) -> tuple[Resource, ...]:
    """Returns the workloads of the same build whose pods a PodDisruptionBudget speaks of."""
    return tuple(one for one in with_pods(budget.siblings) if _speaks_of(budget, one))


def _speaks_of(budget: Resource, workload: Resource) -> bool:
    return budget.namespace == workload.namespace and matches(budget.get("spec", "selector"), pod_labels(workload))


@functools.lru_cache(maxsize=4)
def with_pods(siblings: tuple[Resource, ...]) -> tuple[Resource, ...]:
    """Returns those of a build's objects that have pods, or whose kind makes some."""
    return tuple(one for one in siblings if pod_route(one) is not None or one.group_kind in REPLICATED)


@functools.lru_cache(maxsize=8)
def of_kinds(siblings: tuple[Resource, ...], kinds: frozenset[str]) -> tuple[Resource, ...]:
    """Returns those of a build's objects that are of some kinds."""
    return tuple(one for one in siblings if one.group_kind in kinds)


def keeps_data(workload: Resource) -> bool:
    """Tells whether the pods of a workload mount storage that outlives them, which many of them can seldom share."""
    route = pod_route(workload)
    volumes = items(workload.body, *route, "volumes") if route is not None else ()
    return any(isinstance(volume.get(source), dict) for _, volume in volumes for source in _LASTING)


def holds_places(workload: Resource) -> bool:
    """Tells whether the pods of a workload only keep room on nodes for others: all that they run is ``pause``."""
    found = [parse(text(container, "image")).name for _, container in containers(workload)]
    return bool(found) and all(name.rpartition("/")[2] == "pause" for name in found)
