"""CustomResourceDefinitions for an API server: those of a repository, and those that the schemas were made from."""

from __future__ import annotations

import functools
import json
import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from schemas import refresh

from gitopsmith import documents
from gitopsmith.finding import Failure
from gitopsmith.manifest import get, mapping, sequence, text
from gitopsmith.sandbox.programs import find_go

_GROUP = re.compile(rb"^  group: [\"']?([\w.-]+)", re.MULTILINE)
_KIND = re.compile(rb"^    kind: [\"']?(\w+)", re.MULTILINE)
GroupKind = tuple[str, str]


def of(body: Any) -> GroupKind:
    """Returns the group and the kind that a definition defines."""
    return text(body, "spec", "group"), text(body, "spec", "names", "kind")


def chosen(own: Iterable[dict[str, Any]], wanted: set[GroupKind]) -> list[dict[str, Any]]:
    """Returns one definition for each wanted kind that has one: a repository's own, else those of the schemas."""
    found: dict[GroupKind, dict[str, Any]] = {}
    for body in own:
        if of(body) in wanted and text(body, "apiVersion").endswith("/v1"):
            found.setdefault(of(body), body)
    vendored = merged(body for body in _vendored(frozenset(wanted - found.keys())))
    return [installable(body) for body in (*found.values(), *vendored)]


def merged(definitions: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Makes one definition of those for one kind: each version is the first that somebody serves, as in the schemas."""
    found: dict[GroupKind, dict[str, Any]] = {}
    for body in definitions:
        first = found.setdefault(of(body), {**body, "spec": {**body["spec"], "versions": []}})
        known = {text(version, "name") for version in first["spec"]["versions"]}
        first["spec"]["versions"] += [
            version
            for version in sequence(body, "spec", "versions")
            if get(version, "served") and version["name"] not in known and not _is_left_out(body, version)
        ]
    return [body for body in found.values() if body["spec"]["versions"]]


def _is_left_out(body: Any, version: Any) -> bool:
    api_version = f"{text(body, 'spec', 'group')}/{text(version, 'name')}"
    return bool({api_version, f"{api_version} {of(body)[1]}"} & refresh.LEFT_OUT.keys())


def installable(body: dict[str, Any]) -> dict[str, Any]:
    """Returns a definition that needs nobody: versions are not converted, and what was stored once is forgotten."""
    spec = mapping(body, "spec")
    versions = [version for version in sequence(spec, "versions") if get(version, "served")]
    stored = next((index for index, version in enumerate(versions) if version.get("storage")), 0)
    numbered = [
        _filled_in(body, {**version, "storage": index == stored, "served": True})
        for index, version in enumerate(versions)
    ]
    kept = {name: value for name, value in spec.items() if name != "conversion"}
    metadata = {"name": text(body, "metadata", "name")}
    approval = "api-approved.kubernetes.io"
    if text(body, "spec", "group").endswith(("k8s.io", "kubernetes.io")):
        metadata |= {"annotations": {approval: "unapproved, for a dry run"}}  # type: ignore[dict-item]
    head = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": metadata}
    return {**head, "spec": {**kept, "versions": numbered}}


def _filled_in(body: Any, version: dict[str, Any]) -> dict[str, Any]:
    """Requires nothing of a kind whose fields an admission plugin of its own API server fills in."""
    if f"{text(body, 'spec', 'group')}/{version['name']} {of(body)[1]}" not in refresh.FILLED_IN:
        return version
    schema = get(version, "schema", "openAPIV3Schema") or {}
    return {**version, "schema": {"openAPIV3Schema": {k: v for k, v in schema.items() if k != "required"}}}


def _vendored(wanted: frozenset[GroupKind]) -> Iterator[dict[str, Any]]:
    for folder, patterns in _modules():
        for path in (path for pattern in patterns for path in sorted(Path(folder).glob(pattern))):
            if wanted & _named(path):
                yield from (body for body in _read(path) if of(body) in wanted)


@functools.cache
def _named(path: Path) -> frozenset[GroupKind]:
    """Returns the kinds that a file seems to define, without parsing it."""
    data = path.read_bytes()
    groups, kinds = ({found.decode() for found in pattern.findall(data)} for pattern in (_GROUP, _KIND))
    return frozenset((group, kind) for group in groups for kind in kinds)


@functools.cache
def _read(path: Path) -> list[dict[str, Any]]:
    found = documents.read(path.read_bytes()).documents
    return [document.body for document in found if mapping(document.body).get("kind") == "CustomResourceDefinition"]


@functools.cache
def _modules() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Returns the folder of every source of schemas that the module cache or the registry gives."""
    try:
        go = find_go()  # an older one gets no module that asks for a newer Go, and says nothing of its folder
    except Failure:
        return ()
    names = [f"{module.path}@{module.version}" for module in refresh.MODULES]
    command = (go, "mod", "download", "-json", *names)
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    folders = {}
    decoder, rest = json.JSONDecoder(), done.stdout.lstrip()
    while rest:
        about, end = decoder.raw_decode(rest)
        folders[f"{about['Path']}@{about['Version']}"] = about.get("Dir", "")
        rest = rest[end:].lstrip()
    pairs = zip(refresh.MODULES, names, strict=True)
    return tuple((folders[name], module.files) for module, name in pairs if folders.get(name))
