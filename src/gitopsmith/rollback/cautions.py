"""What a person must know, or say yes to, before an environment goes back."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from gitopsmith import git, image
from gitopsmith.finding import Failure, Route
from gitopsmith.manifest import items, mapping
from gitopsmith.report.summary import listed
from gitopsmith.rollback import holding
from gitopsmith.rollback.sides import Sides
from gitopsmith.rollback.targets import Target
from gitopsmith.rollback.windows import denial
from gitopsmith.states import Place, State

MIGRATIONS = ("gitops/migration", "gitopsmith.io/migration")
"""Annotations by which a release says that it changes the schema of a database."""


class Caution(NamedTuple):
    """A sentence; where it needs an answer, the flag that gives it."""

    text: str
    flag: str = ""


SCHEMA, ANYWAY = "--i-checked-the-schema", "--anyway"


def cautions(sides: Sides, target: Target, now: datetime) -> tuple[Caution, ...]:
    """Returns all there is to say about going back from what is there now."""
    return (*_migrations(sides, target), *_windows(sides, now), *_overrides(sides), *_images(sides), *_held(sides))


def _migrations(sides: Sides, target: Target) -> Iterator[Caution]:
    """Git restores what is applied, never data: the old version has to work with the schema that there is now."""
    known = set(sides.then.texts)
    between = [change.state for change in target.seen if target.then is None or change.commit != target.then.commit]
    found = {
        str(manifest.object)
        for state in (sides.now, *between)
        for manifest in state.manifests
        if manifest.text not in known
        and any(str(manifest.resource.annotations.get(name, "")).lower() == "true" for name in MIGRATIONS)
    }
    if found:
        yield Caution(
            f"{listed(sorted(found))} changed the schema of a database since; "
            "see that the old version works with it, for git does not bring data back",
            SCHEMA,
        )


def _windows(sides: Sides, now: datetime) -> Iterator[Caution]:
    application = sides.here.application
    if not git.holding(sides.reader.root, sides.tip, "syncWindows"):
        return  # so nothing has to be rendered to find the project
    project = sides.reader.project(sides.tip, sides.here)
    found = denial(project.body, application, now) if project is not None else None
    if project is not None and found is not None:
        way = f"`argocd app sync {application.name}` is let through" if found.manual else "not even by hand"
        yield Caution(
            f"AppProject {project.name} keeps syncs out now ({found.window}); "
            f"Argo CD applies the commit when that ends; {way}",
            ANYWAY,
        )


def _overrides(sides: Sides) -> Iterator[Caution]:
    """What the Application itself says of images and values wins over the files that are restored."""
    fields = overridden(sides)
    if fields and not sides.permissions.application:
        yield Caution(
            f"Application {sides.here.application.name} says {listed(fields)} itself, otherwise than then; "
            "--include-application restores its manifest, too",
            ANYWAY,
        )
    elif any(field.endswith("kustomize.images") for field in _said(sides.here)):
        yield Caution(
            f"Application {sides.here.application.name} sets images itself, which win over those of the overlay"
        )


def overridden(sides: Sides) -> list[str]:
    """Returns the fields by which the Application says otherwise than then what it is made of."""
    now, then = _said(sides.here), _said(sides.there)
    return sorted({field for field in (*now, *then) if now.get(field) != then.get(field)})


def _said(place: Place) -> dict[str, str]:
    """Returns what sources say beside where they are."""
    body = place.application.body
    sources: list[tuple[Route, dict[str, object]]] = [(("source",), mapping(body, "spec", "source"))]
    sources += [(("sources", route[-1]), source) for route, source in items(body, "spec", "sources")]
    return {
        f"spec.{route[0]}.{kind}.{field}": repr(value)
        for route, source in sources
        for kind in ("kustomize", "helm", "directory")
        for field, value in mapping(source, kind).items()
    }


def _images(sides: Sides) -> Iterator[Caution]:
    """A tag that is pushed again names another image than it did then; with a digest it does not."""
    if sides.then.failure:
        return
    moving = sorted({one for one in _shared(sides.now, sides.then) if _is_mutable(one)})
    if sides.now.images == sides.then.images and moving:
        yield Caution(
            f"{listed(moving)} is named the same then and now, by a tag that moves: going back cannot bring "
            "the old image back; name it by its digest",
            ANYWAY,
        )
    elif moving:
        yield Caution(f"{listed(moving)} may be another image than it was then: its tag moves, and there is no digest")
    untagged = sorted({one for one in sides.then.images.values() if "@" not in one} - set(moving))
    if untagged and sides.now.images != sides.then.images:
        yield Caution(f"nobody asked the registry whether it still has {listed(untagged)}")


def _held(sides: Sides) -> Iterator[Caution]:
    """A version that was put on hold was bad once; going back to it frees it."""
    with contextlib.suppress(Failure):  # a broken file is told where the holds are written
        yield from (Caution(f"{hold.told}; this brings it back", ANYWAY) for hold in holding.freed(sides))


def _shared(now: State, then: State) -> Iterator[str]:
    return (one for container, one in then.images.items() if container in now.images)


def _is_mutable(reference: str) -> bool:
    one = image.parse(reference)
    return not one.digest and (one.tag in {"", "latest"} or image.is_moving(one.tag))
