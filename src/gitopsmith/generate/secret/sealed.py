"""SealedSecrets: sealed by kubeseal, for one name in one namespace of one cluster."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from gitopsmith import documents, tools
from gitopsmith.finding import Failure
from gitopsmith.generate.secret.values import Value
from gitopsmith.kubectl import scrub
from gitopsmith.manifest import get, mapping, text

COMMENT = "# Only the controller of sealed-secrets can read this, and only as this name in this namespace.\n"


class Certificate(NamedTuple):
    """Whose key to seal with: a certificate's in a file or at a URL, or that of the cluster of a kubectl context."""

    file: str = ""
    context: str = ""


class Identity(NamedTuple):
    """What the Secret will be called, and what labels and annotations it will have."""

    name: str
    namespace: str
    labels: Mapping[str, str] = {}
    annotations: Mapping[str, str] = {}


def seal(identity: Identity, values: tuple[Value, ...], certificate: Certificate) -> dict[str, str]:
    """Returns the ciphertext of each key. The values reach kubeseal by its stdin alone.

    Raises Failure with kubeseal's complaint, without any of the values.
    """
    program = tools.find("kubeseal")
    if program is None:
        raise tools.Missing(
            "kubeseal is not on PATH, and nothing else can seal for sealed-secrets;"
            " it comes with each release of sealed-secrets"
        )
    if certificate.file and "://" not in certificate.file and not Path(certificate.file).is_file():
        raise Failure(f"--cert {certificate.file} is no file; `kubeseal --fetch-cert` writes the cluster's to stdout")
    whose = f"--cert={certificate.file}" if certificate.file else f"--context={certificate.context}"
    data = {value.key: base64.b64encode(value.data).decode() for value in values}
    metadata = {"name": identity.name, "namespace": identity.namespace}
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data}
    output = tools.run(program, "--format=json", "--scope=strict", whose, stdin=json.dumps(body).encode(), timeout=60)
    sealed = _encrypted(output.stdout) if output.status == 0 else {}
    if set(sealed) != set(data):
        words = [*data.values(), *(value.data.decode("utf-8", "replace") for value in values)]
        raise Failure(f"kubeseal seals nothing: {scrub(output.complaint, words)}", status=3)
    return sealed


def _encrypted(printed: bytes) -> dict[str, str]:
    try:
        found = mapping(json.loads(printed), "spec", "encryptedData")
    except ValueError:
        return {}
    return {key: value for key, value in found.items() if isinstance(value, str)}


def manifest(
    identity: Identity, sealed: Mapping[str, str], annotations: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Returns the body of a new SealedSecret; ``annotations`` are its own, those of ``identity`` the Secret's."""
    metadata: dict[str, Any] = {"name": identity.name, "namespace": identity.namespace}
    made = {"annotations": dict(identity.annotations), "labels": dict(identity.labels)}
    template = {"metadata": {key: value for key, value in made.items() if value}, "type": "Opaque"}
    return {
        "apiVersion": "bitnami.com/v1alpha1",
        "kind": "SealedSecret",
        "metadata": metadata | ({"annotations": dict(annotations)} if annotations else {}),
        "spec": {
            "encryptedData": dict(sorted(sealed.items())),
            "template": {key: value for key, value in template.items() if value},
        },
    }


def refuse_unless_fitting(existing: str, path: str, identity: Identity, keys: Iterable[str], *, replace: bool) -> None:
    """Raises Failure when a file cannot take more keys.

    It holds something else then, or what is sealed for another name or namespace, or one of the keys, and ``replace``
    is not set.
    """
    body = documents.load(existing)
    if text(body, "kind") != "SealedSecret":
        raise Failure(f"{path} is there already, and is no SealedSecret; choose another name")
    sealed_for = text(body, "metadata", "name"), text(body, "metadata", "namespace")
    if sealed_for != (identity.name, identity.namespace):
        wanted = f"{identity.name} in {identity.namespace}"
        raise Failure(f"{path} is sealed as {sealed_for[0]} in {sealed_for[1] or 'no namespace'}, not as {wanted}")
    for key in keys:
        if get(body, "spec", "encryptedData", key) is not None and not replace:
            raise Failure(f"{path} has the key {key} already; --replace puts the new value in its place")
