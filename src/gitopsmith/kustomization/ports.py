"""The ports of Services and containers, as files and patches write them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from gitopsmith import documents
from gitopsmith.finding import Route
from gitopsmith.kustomization.references import is_inline, maps
from gitopsmith.kustomization.view import Kustomization, State
from gitopsmith.manifest import items, mapping, sequence, text
from gitopsmith.tree import Tree

_PODS: tuple[Route, ...] = (
    ("spec",),
    ("spec", "template", "spec"),
    ("spec", "jobTemplate", "spec", "template", "spec"),
)
_GROUPS = frozenset({"", "apps", "batch"})
"""Groups whose ports kustomize merges by number and protocol; those of other kinds it replaces as a whole."""
_PATCHES = ("patchesStrategicMerge", "patches")


class Port(NamedTuple):
    """A port by its object, its container (empty for a Service) and its number; ``protocol`` is empty where none is.

    ``fields`` are the other fields with their values, as JSON.
    """

    kind: str
    name: str
    container: str
    number: str
    protocol: str
    fields: frozenset[str]

    @property
    def place(self) -> tuple[str, ...]:
        return self[:4]

    def is_lost_on(self, others: list[Port]) -> bool:
        """Tells whether a patch with this port changes nothing of those with its number, and should.

        kustomize takes two ports for the same one only where both name their protocol, or neither does; where one side
        alone does, the patch is dropped without a word.
        """
        if any(other.protocol == self.protocol for other in others) or not others:
            return False
        is_mixed = not self.protocol or any(not other.protocol for other in others)
        return is_mixed and not any(self.fields <= other.fields for other in others)


def ports(body: Any) -> Iterator[Port]:
    """Yields the ports of a Service, or of the containers of what has pods."""
    kind, name = text(body, "kind"), text(body, "metadata", "name")
    if text(body, "apiVersion").rpartition("/")[0] not in _GROUPS:
        return
    if kind == "Service":
        yield from _ports(mapping(body, "spec"), "port", kind, name, "")
        return
    for route in _PODS:
        for field in ("containers", "initContainers"):
            for _, container in items(body, *route, field):
                yield from _ports(container, "containerPort", kind, name, text(container, "name"))


def _ports(body: dict[str, Any], number: str, *named: str) -> Iterator[Port]:
    kind, name, container = named
    for _, port in items(body, "ports"):
        if isinstance(port.get(number), int) and "$patch" not in port:
            rest = {key: value for key, value in port.items() if key not in {number, "protocol"}}
            fields = frozenset(json.dumps(pair) for pair in rest.items())
            yield Port(kind, name, container, str(port[number]), text(port, "protocol"), fields)


def patched(tree: Tree, kustomization: Kustomization) -> Iterator[tuple[Route, Port]]:
    """Yields the ports that the strategic merge patches of a kustomization write, each with the patch's entry."""
    for route, body in _patches(tree, kustomization):
        yield from ((route, port) for port in ports(body))


def _patches(tree: Tree, kustomization: Kustomization) -> Iterator[tuple[Route, Any]]:
    """Yields the bodies of patches that name their object themselves."""
    for reference, state in kustomization.states.items():
        if reference.field in _PATCHES and state is State.FOUND_FILE and not _target(kustomization, reference.route):
            yield from ((reference.route[:2], one.body) for one in tree.documents(reference.target).documents)
    key = kustomization.key("patchesStrategicMerge") or ""
    written: list[tuple[Route, Any]] = [
        ((key, index), entry)
        for index, entry in enumerate(sequence(kustomization.body, key))
        if isinstance(entry, str) and is_inline(entry)
    ]
    written += [(route, item.get("patch")) for route, item in maps(kustomization, "patches") if not item.get("target")]
    for route, entry in written:
        if isinstance(entry, str):
            yield from ((route, one.body) for one in documents.read(entry.encode("utf-8", "surrogateescape")).documents)


def _target(kustomization: Kustomization, route: Route) -> bool:
    return bool(mapping(kustomization.body, *route[:2]).get("target"))
