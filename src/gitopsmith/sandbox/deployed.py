"""What Argo CD's Deployments would give to its processes: they are objects in the cluster, and their pods pretend."""

from __future__ import annotations

import base64
from typing import Any

from gitopsmith.manifest import items, mapping, text
from gitopsmith.sandbox.api import Api

NAMESPACE = "argocd"
WORKLOADS = {
    "argocd-repo-server": "deployments/argocd-repo-server",
    "argocd-application-controller": "statefulsets/argocd-application-controller",
    "argocd-applicationset-controller": "deployments/argocd-applicationset-controller",
    "argocd-server": "deployments/argocd-server",
}
KINDS = frozenset({"applications", "applicationsets", "appprojects"})


def is_installed(api: Api) -> bool:
    """Tells whether everything is there that Argo CD's processes look for when they start.

    The ApplicationSet controller sleeps for ten seconds when its kind is not served yet.
    """
    served = api.get("/apis/argoproj.io/v1alpha1")
    if served is None or not {one["name"] for one in served["resources"]} >= KINDS:
        return False
    settings = (_core("configmaps", "argocd-cm"), _core("secrets", "argocd-secret"))
    return all(api.get(path) for path in (*settings, *map(_apps, WORKLOADS.values())))


def environments(api: Api) -> dict[str, dict[str, str]]:
    """Returns Argo CD's settings in the environment of each process, by the name of the program.

    They are as of now: a process, here as in a pod, does not hear of a later change in ``argocd-cmd-params-cm``.
    """
    return {name: _environment(api, api.get(_apps(path))) for name, path in WORKLOADS.items()}


def _environment(api: Api, workload: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    containers = [one for _, one in items(workload, "spec", "template", "spec", "containers")]
    for _, variable in items(containers[0] if containers else {}, "env"):
        value = variable.get("value")
        if value is None:
            value = _referred(api, mapping(variable, "valueFrom"))
        # What is not Argo CD's own are folders of the container, and a Redis that is not used.
        if value is not None and text(variable, "name").startswith("ARGOCD_"):
            found[text(variable, "name")] = value
    return found


def _referred(api: Api, source: dict[str, Any]) -> str | None:
    """Returns the value of a key in a ConfigMap or Secret, None where it is not there."""
    for kind, field in (("configmaps", "configMapKeyRef"), ("secrets", "secretKeyRef")):
        reference = mapping(source, field)
        if reference:
            data = mapping(api.get(_core(kind, text(reference, "name"))), "data")
            value = data.get(text(reference, "key"))
            return base64.b64decode(value).decode() if value is not None and kind == "secrets" else value
    return None


def _core(kind: str, name: str) -> str:
    return f"/api/v1/namespaces/{NAMESPACE}/{kind}/{name}"


def _apps(path: str) -> str:
    return f"/apis/apps/v1/namespaces/{NAMESPACE}/{path}"
