"""A manifest of which every part knows the text that it comes from.

A subtree that one document wrote stays a single Piece; it becomes a Branch of smaller ones only where something else
writes into it, so that following an object through many layers costs what these layers change, not what it is long.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from gitopsmith.documents import Document
from gitopsmith.finding import Location, Route
from gitopsmith.manifest import Resource


class Inset(NamedTuple):
    """Where a text within another one stands: what to add to its lines and columns."""

    lines: int
    columns: int

    def shift(self, inner: Location) -> Location:
        """Turns a place in the text within into one in the text around it."""
        return Location(
            inner.path,
            inner.line + self.lines,
            inner.column + self.columns,
            inner.end_line + self.lines,
            inner.end_column + self.columns,
        )


class Source(NamedTuple):
    """A document that writes fields. ``inset`` is set for one that is a string in another file."""

    writer: str
    path: str
    document: Document | None
    inset: Inset | None = None
    whole: Location | None = None
    """The place to name when positions in the document cannot be told, as in a folded string."""

    def location(self, route: Route) -> Location:
        if self.whole is not None or self.document is None:
            return self.whole or Location(self.path)
        place = self.document.location(self.path, route)
        return place if self.inset is None else self.inset.shift(place)


class Copied(NamedTuple):
    """A field of another object, as it is when the kustomization in a directory copies it."""

    directory: str
    resource: Resource
    route: Route


@dataclass(frozen=True, slots=True)
class Piece:
    """What stands at one route of a source. ``value`` is what it makes of the object: a prefix may have joined it."""

    source: Source
    route: Route
    value: Any
    place: Location | None = None
    """The part of the text that holds the value, where that is less than the whole scalar."""
    origin: Copied | None = None
    """What a replacement copies."""

    @property
    def location(self) -> Location:
        return self.place or self.source.location(self.route)

    def at(self, step: str | int) -> Piece:
        origin = self.origin._replace(route=(*self.origin.route, step)) if self.origin else None
        return Piece(self.source, (*self.route, step), self.value[step], self.place, origin)


@dataclass(slots=True)
class Branch:
    """A map or a list that several sources write; ``piece`` is who made it."""

    piece: Piece
    children: dict[str, Node] | list[Node]


Node = Piece | Branch


def value(node: Node) -> Any:
    """Returns the plain body of a node."""
    if isinstance(node, Piece):
        return node.value
    if isinstance(node.children, dict):
        return {key: value(child) for key, child in node.children.items()}
    return [value(child) for child in node.children]


def opened(node: Node) -> Branch | None:
    """Returns a node as a branch that may be written to, None for a scalar."""
    if isinstance(node, Branch):
        return node
    if isinstance(node.value, dict):
        return Branch(node, {key: node.at(key) for key in node.value})
    if isinstance(node.value, list):
        return Branch(node, [node.at(index) for index in range(len(node.value))])
    return None


def child(node: Node, step: str | int) -> Node | None:
    """Returns the node one step below, None where there is none."""
    inside = node.value if isinstance(node, Piece) else node.children
    if isinstance(inside, dict):
        found = step in inside
    elif isinstance(inside, list):
        found = isinstance(step, int) and 0 <= step < len(inside)
    else:
        return None
    if not found:
        return None
    return node.at(step) if isinstance(node, Piece) else node.children[step]  # type: ignore[index]


def enter(branch: Branch, step: str | int) -> Branch | None:
    """Opens the map or list one step below, in place."""
    below = child(branch, step)
    inner = opened(below) if below is not None else None
    if inner is not None:
        branch.children[step] = inner  # type: ignore[index]
    return inner


def descend(branch: Branch, route: Route) -> Branch | None:
    """Opens the map or list at a route, in place; None where the route does not lead to one."""
    at: Branch | None = branch
    for step in route:
        at = enter(at, step) if at is not None else None
    return at


def lookup(node: Node, route: Route) -> Node | None:
    """Returns the node at a route, None where there is none."""
    at: Node | None = node
    for step in route:
        at = child(at, step) if at is not None else None
    return at


def put(branch: Branch, route: Route, piece: Piece, *, create: bool = True) -> bool:
    """Writes a piece at a route below a branch; the maps on the way are made when ``create`` is set."""
    at = branch
    for step in route[:-1]:
        inner = enter(at, step)
        if inner is None:
            if not create or not isinstance(at.children, dict) or not isinstance(step, str):
                return False
            inner = at.children[step] = Branch(piece, {})
        at = inner
    last = route[-1]
    if isinstance(at.children, dict):
        if not create and last not in at.children:
            return False
        at.children[str(last)] = piece
    elif isinstance(last, int) and last < len(at.children):
        at.children[last] = piece
    else:
        return False
    return True


def copied(node: Node) -> Node:
    """Returns a node that can be written to without changing the first."""
    if isinstance(node, Piece):
        return node
    if isinstance(node.children, dict):
        return Branch(node.piece, {key: copied(below) for key, below in node.children.items()})
    return Branch(node.piece, [copied(below) for below in node.children])
