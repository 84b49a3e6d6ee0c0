"""The files that a secret makes or changes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gitopsmith import documents, edit
from gitopsmith.edit import written
from gitopsmith.finding import Failure
from gitopsmith.generate.add import Changes
from gitopsmith.generate.secret import sealed
from gitopsmith.generate.secret.sealed import Certificate, Identity
from gitopsmith.generate.secret.values import Value
from gitopsmith.manifest import sequence, text


def seal(
    root: Path,
    path: str,
    identity: Identity,
    values: tuple[Value, ...],
    certificate: Certificate,
    *,
    replace: bool,
    annotations: Mapping[str, str] | None = None,
) -> str:
    """Returns the text of a new SealedSecret, or of the existing one with more keys."""
    existing = read(root, path) if (root / path).exists() else ""
    if not existing:
        ciphertexts = sealed.seal(identity, values, certificate)
        return sealed.COMMENT + _yaml(sealed.manifest(identity, ciphertexts, annotations))
    sealed.refuse_unless_fitting(existing, path, identity, [one.key for one in values], replace=replace)
    for key, ciphertext in sealed.seal(identity, values, certificate).items():
        existing = edit.put(existing, ("spec", "encryptedData", key), ciphertext, path=path)
    return existing


def name_entries(root: Path, path: str, body: dict[str, Any], *, replace: bool) -> str:
    """Returns the text of a new ExternalSecret, or of the existing one with the keys that it lacks."""
    if not (root / path).exists():
        return _yaml(body)
    existing = read(root, path)
    old = documents.load(existing)
    if text(old, "kind") != "ExternalSecret":
        raise Failure(f"{path} is there already, and is no ExternalSecret; choose another name")
    if old == body:
        return existing
    return _yaml(body) if replace else _with_keys(path, existing, old, body)


def _with_keys(path: str, existing: str, old: Any, body: dict[str, Any]) -> str:
    store = ("spec", "secretStoreRef")
    if text(old, *store, "name") != text(body, *store, "name"):
        raise Failure(f"{path} reads the store {text(old, *store, 'name')}; --replace writes it anew")
    before = {text(one, "secretKey"): one for one in sequence(old, "spec", "data")}
    for one in body["spec"]["data"]:
        if before.get(one["secretKey"], one) != one:
            raise Failure(f"{path} has the key {one['secretKey']} from another entry; --replace writes it anew")
        existing = edit.append(existing, ("spec", "data"), one, path=path)
    return existing


def changes(root: Path, kustomization: str, path: str, manifest: str) -> Changes:
    """Returns what a repository gains: a manifest, and its name in a kustomization."""
    listed = edit.append(read(root, kustomization), ("resources",), Path(path).name, path=kustomization)
    new = {path: manifest, kustomization: listed}
    return Changes({name: _bytes(content) for name, content in new.items() if not _holds(root, name, content)})


def _holds(root: Path, path: str, content: str) -> bool:
    return (root / path).exists() and read(root, path) == content


def read(root: Path, path: str) -> str:
    """Returns the text of a file. Raises Failure when it cannot be read."""
    try:
        return (root / path).read_bytes().decode("utf-8", "surrogateescape")
    except OSError as error:
        raise Failure(f"{path} cannot be read: {error.strerror}") from error


def _bytes(content: str) -> bytes:
    return content.encode("utf-8", "surrogateescape")


def _yaml(body: dict[str, Any]) -> str:
    return "".join(f"{line}\n" for key, value in body.items() for line in written.entry(key, value, 0, 2))
