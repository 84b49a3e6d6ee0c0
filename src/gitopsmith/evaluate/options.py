"""What the kustomize options of Applications write, and which of them change nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from gitopsmith import kustomization as kustomizations
from gitopsmith import positions
from gitopsmith.evaluate.judge import Judge
from gitopsmith.evaluate.placing import unplaced
from gitopsmith.finding import Location, Route
from gitopsmith.graph import Build, SourceFinding
from gitopsmith.kustomization import Kustomization
from gitopsmith.manifest import Origin, Resource, items
from gitopsmith.render.edits import BLOCK, NONE, dead_images, option_of
from gitopsmith.render.shadow import left_out
from gitopsmith.tree import Tree


def find_option(judge: Judge, build: Build, resource: Resource, route: Route) -> tuple[Resource, Tree, Route | None]:
    """Returns an object with its origin, the files to look for its field in, and the option that wrote the field."""
    if resource.origin == Origin():
        resource = replace(resource, origin=judge.origin(build, resource))
    tree = judge.edited(build)
    if tree is None:
        return resource, judge.tree, None
    place = positions.place(tree, build.entry, resource, route)
    path = kustomizations.find(tree, build.entry)
    if path is None or place.location.path != path:
        return resource, tree, None
    item = kustomizations.read(tree, path)
    steps = place.route if place.document is item.document else _patch_around(item, place.location)
    return resource, judge.tree, option_of(build.edits, item.body, steps)


def _patch_around(item: Kustomization, location: Location) -> Route:
    """Returns the inline patch of a kustomization that holds a place."""
    for route, _ in items(item.body, item.key("patches") or "patches"):
        whole = item.document.location(item.path, (*route, "patch")) if item.document else location
        if whole[1:3] <= location[1:3] and location[3:5] <= whole[3:5]:
            return (*route, "patch")
    return ()


def dead_options(judge: Judge, build: Build, found: Iterable[Resource]) -> Iterator[SourceFinding]:
    if build.edits == NONE or "application-option-dead" not in judge.rules:
        return
    dead: list[tuple[Route, str]] = [
        (("images", index), said) for index, said in dead_images(build.edits, (one.body for one in found))
    ]
    dead += _dead_patches(judge, build)
    dead += [(("components", index), said) for index, said in left_out(judge.tree, build.entry, build.edits)]
    for route, message in dead:
        yield SourceFinding((BLOCK, *route), unplaced(judge, "application-option-dead", message, build))


def _dead_patches(judge: Judge, build: Build) -> Iterator[tuple[Route, str]]:
    """Yields the patches that find no object, by what tells it of any kustomization."""
    tree = judge.edited(build) if build.edits.patches else None
    path = kustomizations.find(tree, build.entry) if tree is not None else None
    if tree is None or path is None:
        return
    item = kustomizations.read(tree, path)
    layer = kustomizations.layer(tree, item, {})
    for policy in judge.of("layer"):
        assert policy.check is not None
        for violation in policy.check(layer) if not item.is_component else ():
            option = option_of(build.edits, item.body, violation.route)
            if option is not None and option[0] == "patches":
                yield option, violation.message
