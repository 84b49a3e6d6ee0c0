"""What a check of the API server says against an object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from gitopsmith.finding import Route
from gitopsmith.validate.causes import SchemaProblem

RULE = "api-refused"


def refused(route: Route, message: str) -> SchemaProblem:
    """Returns a problem; the message says what the API server wants instead."""
    return SchemaProblem(RULE, route, message)


def twice(values: Iterable[tuple[Route, Any]], what: str) -> Iterator[SchemaProblem]:
    """Refuses what stands a second time in a list whose items have to differ."""
    seen: set[Any] = set()
    for route, value in values:
        if value in seen:
            yield refused(route, f"two {what} are {value!r}; each may stand once")
        seen.add(value)


def choice(route: Route, value: Any, options: Sequence[str]) -> Iterator[SchemaProblem]:
    """Refuses a text that is none of the possible ones; whatever is no text is the schema's affair."""
    if isinstance(value, str) and value and value not in options:
        spelled = next((option for option in options if option.lower() == value.lower()), "")
        hint = f"; did you mean {spelled!r}?" if spelled else ""
        yield refused(route, f"must be one of {', '.join(map(repr, options))}, not {value[:40]!r}{hint}")
