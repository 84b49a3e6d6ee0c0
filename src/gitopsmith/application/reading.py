"""Reads Applications, and looks up what their sources name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from gitopsmith import argocd
from gitopsmith.application.model import Application, Generation, Source, revision_of
from gitopsmith.application.owning import Ownership
from gitopsmith.argocd.overriding import overridden, overriding_files
from gitopsmith.finding import Route
from gitopsmith.manifest import Resource, mapping, text
from gitopsmith.revisions import Revision
from gitopsmith.tree import Tree, join


def read(
    resource: Resource,
    tree: Tree,
    ownership: Ownership,
    entry: str | None = None,
    *,
    disabled: bool = False,
    generation: Generation | None = None,
    commit: str = "",
    find: Callable[[str], Revision] | None = None,
    find_elsewhere: Callable[[str, str], Revision] = lambda _, __: Revision("", None),
) -> Application:
    """Reads an Application, and looks up what its sources name: in the revision that ``find`` returns, or in a tree.

    ``find_elsewhere`` returns a fixed revision of another repository, by its URL.
    """
    find = find or (lambda _: Revision("", tree))

    def find_in(source: dict[str, Any], own: bool) -> Revision:
        if own:
            return find(revision_of(source))
        return find_elsewhere(text(source, "repoURL"), revision_of(source)) if is_fixed(source) else Revision("", None)

    sources = tuple(_source(route, resource, find_in, ownership) for route in argocd.source_routes(resource.body))
    return Application(resource, sources, entry, disabled, generation, commit)


def is_fixed(source: dict[str, Any]) -> bool:
    """Tells whether a source asks for a revision that does not move, of a git repository or of an OCI artifact."""
    revision = revision_of(source)
    if text(source, "repoURL").startswith("oci://"):
        return revision not in {"", "latest"} and not argocd.is_range(revision)
    return not argocd.is_external_floating(revision)


def _source(
    route: Route, resource: Resource, find: Callable[[dict[str, Any], bool], Revision], ownership: Ownership
) -> Source:
    source = mapping(resource.body, *route)
    own = ownership.owns(text(source, "repoURL")) and not source.get("chart")
    if source.get("chart"):
        return Source(route, source, own=False, type="chart", present="")
    path = text(source, "path")
    if not path and text(source, "ref"):
        return Source(route, source, own=own, type="values", present="")
    directory = join("", path.strip("/"))
    commit, tree, complaint, moves = find(source, own)
    if tree is None and not own:
        guessed = argocd.source_type(source, ())
        return Source(route, source, own=False, type=guessed, present="", complaint=complaint, moves=moves)
    if tree is None:
        return Source(route, source, own=True, type="revision", present="")
    present = tree.kind(directory)
    listing = tree.listing(directory) if present == "directory" else ()
    for name in overriding_files(instance_name(resource)):
        if name in listing:
            documents = tree.documents(join(directory, name)).documents
            source = overridden(source, documents[0].body if documents else None)
    found = argocd.source_type(source, listing)
    return Source(route, source, own=own, type=found, present=present, commit=commit)


def instance_name(resource: Resource) -> str:
    """Returns the name under which Argo CD renders an Application: with its namespace where that is not its own."""
    return f"{resource.namespace}_{resource.name}" if resource.namespace not in {"", "argocd"} else resource.name


def asked_revisions(bodies: Iterable[Any], ownership: Ownership) -> Counter[str]:
    """Counts how many Applications ask for each revision of this repository."""
    found: Counter[str] = Counter()
    for body in bodies:
        sources = (mapping(body, *route) for route in argocd.source_routes(body))
        found.update({revision_of(source) for source in sources if ownership.owns(text(source, "repoURL"))})
    return found
