"""Which kinds are cluster-wide: what definitions say of themselves, and what Kubernetes' own Go types are marked with.

The markers are those from which the clients are generated (``+genclient``, ``+genclient:nonNamespaced``);
``tests/test_scopes.py`` compares them with what a real API server says in discovery.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from gitopsmith.manifest import text

CLUSTER, NAMESPACED = "Cluster", "Namespaced"
GONE = {
    "Binding": NAMESPACED,
    "Eviction.policy": NAMESPACED,
    "ClusterCIDR.networking.k8s.io": CLUSTER,
    "PodScheduling.resource.k8s.io": NAMESPACED,
    "PodSchedulingContext.resource.k8s.io": NAMESPACED,
    "PodSecurityPolicy.extensions": CLUSTER,
    "PodSecurityPolicy.policy": CLUSTER,
    "ResourceClaimParameters.resource.k8s.io": NAMESPACED,
    "ResourceClass.resource.k8s.io": CLUSTER,
    "ResourceClassParameters.resource.k8s.io": NAMESPACED,
}
"""Kinds that no client is generated for, or not any more (the API references of the minors that served them)."""
_TYPE = re.compile(r"((?:^//.*\n|^[ \t]*\n)*)^type (\w+) struct", re.MULTILINE)
_GROUP = re.compile(r"""^//\s*\+groupName=(\S*)|GroupName\s*=\s*"([^"]*)\"""", re.MULTILINE)


class Scope(NamedTuple):
    """Whether a kind, with its group as kubectl writes both, belongs to a namespace."""

    kind: str
    scope: str


def table(definitions: Iterable[Any], folders: Iterable[Path]) -> str:
    """Writes the scope of each kind; one of which two sources tell different things is left out."""
    found: dict[str, set[str]] = {}
    told = (scope for folder in folders for scope in marked(folder))
    for kind, scope in (*GONE.items(), *told, *(scope for body in definitions for scope in defined(body))):
        found.setdefault(kind, set()).add(scope)
    rows = (f"{kind}\t{next(iter(scopes))}\n" for kind, scopes in sorted(found.items()) if len(scopes) == 1)
    return "".join(rows)


def defined(body: Any) -> Iterator[Scope]:
    """Yields what a CustomResourceDefinition says."""
    group, kind, scope = text(body, "spec", "group"), text(body, "spec", "names", "kind"), text(body, "spec", "scope")
    if scope in {CLUSTER, NAMESPACED}:
        yield Scope(f"{kind}.{group}", scope)


def marked(folder: Path) -> Iterator[Scope]:
    """Yields what the Go types in the packages of a module are marked with."""
    for path in sorted(folder.glob("**/v[0-9]*/types*.go")):
        group = _group(path.parent)
        for comment, name in _TYPE.findall(path.read_text("utf-8")) if group is not None else ():
            if re.search(r"^//\s*\+genclient\s*$", comment, re.MULTILINE):
                scope = CLUSTER if "+genclient:nonNamespaced" in comment else NAMESPACED
                yield Scope(f"{name}.{group}".rstrip("."), scope)


def _group(package: Path) -> str | None:
    """Returns the API group of a package, None where it tells none."""
    files = (path for path in (package / "doc.go", package / "register.go") if path.is_file())
    found = next((match for path in files if (match := _GROUP.search(path.read_text("utf-8")))), None)
    return None if found is None else found[1] or found[2] or ""
