"""What a cluster's add-ons do, as far as health depends on it: volumes appear, and autoscalers keep their bounds.

It is run as ``python -m gitopsmith.sandbox.addons FOLDER``, for the sandbox of that folder. Nothing measures load, so
that an autoscaler holds the least number of replicas; what it says of itself is a stage of KWOK's.
"""

from __future__ import annotations

import http.client
import sys
import time
from pathlib import Path
from typing import Any

from gitopsmith.finding import Failure
from gitopsmith.manifest import items, mapping, text
from gitopsmith.sandbox import state
from gitopsmith.sandbox.api import Api, Refused

EVERY = 1.0
"""Seconds between two looks at the cluster."""
MERGE = "application/merge-patch+json"
SCALABLE = {"Deployment": "deployments", "ReplicaSet": "replicasets", "StatefulSet": "statefulsets"}


def volume(claim: Any) -> dict[str, Any] | None:
    """Returns the volume that a claim waits for, None when it waits for none, or names one itself."""
    if text(claim, "status", "phase") != "Pending" or text(claim, "spec", "volumeName"):
        return None
    metadata, spec = mapping(claim, "metadata"), mapping(claim, "spec")
    name = f"pvc-{metadata['uid']}"
    kept = {key: spec[key] for key in ("accessModes", "volumeMode", "storageClassName") if key in spec}
    reference = {"apiVersion": "v1", "kind": "PersistentVolumeClaim"}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name},
        "spec": {
            **kept,
            "capacity": mapping(spec, "resources", "requests"),
            "persistentVolumeReclaimPolicy": "Retain",
            "hostPath": {"path": f"/nowhere/{name}"},
            "claimRef": {**reference, **{key: metadata[key] for key in ("namespace", "name", "uid")}},
        },
    }


def bounded(replicas: int, least: int, most: int) -> int:
    """Returns the number of replicas that an autoscaler leaves; none at all means that it is switched off."""
    return 0 if replicas == 0 else max(least, min(most, replicas))


def _provide(api: Api) -> None:
    for _, claim in items(api.get("/api/v1/persistentvolumeclaims"), "items"):
        wanted = volume(claim)
        if wanted is not None:
            api.apply(f"/api/v1/persistentvolumes/{wanted['metadata']['name']}", wanted)
    for _, found in items(api.get("/api/v1/persistentvolumes"), "items"):
        if text(found, "status", "phase") == "Released" and text(found, "metadata", "name").startswith("pvc-"):
            api.request("DELETE", f"/api/v1/persistentvolumes/{found['metadata']['name']}")


def _scale(api: Api) -> None:
    for _, autoscaler in items(api.get("/apis/autoscaling/v2/horizontalpodautoscalers"), "items"):
        metadata, spec = autoscaler["metadata"], autoscaler["spec"]
        kind, name = SCALABLE.get(text(spec, "scaleTargetRef", "kind")), text(spec, "scaleTargetRef", "name")
        path = f"/apis/apps/v1/namespaces/{metadata['namespace']}/{kind}/{name}/scale"
        scale = api.get(path) if kind else None
        if scale is None:
            continue
        replicas = mapping(scale, "spec").get("replicas", 0)
        wanted = bounded(replicas, spec.get("minReplicas", 1), spec["maxReplicas"])
        if wanted != replicas:
            api.request("PATCH", path, {"spec": {"replicas": wanted}}, MERGE)
        if mapping(autoscaler, "status").get("desiredReplicas") != wanted:
            own = f"/apis/autoscaling/v2/namespaces/{metadata['namespace']}/horizontalpodautoscalers/{metadata['name']}"
            said = {"status": {"currentReplicas": wanted, "desiredReplicas": wanted}}
            api.request("PATCH", f"{own}/status", said, MERGE)


def serve(folder: Path) -> None:
    """Does so until the process ends; what the API server refuses is said, and tried again."""
    api = Api(state.read(folder).ports["kube-apiserver"], folder / "keys")
    while True:
        for work in (_provide, _scale):
            try:
                work(api)
            except (OSError, ValueError, http.client.HTTPException, Refused, Failure) as error:
                print(error, file=sys.stderr, flush=True)  # noqa: T201 - the log
        time.sleep(EVERY)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
