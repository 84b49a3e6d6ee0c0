"""What the expansion of an ApplicationSet gives, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from gitopsmith.finding import Route, Severity
from gitopsmith.manifest import text


class Generated(NamedTuple):
    """One generated Application: its body, and which generator of the set gives it its parameters.

    ``element`` is the route to the list element that these come from, ``file`` the file that a git generator reads;
    both are empty where there is no such thing. ``sampled`` tells that some come from the configuration.
    """

    body: dict[str, Any]
    generator: Route
    element: Route = ()
    file: str = ""
    sampled: bool = False

    @property
    def name(self) -> str:
        return text(self.body, "metadata", "name")


class Refusal(NamedTuple):
    """Why Argo CD generates nothing, or something that cannot be: a field of the set, and what is wrong there."""

    route: Route
    message: str
    severity: Severity = Severity.ERROR
    applications: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Expansion:
    """The Applications of one set, what is wrong with it, and what cannot be known of it: (kind, subject) each."""

    applications: tuple[Generated, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    unverifiable: tuple[tuple[str, str], ...] = ()


NOT_EXPANDED = "set"
"""The kind of what is not known of a set that nothing could expand."""
