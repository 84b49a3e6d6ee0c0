"""ConfigMaps, Secrets, and claims of volumes.

Facts: ``ValidateConfigMap``, ``ValidateSecret`` and ``ValidatePersistentVolumeClaim`` in
``pkg/apis/core/validation/validation.go`` of Kubernetes.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Iterator
from typing import Any

from gitopsmith.finding import Severity
from gitopsmith.manifest import get, mapping, sequence, text
from gitopsmith.validate.causes import SchemaProblem
from gitopsmith.validate.server import metadata, quantities
from gitopsmith.validate.server.refusal import choice, refused

_KEY = re.compile(r"[-._a-zA-Z0-9]{1,253}")
_LARGEST = 1024 * 1024
_NEEDED: dict[str, tuple[str, ...]] = {
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
}
"""The keys that a Secret of a type has to have."""
_MODES = ("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod")


def config_map(body: dict[str, Any]) -> Iterator[SchemaProblem]:
    data, binary = mapping(body, "data"), mapping(body, "binaryData")
    yield from _keys(body, "data", "binaryData")
    yield from _encoded(body, "binaryData")
    for key in data.keys() & binary.keys():
        yield refused(("data", key), f"{key!r} stands in binaryData too; write it once")
    size = sum(len(value.encode("utf-8", "replace")) for value in data.values() if isinstance(value, str))
    if size > _LARGEST:
        yield refused(("data",), f"holds {size} bytes, more than {_LARGEST}")


def secret(body: dict[str, Any]) -> Iterator[SchemaProblem]:
    yield from _keys(body, "data", "stringData")
    yield from _encoded(body, "data")
    kind = text(body, "type")
    held = mapping(body, "data").keys() | mapping(body, "stringData").keys()
    for key in _NEEDED.get(kind, ()):
        if key not in held:
            yield refused((), f"a Secret of type {kind} needs the key {key!r}")
    if kind == "kubernetes.io/basic-auth" and not held & {"username", "password"}:
        yield refused((), f"a Secret of type {kind} needs the key 'username' or 'password'")
    for key in _NEEDED.get(kind, ()):
        if "docker" in key and not _is_json(body, key):
            yield refused(("data" if key in mapping(body, "data") else "stringData", key), "does not hold JSON")


def claim(body: dict[str, Any], *above: str | int) -> Iterator[SchemaProblem]:
    """Yields what is wrong with a claim, or with the template of one ``above``."""
    spec = mapping(body, "spec")
    for problem in _resized(spec) if not above and _only_resizes(spec) else _claim(spec):
        yield problem._replace(route=(*above, *problem.route))


def _only_resizes(spec: dict[str, Any]) -> bool:
    """Tells whether a claim says its size and nothing else, as it is written for one that an operator made."""
    return spec.keys() == {"resources"} and get(spec, "resources", "requests", "storage") is not None


def _resized(spec: dict[str, Any]) -> Iterator[SchemaProblem]:
    message = "needs accessModes where the claim does not exist yet; without them this only resizes one that does"
    yield refused(("spec",), message)._replace(severity=Severity.WARNING)
    yield from quantities.resources(get(spec, "resources"), ("spec", "resources"))


def _claim(spec: dict[str, Any]) -> Iterator[SchemaProblem]:
    yield from choice(("spec", "volumeMode"), spec.get("volumeMode"), ("Block", "Filesystem"))
    storage = spec.get("storageClassName")
    if isinstance(storage, str) and storage and not metadata.SUBDOMAIN.fullmatch(storage):
        yield refused(("spec", "storageClassName"), f"{storage[:70]!r} cannot be the name of a class")
    modes = sequence(spec, "accessModes")
    if not modes:
        yield refused(("spec",), f"needs accessModes; write at least one of {', '.join(_MODES)}")
    for index, mode in enumerate(modes):
        yield from choice(("spec", "accessModes", index), mode, _MODES)
    if len(modes) > 1 and "ReadWriteOncePod" in modes:
        yield refused(("spec", "accessModes"), "ReadWriteOncePod cannot stand beside another mode")
    if get(spec, "resources", "requests", "storage") is None:
        yield refused(("spec",), "needs a size; write it in resources.requests.storage")
    yield from quantities.resources(get(spec, "resources"), ("spec", "resources"))


def _keys(body: dict[str, Any], *fields: str) -> Iterator[SchemaProblem]:
    for field in fields:
        for key in mapping(body, field):
            if not _KEY.fullmatch(key) or key == "." or key.startswith(".."):
                yield refused(
                    (field, key), f"{key[:40]!r} cannot be a key: letters, digits, '-', '_' and '.' are allowed"
                )


def _encoded(body: dict[str, Any], field: str) -> Iterator[SchemaProblem]:
    for key, value in mapping(body, field).items():
        if isinstance(value, str) and _decoded(value) is None:
            hint = "; plain text belongs in stringData" if field == "data" else ""
            yield refused((field, key), f"is not base64{hint}")


def _decoded(value: str) -> bytes | None:
    try:
        return base64.b64decode(value.replace("\r", "").replace("\n", ""), validate=True)
    except (binascii.Error, ValueError):
        return None


def _is_json(body: dict[str, Any], key: str) -> bool:
    """Tells whether a value is JSON, or cannot be read, which is said elsewhere."""
    plain = get(body, "stringData", key)
    value = get(body, "data", key)
    found = plain if isinstance(plain, str) else _decoded(value) if isinstance(value, str) else None
    if found is None:
        return True
    try:
        json.loads(found)
    except ValueError:
        return False
    return True
