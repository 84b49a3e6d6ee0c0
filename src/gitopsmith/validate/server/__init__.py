"""What the API server checks that no schema says: names, combinations of fields, references inside of an object.

Each check is one that every supported Kubernetes makes, and was compared with a real API server, which
``bench/admission.py`` does over again: nothing is refused here that is accepted there. The list is not complete:
conditions in CEL, and fields that hardly anybody sets, are left to the cluster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from gitopsmith.manifest import is_object
from gitopsmith.validate.causes import SchemaProblem, order
from gitopsmith.validate.schemas import without_sops
from gitopsmith.validate.server import data, metadata, networking, rbac, workloads
from gitopsmith.validate.server.refusal import RULE

__all__ = ["RULE", "refusals"]

_CHECKS: dict[tuple[str, str], Callable[[dict[str, Any]], Iterable[SchemaProblem]]] = {
    ("", "ConfigMap"): data.config_map,
    ("", "PersistentVolumeClaim"): data.claim,
    ("", "Pod"): workloads.pod,
    ("", "Secret"): data.secret,
    ("", "Service"): networking.service,
    ("apps", "DaemonSet"): workloads.daemon_set,
    ("apps", "Deployment"): workloads.deployment,
    ("apps", "StatefulSet"): workloads.stateful_set,
    ("autoscaling", "HorizontalPodAutoscaler"): workloads.autoscaler,
    ("batch", "CronJob"): workloads.cron_job,
    ("batch", "Job"): workloads.job,
    ("networking.k8s.io", "Ingress"): networking.ingress,
    ("networking.k8s.io", "NetworkPolicy"): networking.network_policy,
    ("policy", "PodDisruptionBudget"): workloads.budget,
    ("rbac.authorization.k8s.io", "ClusterRole"): rbac.role,
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"): rbac.binding,
    ("rbac.authorization.k8s.io", "Role"): rbac.role,
    ("rbac.authorization.k8s.io", "RoleBinding"): rbac.binding,
}


def refusals(body: Any, known: Iterable[SchemaProblem] = ()) -> list[SchemaProblem]:
    """Returns why the API server would refuse an object, sorted by route.

    Where its schema says something already, it is silent about the field and all below: what is missing is not judged.
    """
    if not is_object(body):
        return []
    group, kind = body["apiVersion"].rpartition("/")[0], body["kind"]
    if kind.endswith("List") and "items" in body:
        return []
    plain = without_sops(body)
    if plain is not body:
        # What is encrypted in the file is something else in the cluster.
        return []
    check = _CHECKS.get((group, kind))
    said = [problem.route for problem in known]
    found = (*metadata.check(body, group, kind), *(check(body) if check else ()))
    new = {problem for problem in found if not any(problem.route[: len(route)] == route for route in said)}
    return sorted(new, key=order)
