"""What each minor of Argo CD knows: fields, sync options, hooks, settings, words of RBAC, metrics, health checks.

Read in the sources of the first release of each minor: its definitions (``manifests/crds``), its documentation, the
environment of its installation (``manifests/install.yaml``) and the texts in its Go code. Of fields, only those are
written down that some minor lacks: whether a field is there at all is the schema's to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from gitopsmith import argocd, documents
from gitopsmith.manifest import items, mapping, sequence, text

FIELDS = {"application-crd.yaml": "Application", "appproject-crd.yaml": "AppProject"}
"""The definitions whose fields are looked at. That of ApplicationSets repeats those of Applications many times."""
ANNOTATIONS = tuple(
    f"argocd.argoproj.io/{name}"
    for name in ("client-side-apply-migration-manager", "ignore-default-links", "ignore-differences", "managed-by-url")
)
"""Those that people write, and that came with a minor known here."""
_SETTING = re.compile(r"^  (?:# ?)?([a-z][A-Za-z0-9]*(?:\.[A-Za-z0-9]+)+):", re.MULTILINE)
_CONSTANT = re.compile(r"""=\s+"([a-z][A-Za-z0-9]*(?:\.[A-Za-z0-9]+)+)"$""", re.MULTILINE)
_METRIC = re.compile(r'"(argocd_[a-z0-9_]+)"')
_MISNAMED = re.compile(r"(helm|jsonnet|kustomize)\.enabled?")
"""Keys that the documentation of older releases has another name for than their code."""
_TESTED = re.compile(r"^\|\s*(\d+\.\d+)\s*\|([^|]*)\|", re.MULTILINE)
_WORD = re.compile(r'^\s(Resource|Action)[A-Z]\w*\s+=\s+"([a-z]+)"', re.MULTILINE)


class Known(NamedTuple):
    """One thing that a minor knows: what it is, and its name."""

    kind: str
    name: str


def table(minors: dict[str, Path]) -> str:
    """Writes first and last minor of everything; ``-`` for what the oldest knows, and the newest for what is there."""
    found: dict[Known, list[str]] = {}
    for minor, folder in minors.items():
        for known in set(known_in(folder)):
            found.setdefault(known, []).append(minor)
    oldest, *_, newest = minors
    rows = {known: ("-" if seen[0] == oldest else seen[0], seen[-1]) for known, seen in found.items()}
    gone = {known for known, span in rows.items() if known.kind in FIELDS.values() and span == ("-", newest)}
    nested = {known for known in rows if any(Known(known.kind, above) in rows.keys() - gone for above in _above(known))}
    head = f"# kind, name, first minor that knows it (- when {oldest} or older), last minor up to {newest}"
    lines = ("\t".join((*known, *rows[known])) for known in sorted(rows.keys() - gone - nested))
    return "\n".join([head, *lines, ""])


def _above(known: Known) -> Iterator[str]:
    name = known.name
    while known.kind in FIELDS.values() and "." in name:
        name = name.rpartition(".")[0]
        yield name


def known_in(folder: Path) -> Iterator[Known]:
    """Yields what one release knows."""
    for file, kind in FIELDS.items():
        yield from (Known(kind, name) for name in fields(folder / "manifests" / "crds" / file))
    pages = sorted((folder / "docs").glob("*-*/*.md"))
    documentation = "".join(path.read_text("utf-8") for path in pages if "upgrading" not in path.parts)
    code = "".join(path.read_text("utf-8") for path in sources(folder, ("controller", "pkg/apis", "util/argo")))
    listed = (("sync-option", argocd.SYNC_OPTIONS), ("hook", argocd.HOOKS), ("annotation", ANNOTATIONS))
    for kind, names in listed:
        yield from (Known(kind, name) for name in names if re.search(rf"\b{name}\b", documentation + code))
    yield from (Known("argocd-cm", name) for name in settings(folder))
    yield from (Known("argocd-cmd-params-cm", name) for name in parameters(folder))
    yield from (Known("health", name) for name in checked(folder))
    yield from (Known("kubernetes", name) for name in tested(folder))
    rbac = "".join(path.read_text("utf-8") for path in sources(folder, ("util/rbac", "server/rbacpolicy")))
    yield from (Known(f"rbac-{kind.lower()}", word) for kind, word in set(_WORD.findall(rbac)))
    parts = ("controller", "server", "reposerver", "util", "applicationset", "commitserver", "common")
    yield from (
        Known("metric", name) for path in sources(folder, parts) for name in _METRIC.findall(path.read_text("utf-8"))
    )


def checked(folder: Path) -> Iterator[str]:
    """Yields the kinds with a health check in Lua, with their groups; ``*`` stands for the beginning of a group."""
    for path in (folder / "resource_customizations").glob("*/*/health.lua"):
        group, kind = path.parts[-3:-1]
        yield f"{kind}.{group}".replace("_", "*")


def sources(folder: Path, names: Iterable[str]) -> list[Path]:
    """Returns the Go files below some folders, without tests."""
    found = (path for name in names for path in (folder / name).rglob("*.go"))
    return sorted(path for path in found if not path.name.endswith("_test.go"))


def fields(path: Path) -> Iterator[str]:
    """Yields every field below ``spec`` that a definition has, with its names joined by dots."""
    for document in documents.read(path.read_bytes()).documents:
        for _, version in items(document.body, "spec", "versions"):
            schema = mapping(version, "schema", "openAPIV3Schema", "properties", "spec")
            yield from (f"spec.{name}" for name in _names(schema))


def _names(schema: dict[str, Any]) -> Iterator[str]:
    for name, part in mapping(schema, "properties").items():
        yield name
        yield from (f"{name}.{below}" for below in _names(part))
    if isinstance(schema.get("items"), dict):
        yield from _names(schema["items"])


def settings(folder: Path) -> set[str]:
    """Returns the keys of argocd-cm: those of the documented example, and those that the code has a constant for."""
    example = (folder / "docs" / "operator-manual" / "argocd-cm.yaml").read_text("utf-8")
    code = "".join(path.read_text("utf-8") for path in sources(folder, ("util/settings",)))
    found = {*_SETTING.findall(example), *_CONSTANT.findall(code)}
    return {name for name in found if not _MISNAMED.fullmatch(name)}


def tested(folder: Path) -> Iterator[str]:
    """Yields the minors of Kubernetes that a release is tested with."""
    release = ".".join((folder / "VERSION").read_text("utf-8").split(".")[:2])
    page = (folder / "docs" / "operator-manual" / "tested-kubernetes-versions.md").read_text("utf-8")
    for minor, listed in _TESTED.findall(page):
        if minor == release:
            yield from re.findall(r"\d+\.\d+", listed)


def parameters(folder: Path) -> set[str]:
    """Returns the keys of argocd-cmd-params-cm that the installation puts into its environment."""
    found = set()
    for name in ("install.yaml", "install-with-hydrator.yaml"):
        for document in documents.read((folder / "manifests" / name).read_bytes()).documents:
            for _, container in items(document.body, "spec", "template", "spec", "containers"):
                for variable in sequence(container, "env"):
                    asked = mapping(variable, "valueFrom", "configMapKeyRef")
                    if text(asked, "name") == "argocd-cmd-params-cm":
                        found.add(text(asked, "key"))
    return found
