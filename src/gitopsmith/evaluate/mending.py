"""Turns what a policy says about mending a violation into edits of the source."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from gitopsmith import positions
from gitopsmith.application import Application
from gitopsmith.documents import Document
from gitopsmith.evaluate.judge import Judge
from gitopsmith.finding import Edit, Fix, Route
from gitopsmith.kustomization import Kustomization
from gitopsmith.manifest import Resource, get
from gitopsmith.policy import Violation
from gitopsmith.tree import Tree


class Written(NamedTuple):
    """Where something is written: a file, the number of the document in it, and the route in that."""

    path: str
    document: int
    route: Route


Locate = Callable[[Route], Written | None]
"""Returns where the field at a route of a subject is written, or would be; None where no file here says so."""


def fix_of(judge: Judge, rule: str, subject: Any, violation: Violation, locate: Locate) -> Fix | None:
    """Returns what mends a violation, None where nothing does, or where a person must find the place."""
    policy = judge.policy(rule)
    remedy = policy.fix(subject, violation) if policy is not None and policy.fix is not None else None
    if policy is None or remedy is None:
        return None
    edits = [_edit(edit, locate) for edit in remedy.edits]
    known = tuple(edit for edit in edits if edit is not None)
    return Fix(remedy.description, policy.fix_is_safe, known) if len(known) == len(edits) else None


def _edit(edit: Edit, locate: Locate) -> Edit | None:
    place = locate(edit.route)
    return edit._replace(path=place.path, document=place.document, route=place.route) if place is not None else None


def in_file(path: str, document: int = 0) -> Locate:
    """Locates what a file says as it stands there."""
    return lambda route: Written(path, document, route)


def in_kustomization(tree: Tree, item: Kustomization) -> Locate:
    return in_file(tree.real(item.path), item.document.index if item.document is not None else 0)


def in_resource(tree: Tree, entry: str | None, resource: Resource) -> Locate:
    """Locates a field of what is applied in the file that gives it its value; a new one in the map that it belongs to.

    Only what stands there as it is applied counts, and no text within another one.
    """

    def locate(route: Route) -> Written | None:
        depth = next(depth for depth in range(len(route), -1, -1) if _has(resource.body, route[:depth]))
        place = positions.place(tree, entry or "", resource, route[:depth])
        document = place.document
        if not place.exact or document is None or not _stands_in(tree, place.location.path, document):
            return None
        here, applied = get(document.body, *place.route), get(resource.body, *route[:depth])
        is_same = isinstance(here, type(applied)) and (isinstance(here, dict | list) or here == applied)
        path = tree.real(place.location.path)
        return Written(path, document.index, (*place.route, *route[depth:])) if is_same else None

    return locate


def in_application(judge: Judge, application: Application) -> Locate:
    """Locates a field of an Application, of a generated one in its ApplicationSet."""

    def locate(route: Route) -> Written | None:
        resource, at = application.written(route)
        return in_resource(judge.tree, application.entry, resource)(at)

    return locate


def _has(body: Any, route: Route) -> bool:
    return not route or get(body, *route) is not None


def _stands_in(tree: Tree, path: str, document: Document) -> bool:
    """Tells whether a document is one of those of a file, not one that is written within a text there."""
    found = tree.documents(path).documents if tree.kind(path) == "file" else ()
    return any(one.index == document.index and one.line == document.line and one.body == document.body for one in found)
