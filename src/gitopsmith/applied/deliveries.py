"""Sorts what is applied by who delivers it: an Application, or a person from one kustomization or file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gitopsmith import fleet
from gitopsmith.application import Application
from gitopsmith.applied.working import Applied, Manifest
from gitopsmith.config import Environment
from gitopsmith.graph import Build, Unit
from gitopsmith.lint.reasons import OF_ONE
from gitopsmith.report import secret_yaml

ROOT = "the root of the repository"


@dataclass(frozen=True, slots=True, eq=False)
class Delivery:
    """What is applied together.

    ``unknown`` tells which of its sources could not be looked at, and why; ``failures`` which builds gave nothing.
    """

    label: str
    application: Application | None
    builds: tuple[Build, ...]
    manifests: tuple[Manifest, ...]
    unknown: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()

    @property
    def place(self) -> tuple[str, str]:
        """What renders its Application, and the file of that; of what is no Application's, what is built itself."""
        if self.application is None:
            return (self.builds[0].type, self.builds[0].entry)
        return (self.application.entry or "", self.application.resource.origin.path)

    @property
    def identity(self) -> tuple[str, ...]:
        """What names it in every revision."""
        return (*(self.application.key if self.application else ("",)), *self.place)

    def environments(self, known: tuple[Environment, ...]) -> tuple[str, ...]:
        """Returns the names of the environments that it belongs to, by its paths, else by its cluster."""
        paths = [build.entry for build in self.builds]
        paths += [path for path in self.place if path] if self.application else []
        return fleet.environments(paths, self.application.destination if self.application else None, known)


def deliveries(applied: Applied) -> tuple[Delivery, ...]:
    """Returns everything that is applied, each Application once, in a stable order."""
    units = tuple(living(applied))
    owned = {build for unit in units for build in unit.builds}
    dead = {build for unit in applied.graph.units if unit.application.disabled for build in unit.builds}
    roots = set(applied.discovery.roots)
    rest = [
        build
        for build in applied.graph.results
        if build not in owned and (build not in dead or (build.type == "kustomize" and build.entry in roots))
    ]
    found = [*(_of_unit(applied, unit) for unit in units), *(_of_build(applied, build) for build in rest)]
    return tuple(sorted(found, key=lambda delivery: (delivery.label, delivery.identity)))


def living(applied: Applied) -> Iterator[Unit]:
    """Yields every Application once; one in a file that the kustomization beside it leaves out is not applied."""
    seen: set[tuple[str, ...]] = set()
    rendered = [unit for unit in applied.graph.units if unit.application.entry is not None]
    for unit in (*rendered, *(unit for unit in applied.graph.units if unit.application.entry is None)):
        app = unit.application
        named = (*app.key, app.resource.origin.path)
        raw = (*named, app.entry) if app.entry is not None else named
        if not app.disabled and raw not in seen:
            seen |= {named, raw} if app.resource.origin.path else {raw}
            yield unit


def _of_unit(applied: Applied, unit: Unit) -> Delivery:
    manifests = tuple(manifest for build in unit.builds for manifest in applied.manifests.get(build, ()))
    missing = (f"path {source.path or '.'} does not exist" for source in unit.application.sources if source.is_missing)
    unknown = (f"{secret_yaml.mask(subject)}: {OF_ONE[kind]}" for kind, subject in unit.unverifiable)
    failures = tuple(said for build in unit.builds for said in _failure(applied, build))
    return Delivery(unit.application.name, unit.application, unit.builds, manifests, (*missing, *unknown), failures)


def _of_build(applied: Applied, build: Build) -> Delivery:
    label = build.entry or ROOT
    return Delivery(label, None, (build,), applied.manifests.get(build, ()), failures=tuple(_failure(applied, build)))


def _failure(applied: Applied, build: Build) -> Iterator[str]:
    result = applied.graph.results.get(build)
    if result is not None and result.failure is not None:
        yield f"{build.entry or '.'} cannot be rendered: {result.failure.message}"
