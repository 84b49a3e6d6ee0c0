"""ExternalSecrets: what names a value in a store outside, and holds none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

STORE_KINDS = ("ClusterSecretStore", "SecretStore")


class Entry(NamedTuple):
    """Where the values lie: a store in the cluster, and the entry in it. ``whole`` takes the entry as the one value."""

    store: str
    kind: str
    key: str
    whole: bool = False


def manifest(name: str, namespace: str, keys: tuple[str, ...], entry: Entry) -> dict[str, Any]:
    """Returns the body of an ExternalSecret, which makes a Secret of its own name with these keys.

    It says nothing that the operator has a default for: a default written by the API server would be a difference
    that Argo CD sees for as long as it is there.
    """
    return {
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "refreshInterval": "1h0m0s",
            "secretStoreRef": {"kind": entry.kind, "name": entry.store},
            "target": {"name": name},
            "data": [_datum(key, entry) for key in keys],
        },
    }


def templated(
    body: dict[str, Any], labels: Mapping[str, str], constants: Mapping[str, str], annotations: Mapping[str, str]
) -> dict[str, Any]:
    """Returns the body with annotations of its own, and a Secret that has labels and values which are no secret."""
    spec = body["spec"]
    data = {**constants, **{one["secretKey"]: f"{{{{ .{one['secretKey']} }}}}" for one in spec["data"]}}
    target = {**spec["target"], "template": {"metadata": {"labels": dict(labels)}, "data": data}}
    return body | {
        "metadata": {**body["metadata"], "annotations": dict(annotations)},
        "spec": {
            **{key: value for key, value in spec.items() if key != "data"},
            "target": target,
            "data": spec["data"],
        },
    }


def _datum(key: str, entry: Entry) -> dict[str, Any]:
    reference = {"key": entry.key} if entry.whole else {"key": entry.key, "property": key}
    return {"secretKey": key, "remoteRef": reference}
