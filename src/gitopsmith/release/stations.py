"""The environments that an application goes through, in promotion order."""

from __future__ import annotations

from collections.abc import Iterable

from gitopsmith.finding import Failure
from gitopsmith.states import Place, find


def stations(places: Iterable[Place], app: str) -> tuple[Place, ...]:
    """Returns the places of an application, one for each environment. Raises Failure where it is nowhere."""
    known = tuple(places)
    if not known:
        raise Failure("no Application belongs to an environment; list them in .gitopsmith.yaml, in promotion order")
    found: list[Place] = []
    for environment in dict.fromkeys(place.environment.name for place in known):
        try:
            found.append(find(known, app, environment))
        except Failure as error:
            ambiguous = error if "may mean" in str(error) else None
            if ambiguous is not None:
                raise ambiguous from None
    if not found:
        raise Failure(f"there is no application {app!r}; there is {', '.join(sorted({one.app for one in known}))}")
    return tuple(found)


def names(found: Iterable[Place]) -> tuple[str, ...]:
    """Returns the names of the environments, in promotion order."""
    return tuple(place.environment.name for place in found)


def at(found: Iterable[Place], environment: str) -> Place:
    """Returns the place in an environment. Raises Failure, with what there is, for another."""
    known = tuple(found)
    for place in known:
        if place.environment.name == environment:
            return place
    raise Failure(f"{known[0].app} is not deployed to {environment!r}; it is in {', '.join(names(known))}")
