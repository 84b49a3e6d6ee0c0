"""What a hold is, and which versions it is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from gitopsmith import image

_VERSION = re.compile(r"v?(\d+(?:\.\d+)*)")


@dataclass(frozen=True, slots=True)
class Written:
    """Files by their path in the work tree, None for one that goes; ``notes`` tell what could not be written.

    ``aside`` are those that only tell others of it, and that any two changes of holds have in common.
    """

    files: dict[str, str | None]
    notes: tuple[str, ...] = ()
    aside: frozenset[str] = frozenset()


class Hold(NamedTuple):
    """An image, as ``name:tag@digest``, that must not come back to an application in an environment.

    ``since`` is when, as ISO 8601, ``by`` the person, as git knows them; ``folders`` of the work tree are where the
    application's version for this environment stands.
    """

    application: str
    environment: str
    image: str
    reason: str = ""
    since: str = ""
    by: str = ""
    folders: tuple[str, ...] = ()

    def is_of(self, reference: str) -> bool:
        """Tells whether this holds an image back: by its digest where both have one, else by its tag."""
        held, other = image.parse(self.image), image.parse(reference)
        if held.name != other.name:
            return False
        if held.digest and other.digest:
            return held.digest == other.digest
        return bool(held.tag) and held.tag == other.tag

    @property
    def told(self) -> str:
        """Says what is on hold, for whom, since when, by whom and why."""
        when = f" since {self.since}" if self.since else ""
        who = f" by {self.by}" if self.by else ""
        place = f"{self.application} in {self.environment}"
        return f"{self.image} is on hold for {place}{when}{who}: {self.reason or 'it was rolled back'}"


def find(holds: Iterable[Hold], application: str, environment: str, reference: str) -> Hold | None:
    """Returns the hold on an image of an application in an environment, None where there is none."""
    return next((hold for hold in _of(holds, application, environment) if hold.is_of(reference)), None)


def lifted(holds: Iterable[Hold], application: str, environment: str, reference: str) -> tuple[Hold, ...]:
    """Returns the holds that an image makes pointless: those on other versions of it that are not known to be newer."""
    new = image.parse(reference)
    found = ((hold, image.parse(hold.image)) for hold in _of(holds, application, environment))
    return tuple(hold for hold, held in found if held.name == new.name and not _is_older(new.tag, held.tag))


def _of(holds: Iterable[Hold], application: str, environment: str) -> Iterator[Hold]:
    return (hold for hold in holds if (hold.application, hold.environment) == (application, environment))


def _is_older(tag: str, than: str) -> bool:
    """Tells whether a tag is a version that comes before another; of other tags nothing is known."""
    one, other = _VERSION.match(tag), _VERSION.match(than)
    if one is None or other is None:
        return False
    return [*map(int, one[1].split("."))] < [*map(int, other[1].split("."))]
