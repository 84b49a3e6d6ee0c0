"""Argo CD as the repository has it: rendered once, and parted into what must be there before the rest."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from gitopsmith import documents, tools
from gitopsmith.finding import Failure
from gitopsmith.manifest import get, items, mapping, text
from gitopsmith.render.kustomize import Renderer

PATH = "bootstrap/argocd"
_FIRST = ("Namespace", "CustomResourceDefinition")
_WORKLOADS = ("Deployment", "StatefulSet")


class Manifest(NamedTuple):
    """One rendered object, as it is written and as it is understood."""

    text: str
    body: Any

    @property
    def kind(self) -> str:
        return text(self.body, "kind")

    @property
    def name(self) -> str:
        return text(self.body, "metadata", "name")


@dataclass(frozen=True)
class Install:
    """All objects of Argo CD, in the order in which they were rendered."""

    manifests: tuple[Manifest, ...]

    @cached_property
    def first(self) -> tuple[Manifest, ...]:
        """What the others need: the namespace, and the definitions of their kinds."""
        return tuple(one for one in self.manifests if one.kind in _FIRST)

    @cached_property
    def rest(self) -> tuple[Manifest, ...]:
        return tuple(one for one in self.manifests if one.kind not in _FIRST)

    @cached_property
    def definitions(self) -> tuple[Any, ...]:
        return tuple(one.body for one in self.manifests if one.kind == "CustomResourceDefinition")

    @cached_property
    def own(self) -> dict[str, frozenset[str]]:
        """The API versions that this install brings, each with the names of its resources."""
        found: dict[str, frozenset[str]] = {}
        for body in self.definitions:
            plural = frozenset({text(body, "spec", "names", "plural")})
            for _, version in items(body, "spec", "versions"):
                key = f"{text(body, 'spec', 'group')}/{text(version, 'name')}"
                found[key] = found.get(key, frozenset()) | plural
        return found

    @cached_property
    def workloads(self) -> tuple[str, ...]:
        """What has to run, as ``Deployment/argocd-server``."""
        return tuple(f"{one.kind}/{one.name}" for one in self.manifests if one.kind in _WORKLOADS)

    @cached_property
    def image(self) -> str:
        """The image of Argo CD's server, empty when there is none."""
        return next((first_image(one.body) for one in self.manifests if one.name == "argocd-server" and _runs(one)), "")

    @cached_property
    def known_hosts(self) -> str:
        """The ssh hosts that Argo CD trusts."""
        return next(
            (
                text(one.body, "data", "ssh_known_hosts")
                for one in self.manifests
                if one.name == "argocd-ssh-known-hosts-cm"
            ),
            "",
        )

    def unserved(self, served: frozenset[str]) -> dict[str, str]:
        """Returns what neither the cluster nor this install itself serves: each API version with an object of it."""
        wanted = {text(one.body, "apiVersion"): f"{one.kind}/{one.name}" for one in reversed(self.manifests)}
        return {version: example for version, example in wanted.items() if version not in served | self.own.keys()}


def render(root: Path, renderer: Renderer) -> Install:
    """Builds ``bootstrap/argocd``, over the network where it names a release by its URL.

    Raises Failure with the renderer's words when that is not possible.
    """
    folder = root / PATH
    if not folder.is_dir():
        raise Failure(f"{folder} is no folder; a repository made by `gitopsmith new` has its Argo CD there")
    output = tools.run(*renderer.command, str(folder), timeout=renderer.timeout)
    if output.status != 0:
        raise Failure(f"{PATH} does not build: {output.complaint}")
    return parse(output.stdout.decode("utf-8", "surrogateescape"))


def parse(rendered: str) -> Install:
    """Parts rendered text into objects."""
    pieces = (piece.removeprefix("---\n") for piece in documents.split(rendered))
    manifests = (Manifest(piece, documents.load(piece)) for piece in pieces if piece.strip("-\n "))
    return Install(tuple(one for one in manifests if one.kind))


def stream(manifests: tuple[Manifest, ...]) -> str:
    """Returns objects as one YAML stream."""
    return "---\n".join(one.text if one.text.endswith("\n") else one.text + "\n" for one in manifests)


def first_image(workload: Any) -> str:
    """Returns the image of a workload's first container."""
    return next((text(one, "image") for _, one in items(workload, "spec", "template", "spec", "containers")), "")


def available(workload: Any) -> bool:
    """Tells whether a live Deployment or StatefulSet runs as it is specified, all of its pods ready."""
    wanted = get(workload, "spec", "replicas")
    wanted = 1 if wanted is None else wanted
    status = mapping(workload, "status")
    ready = status.get("availableReplicas" if text(workload, "kind") == "Deployment" else "readyReplicas", 0)
    seen = status.get("observedGeneration", 0) >= (get(workload, "metadata", "generation") or 0)
    return bool(seen and status.get("updatedReplicas", 0) >= wanted and ready >= wanted)


def _runs(one: Manifest) -> bool:
    return one.kind in _WORKLOADS
