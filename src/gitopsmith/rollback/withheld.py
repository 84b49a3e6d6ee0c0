"""Tells which files hold secrets: those stay as they are, since an old credential may be one that was taken away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitopsmith import documents, secrets
from gitopsmith.git import writing
from gitopsmith.git.writing import Entry
from gitopsmith.kustomization import FILE_NAMES
from gitopsmith.manifest import is_object, items, sequence, text
from gitopsmith.rollback.sides import Files, Sides, listing
from gitopsmith.states import State
from gitopsmith.tree import join

KINDS = frozenset({
    "Secret", "SealedSecret", "ExternalSecret", "ClusterExternalSecret", "SecretStore", "ClusterSecretStore",
    "PushSecret", "SopsSecret", "VaultStaticSecret", "VaultDynamicSecret", "OnePasswordItem", "SecretProviderClass",
})  # fmt: skip
"""Kinds of objects that are secrets, encrypted ones, or references to where they are kept."""


def is_secret(body: Any) -> bool:
    """Tells whether an object is a secret in any form."""
    return is_object(body) and (body["kind"] in KINDS or secrets.is_sops(body))


def withheld(sides: Sides, files: Files) -> frozenset[str]:
    """Returns the files whose secrets were others then, those with secrets that are gone now too."""
    new = listing(sides, sides.tip)
    generated = {*_generated(sides, sides.now, new), *_generated(sides, sides.then, listing(sides, sides.target))}
    return frozenset(
        path
        for path, entry in files.items()
        if path in generated or _secrets(sides, new.get(path)) != _secrets(sides, entry)
    )


def _secrets(sides: Sides, entry: Entry | None) -> list[Any]:
    """Returns what of a file is secret, so that two versions of it can be compared."""
    if entry is None:
        return []
    data = writing.content(sides.reader.root, entry.blob)
    found = [document.body for document in documents.read(data).documents]
    encrypted = [body for body in found if is_secret(body) or secrets.is_sops(body)]
    written = [item for body in found for _, item in items(body, "secretGenerator") if sequence(item, "literals")]
    return [*encrypted, *written] or ([data] if b"\nsops_mac=" in data else [])


def _generated(sides: Sides, state: State, files: dict[str, Entry]) -> Iterator[str]:
    """Yields the files from which kustomizations generate Secrets."""
    for path in state.inputs:
        folder, _, name = path.rpartition("/")
        if name in FILE_NAMES and path in files:
            data = writing.content(sides.reader.root, files[path].blob)
            for document in documents.read(data).documents[:1]:
                for _, item in items(document.body, "secretGenerator"):
                    named = (*sequence(item, "files"), *sequence(item, "envs"), text(item, "env"))
                    yield from (join(folder, each.rpartition("=")[2]) for each in named if isinstance(each, str))
