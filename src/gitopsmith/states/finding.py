"""Finds the Application that a person means by the name of an application and an environment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from gitopsmith.application import Application
from gitopsmith.applied import Delivery
from gitopsmith.config import Environment
from gitopsmith.finding import Failure
from gitopsmith.graph import Build
from gitopsmith.manifest import mapping, text

NAME = "app.kubernetes.io/name"


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """One application in one environment: what people call it, its Application, and what that is built from."""

    app: str
    environment: Environment
    application: Application
    builds: tuple[Build, ...]

    @property
    def entries(self) -> tuple[str, ...]:
        """The folders of this repository that it is built from; in a generated one, its overlay alone."""
        return tuple(dict.fromkeys(build.entry for build in self.builds if build.chart is None and not build.commit))

    def __str__(self) -> str:
        return f"{self.app} in {self.environment.name}"


def placed(deliveries: Iterable[Delivery], environments: tuple[Environment, ...]) -> tuple[Place, ...]:
    """Returns every application in each environment that it belongs to, in promotion order."""
    found = [(delivery, delivery.environments(environments)) for delivery in deliveries if delivery.application]
    return tuple(
        Place(_common(delivery.application, one, environments), one, delivery.application, delivery.builds)
        for one in environments
        for delivery, names in found
        if one.name in names and delivery.application
    )


def find(places: Iterable[Place], app: str, environment: str) -> Place:
    """Returns the place that is meant by two names.

    The application may be called as its Application is, as that is labelled, by that name without the environment's,
    or as a folder on the way to its overlay. Raises Failure, with what there is, where it is none or not one.
    """
    known = tuple(places)
    here = [place for place in known if place.environment.name == environment]
    if not here:
        names = ", ".join(dict.fromkeys(place.environment.name for place in known)) or "none"
        raise Failure(f"nothing is deployed to an environment {environment!r}; there is {names}")
    for means in _MEANINGS:
        found = [place for place in here if means(place, app)]
        if len(found) == 1:
            return found[0]
        if found:
            names = ", ".join(sorted(place.application.name for place in found))
            raise Failure(f"{app!r} may mean {names} in {environment}; name one of them")
    names = ", ".join(sorted(place.app for place in here))
    raise Failure(f"there is no application {app!r} in {environment}; there is {names}")


def is_meant(place: Place, app: str) -> bool:
    """Tells whether an application may be called so."""
    return any(means(place, app) for means in _MEANINGS)


def _is_name(place: Place, app: str) -> bool:
    return place.application.name == app


def _is_label(place: Place, app: str) -> bool:
    return place.app == app


def _is_folder(place: Place, app: str) -> bool:
    return any(app in entry.split("/") for entry in place.entries)


_MEANINGS: tuple[Callable[[Place, str], bool], ...] = (_is_name, _is_label, _is_folder)
"""What a name may mean; the first that fits any place wins."""


def _common(application: Application | None, environment: Environment, known: Iterable[Environment]) -> str:
    """Returns what an application is called in every environment: its label, else its name without theirs."""
    if application is None:
        return ""
    named = text(mapping(application.body, "metadata", "labels"), NAME)
    return named or next(_without(application.name, environment.name, known), application.name)


def _without(name: str, environment: str, known: Iterable[Environment]) -> Iterator[str]:
    for one in (environment, *(each.name for each in known)):
        for mark in "-.":
            if name.endswith(f"{mark}{one}"):
                yield name.removesuffix(f"{mark}{one}")
            if name.startswith(f"{one}{mark}"):
                yield name.removeprefix(f"{one}{mark}")
