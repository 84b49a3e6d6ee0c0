"""Finds the place in the repository that a person must edit to change a field of what is applied.

The object is followed through our own reading of the kustomizations; a place is believed only where its value explains
the rendered one, else the field in the object's own file is named, else what is nearest to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gitopsmith.documents import Document
from gitopsmith.finding import Location, Route
from gitopsmith.kustomization import find, reachable
from gitopsmith.manifest import Charted, Resource, get
from gitopsmith.positions import templates
from gitopsmith.positions.chain import chains
from gitopsmith.positions.layers import Layered
from gitopsmith.positions.matching import counterpart, explains
from gitopsmith.positions.pieces import Branch, Node, Piece, child, value
from gitopsmith.positions.trace import remote_reference, trace
from gitopsmith.positions.values import Placed
from gitopsmith.tree import Tree

MAX_REPLACEMENTS = 8
"""Fields that are copied from fields that are copied in turn."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a field is written. ``exact`` is False when only something near it could be named."""

    location: Location
    writer: str
    document: Document | None
    route: Route
    exact: bool


def place(tree: Tree, entry: str, resource: Resource, route: Route) -> Place:
    """Returns the place of a rendered field, or of what is nearest to it when there is no such field.

    ``entry`` is the directory that was built, relative to the tree's root. For a file that is applied as it is, the
    resource's origin says all.
    """
    if resource.origin.asked is not None:
        written = templates.find(tree, resource, route, _in_source(tree, resource.origin.asked))
        return Place(written.location, written.writer, None, (), written.exact)
    return _find(tree, entry, resource, route, 0)


def _in_source(tree: Tree, asked: Charted) -> Placed:
    """Returns what tells where a field of the source is written that asks for a chart."""

    def placed(route: Route) -> Location | None:
        whole = (*asked.route, *route)
        if asked.resource is None or asked.resource.get(*whole) != get(asked.body, *route):
            return None  # a file beside the chart overrides it, or a set's template makes it
        found = place(tree, asked.entry, asked.resource, whole)
        return found.location if found.exact else None

    return placed


def _find(tree: Tree, entry: str, resource: Resource, route: Route, depth: int) -> Place:
    layered = trace(tree, entry, resource)
    if layered is None:
        return _nowhere(tree, entry, resource)
    names = frozenset(sibling.name for sibling in (resource, *resource.siblings))
    node, length = follow(layered.root, resource.body, route)
    if length == len(route) and _holds(node, get(resource.body, *route), names):
        return _copied(tree, entry, node, depth) or _place(node, exact=True)
    return _elsewhere(layered, resource, route, names) or _place(node, exact=False)


def _elsewhere(layered: Layered, resource: Resource, route: Route, names: frozenset[str]) -> Place | None:
    """Returns the last other text that explains a field; the object's own file comes last."""
    rendered = get(resource.body, *route)
    if rendered is None or not route:
        return None
    if route[-1] == "namespace":
        for piece in reversed(layered.namespaces):
            if piece.value == rendered:
                return _place(piece, exact=True)
    for writer in (*reversed(layered.writers), layered.seed):
        if writer is not None:
            node, length = follow(writer, resource.body, route)
            if length == len(route) and _holds(node, rendered, names):
                return _place(node, exact=True)
    return None


def follow(node: Node, body: Any, route: Route) -> tuple[Node, int]:
    """Walks a rendered route in a source as far as it goes; returns where that is, and how many steps it took."""
    for taken, step in enumerate(route):
        at: str | int | None = step
        if isinstance(step, int):
            rendered = body if isinstance(body, list) else []
            items = value(node)
            fits = isinstance(items, list) and 0 <= step < len(rendered)
            at = counterpart(items, rendered, step) if fits else None
        below = child(node, at) if at is not None else None
        if below is None:
            return node, taken
        node, body = below, get(body, step)
    return node, len(route)


def _holds(node: Node, rendered: Any, names: frozenset[str]) -> bool:
    if isinstance(rendered, dict | list):
        return isinstance(node, Branch) or isinstance(node.value, type(rendered))
    return isinstance(node, Piece) and explains(node.value, rendered, names)


def _place(node: Node, *, exact: bool) -> Place:
    piece = node.piece if isinstance(node, Branch) else node
    source = piece.source
    told = piece.place is not None or source.document is None or bool(source.document.positions)
    exact = exact and told and source.writer != "ancestor"
    return Place(piece.location, source.writer if exact else "ancestor", source.document, piece.route, exact)


def _copied(tree: Tree, entry: str, node: Node, depth: int) -> Place | None:
    """Returns the field that a replacement copies, None when that is not how the value came here."""
    piece = node.piece if isinstance(node, Branch) else node
    if piece.origin is None or depth > MAX_REPLACEMENTS:
        return None
    directory, resource, route = piece.origin
    if not chains(tree, directory, resource.origin):  # a Component copies within what its parent has
        directory = entry
    found = _find(tree, directory, resource, route, depth + 1)
    return Place(found.location, "replacements", found.document, found.route, True) if found.exact else None


def _nowhere(tree: Tree, entry: str, resource: Resource) -> Place:
    """Returns the best that can be said of an object whose source is not in the repository."""
    origin = resource.origin
    if origin.remote:
        for kustomization in reachable(tree, entry):
            piece = remote_reference(kustomization)
            if piece is not None:
                return _place(piece, exact=False)
    path = origin.path or origin.configured_in or find(tree, entry) or entry
    documents = tree.documents(path).documents if tree.kind(path) == "file" else ()
    location = documents[0].location(path) if documents else Location(path)
    return Place(location, "ancestor", documents[0] if documents else None, (), False)
