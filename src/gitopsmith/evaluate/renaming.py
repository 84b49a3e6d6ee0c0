"""References in custom resources to objects that kustomize has given another name.

kustomize follows the fields of its own table alone (``api/internal/konfig/builtinpluginconsts/namereference.go``), and
what ``configurations`` add to it. A field that is in neither keeps the old name.
"""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import permutations
from typing import Any, NamedTuple

from gitopsmith.evaluate.judge import Judge
from gitopsmith.finding import Route
from gitopsmith.graph import Build
from gitopsmith.kustomization import reachable
from gitopsmith.manifest import Resource, text
from gitopsmith.policy import Violation
from gitopsmith.tree import Tree

RULE = "reference-not-renamed"
_NAMED = {
    "claimName": "PersistentVolumeClaim", "configMapName": "ConfigMap", "secretName": "Secret",
    "serviceAccountName": "ServiceAccount", "serviceName": "Service",
}  # fmt: skip
_DEFAULTS = {"backend": "Service", "parent": "Gateway"}
"""What the lists of Gateway API mean that name no kind."""
_REFERENCE = re.compile(r"(.*?)(?:Key)?(?:Refs?|References?)")
_ENDS = re.compile(r"(?:.*[a-z])?(Secret|ConfigMap|ServiceAccount)\Z")
_HASH = r"-[bcdfghkmt2456789]{10}"
"""What ends the name of a generated object (``encode`` in ``api/hasher/hasher.go``)."""
_MADE = frozenset(
    {("Certificate", "secretName"), ("Issuer", "privateKeySecretRef"), ("ClusterIssuer", "privateKeySecretRef")}
)
"""Fields of kinds that name what a controller makes, and refer to nothing."""
_HASHED = frozenset({"ConfigMap", "Secret"})


class Reference(NamedTuple):
    """A field that names another object."""

    route: Route
    kind: str
    name: str
    namespace: str


def kept(judge: Judge, build: Build, resource: Resource) -> Iterator[Violation]:
    """Yields the references of a custom resource to names that objects of the same build had before kustomize."""
    if RULE not in judge.rules or build.type != "kustomize" or not _is_custom(judge, resource):
        return
    affixes = _affixes(judge.tree, build.entry)
    for reference in references(resource.body):
        if any((resource.kind, step) in _MADE for step in reference.route):
            continue
        there = _names(resource.siblings).get(reference.kind, set())
        own = {name for name, namespace in there if namespace in {"", reference.namespace or resource.namespace}}
        renamed = [name for name in sorted(own) if _became(reference, name, resource.name, affixes)]
        if renamed and reference.name not in {name for name, _ in there}:
            message = (
                f"{resource.kind} {resource.name!r} refers to {reference.kind} {reference.name!r}, which kustomize "
                f"renames to {renamed[0]!r}; name the field as nameReference in a file of configurations"
            )
            yield Violation(reference.route, message)


def references(body: Any, route: Route = ()) -> Iterator[Reference]:
    """Yields the fields of an object that are named like references and tell the kind that they mean."""
    if isinstance(body, list):
        for index, item in enumerate(body):
            yield from references(item, (*route, index))
    for key, value in body.items() if isinstance(body, dict) else ():
        if isinstance(value, str) and key in _NAMED:
            yield Reference((*route, key), _NAMED[key], value, "")
        elif route or key not in {"metadata", "status"}:
            yield from _referring(key, value, (*route, key))
            yield from references(value, (*route, key))


def _referring(key: str, value: Any, route: Route) -> Iterator[Reference]:
    named = _REFERENCE.fullmatch(key)
    items = enumerate(value) if isinstance(value, list) else [(None, value)]
    for index, item in items if named else ():
        if named and isinstance(item, dict) and text(item, "name"):
            place = route if index is None else (*route, index)
            kind = text(item, "kind") or _kind(named[1])
            yield Reference((*place, "name"), kind, text(item, "name"), text(item, "namespace"))


def _kind(stem: str) -> str:
    """Returns the kind that a field means by its name: ``passwordSecretKeyRef``, ``secretStoreRef``."""
    capital = stem[:1].upper() + stem[1:]
    found = _ENDS.match(capital)
    return _DEFAULTS.get(stem) or (found[1] if found else capital)


def _is_custom(judge: Judge, resource: Resource) -> bool:
    is_own = judge.schemas.origin(resource.api_version, resource.kind).startswith("Kubernetes ")
    return "." in resource.group and not is_own


@functools.lru_cache(maxsize=8)
def _names(siblings: tuple[Resource, ...]) -> dict[str, set[tuple[str, str]]]:
    """Returns name and namespace of the objects of a build by their kind."""
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for one in siblings:
        found[one.kind].add((one.name, one.namespace))
    return found


@functools.lru_cache(maxsize=1024)
def _affixes(tree: Tree, entry: str) -> frozenset[tuple[str, str]]:
    """Returns what the kustomizations of a build may put before and behind a name, two of them at most."""
    own = {
        (str(item.value("namePrefix") or ""), str(item.value("nameSuffix") or "")) for item in reachable(tree, entry)
    } - {("", "")}
    both = {(outer[0] + inner[0], inner[1] + outer[1]) for outer, inner in permutations(own, 2)}
    return frozenset(own | both)


def _became(reference: Reference, name: str, referring: str, affixes: frozenset[tuple[str, str]]) -> bool:
    """Tells whether kustomize makes one name of another, and renames what refers to it in the same way."""
    tail = re.compile(_HASH if reference.kind in _HASHED else r"(?!)")
    if name.startswith(reference.name) and tail.fullmatch(name[len(reference.name) :]):
        return True
    whole = {f"{prefix}{reference.name}{suffix}" for prefix, suffix in affixes if _has(referring, prefix, suffix)}
    return any(name == each or (name.startswith(each) and tail.fullmatch(name[len(each) :])) for each in whole)


def _has(name: str, prefix: str, suffix: str) -> bool:
    return name.startswith(prefix) and name.endswith(suffix)
