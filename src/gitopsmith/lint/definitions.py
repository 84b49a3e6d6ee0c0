"""The custom resources that a repository defines itself."""

from __future__ import annotations

from typing import Any

from gitopsmith.manifest import items, mapping, text
from gitopsmith.tree import Tree, is_yaml


def definitions(files: Tree) -> list[dict[str, Any]]:
    """Returns the bodies of all CustomResourceDefinitions in manifest files."""
    return [
        document.body
        for path in files.files
        if is_yaml(path) and b"kind: CustomResourceDefinition" in (files.data(path) or b"")
        for document in files.documents(path).documents
        if mapping(document.body).get("kind") == "CustomResourceDefinition"
    ]


def api_versions(files: Tree) -> tuple[str, ...]:
    """Returns what these add to a cluster's API versions, each alone and with its kind, as Argo CD tells them helm."""
    found: dict[str, None] = {}
    for body in definitions(files):
        spec = mapping(body, "spec")
        for _, version in items(spec, "versions"):
            if version.get("served") is not False and text(version, "name"):
                named = f"{text(spec, 'group')}/{text(version, 'name')}"
                found |= {named: None, f"{named}/{text(spec, 'names', 'kind')}": None}
    return tuple(found)
