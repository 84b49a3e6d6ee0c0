"""What is wrong with an ApplicationSet, at the field where a person mends it.

Read in Argo CD 3.6.1: ``applicationset/utils/utils.go`` for what templates complain of, and
``validateGeneratedApplications`` in ``applicationset/controllers/applicationset_controller.go`` for names.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from gitopsmith.appset.expansion import Generated, Refusal
from gitopsmith.appset.origins import asks, terminal
from gitopsmith.finding import Route, Severity
from gitopsmith.manifest import get, scalars, text

LONGEST = 300
"""Letters of a complaint that are shown."""
NAME: Route = ("spec", "template", "metadata", "name")
_EXPRESSION = re.compile(r'executing "[^"]*" at <(?P<at>[^>]*)>: (?P<why>.+)', re.DOTALL)
_WHERE = "template: base:"
"""What stands between a template that cannot be read, and the line in it with the reason."""
_QUOTED = re.compile(r'"(?:[^"\\]|\\.){60,}"')
_DNS = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\Z")


def refused(body: dict[str, Any], generator: Route, complaint: str, *, sampled: bool = False) -> Refusal:
    """Returns what Argo CD complains of, at the template that it names, else at the generator."""
    templates = {route: value for route, value in scalars(body) if isinstance(value, str) and "{{" in value}
    named = [route for route, value in templates.items() if value in complaint and _may_use(route, generator)]
    route = max(named, key=lambda route: len(templates[route]), default=generator)
    return Refusal(route, f"Argo CD generates nothing from this: {_shortened(complaint)}", _severity(sampled=sampled))


def _severity(*, sampled: bool) -> Severity:
    """What is wrong with sample parameters may be the samples."""
    return Severity.WARNING if sampled else Severity.ERROR


def _may_use(route: Route, generator: Route) -> bool:
    return route[: len(generator)] == generator or route[:2] in {("spec", "template"), ("spec", "templatePatch")}


def _shortened(complaint: str) -> str:
    """Returns what is wrong without the template or the file that it is wrong with, in which secrets may stand."""
    found = _EXPRESSION.search(complaint)
    said = f"{found['at']}: {found['why']}" if found else _QUOTED.sub('"..."', complaint.rpartition(_WHERE)[2])
    words = " ".join(said.split()).rstrip(".")
    return words if len(words) <= LONGEST else f"{words[:LONGEST]}..."


def check_generator(body: dict[str, Any], route: Route, given: Any, made: Sequence[Generated]) -> Iterator[Refusal]:
    """Yields what is wrong with all that one generator gives."""
    complaint = text(given, "error")
    if complaint:
        yield refused(body, route, complaint, sampled=asks(body, route))
    elif not made and not asks(body, route) and not _is_left_empty(body, route):
        inner = [at for at, generator in terminal(body, route) if "git" in generator]
        at = inner[0] if len(inner) == 1 else route
        yield Refusal(at, "nothing is generated: no directory, file or element fits this", Severity.WARNING)
    if not get(body, "spec", "goTemplate"):
        yield from _left_over(body, made)


def _is_left_empty(body: dict[str, Any], route: Route) -> bool:
    """Tells whether a list has no elements because nobody wrote any."""
    return any("list" in generator and not get(generator, "list", "elements") for _, generator in terminal(body, route))


def _left_over(body: dict[str, Any], made: Sequence[Generated]) -> Iterator[Refusal]:
    """Yields the parameters that no generator gives: without Go templates, they stay as they are written."""
    for field in ("project", "destination", "source", "sources"):
        for route, value in scalars(get(body, "spec", "template", "spec", field), ("spec", field)):
            if isinstance(value, str) and "{{" in value and not {"helm", "kustomize", "plugin"} & set(route):
                names = tuple(one.name for one in made if "{{" in str(get(one.body, *route)))
                if names:
                    message = f"no generator gives a parameter of {value!r}, which stays as it is written"
                    yield Refusal(("spec", "template", *route), message, Severity.WARNING, names)


def check_names(made: Iterable[Generated]) -> Iterator[Refusal]:
    """Yields the names that Argo CD or Kubernetes refuses."""
    made = tuple(made)
    sampled = {one.name for one in made if one.sampled}
    for name, count in Counter(one.name for one in made).items():
        severity = _severity(sampled=name in sampled)
        if not _DNS.match(name):
            message = f"this gives an Application the name {name!r}, which Kubernetes refuses"
            yield Refusal(NAME, message, severity, (name,))
        elif count > 1:
            message = f"this gives {count} Applications the name {name!r}; put into it what tells them apart"
            yield Refusal(NAME, message, severity, (name,))
