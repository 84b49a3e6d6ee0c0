"""What the templates of ApplicationSets ask for, as far as that is written out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gitopsmith import argocd
from gitopsmith.appset import generators
from gitopsmith.manifest import mapping, sequence, text

_PARAMETER = re.compile(r"\{\{\s*\.?(?:values\.)?(\w+)\s*\}\}")


def template(body: dict[str, Any]) -> dict[str, Any]:
    """Returns what a set generates, read like an Application: its sources, with the first value for a parameter.

    What no generator says in so many words stays as it is written.
    """
    given = dict(reversed(tuple(_parameters(body))))
    written = mapping(body, "spec", "template")
    sources = (mapping(written, *route) for route in argocd.source_routes(written))
    filled = [source | {"path": _fill(text(source, "path"), given)} for source in sources]
    return {"spec": {"sources": filled}}


def _parameters(body: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for generator in generators(body):
        elements = (mapping(element) for element in sequence(generator, "list", "elements"))
        for given in (mapping(generator, "clusters", "values"), *elements):
            named = given | mapping(given, "values")
            said = (pair for pair in named.items() if isinstance(pair[1], str))
            yield from ((str(name).removeprefix("values."), value) for name, value in said)


def _fill(path: str, given: dict[str, str]) -> str:
    return _PARAMETER.sub(lambda found: given.get(found[1], found[0]), path)
