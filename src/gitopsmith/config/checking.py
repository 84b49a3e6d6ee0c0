"""Checks a configuration file: every mistake is named with its place and the nearest right word."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gitopsmith import content, documents
from gitopsmith.config.model import ARGOCD, KUBERNETES
from gitopsmith.finding import Failure, Location
from gitopsmith.manifest import items, mapping, sequence, text

_WORDS = {
    "array": "a list", "boolean": "true or false", "integer": "a whole number", "number": "a number", "object": "a map",
    "string": "text",
}  # fmt: skip


def check(document: documents.Document, path: Path, rules: frozenset[str]) -> None:
    """Raises Failure for the first mistake in a configuration; ``rules`` are the ids and families that it may name."""
    _check_schema(document, path)
    _check_rules(document, path, rules)
    _check_overrides(document, path)


def _check_schema(document: documents.Document, path: Path) -> None:
    import jsonschema_rs  # noqa: PLC0415 - heavy, and only needed where there is a configuration

    schema = (content.SCHEMAS / "config" / "config.schema.json").read_text(encoding="utf-8")
    errors = list(jsonschema_rs.validator_for(schema).iter_errors(document.body))
    for error in sorted(errors, key=lambda error: error.kind.name != "additionalProperties"):
        route = tuple(error.instance_path)
        unexpected = getattr(error.kind, "unexpected", None)
        if unexpected:
            known = _known_keys(schema, list(error.schema_path))
            place = document.location(str(path), (*route, unexpected[0]), key=True)
            raise Failure(f"{_at(place)}: unknown key {unexpected[0]!r}{_nearest(unexpected[0], known)}")
        raise Failure(f"{_at(document.location(str(path), route))}: {_message(error)}")


def _message(error: Any) -> str:
    if error.kind.name == "enum":
        return f"write one of {', '.join(option for option in error.kind.options if option)}, not {error.instance!r}"
    if error.kind.name == "type":
        return f"this must be {' or '.join(_WORDS[name] for name in error.kind.types)}"
    if error.kind.name == "required":
        return f"key {error.kind.property!r} is missing"
    if error.kind.name == "pattern":
        return f"{error.instance!r} is no version; write it as {KUBERNETES} for Kubernetes, {ARGOCD} for Argo CD"
    return str(error.message)


def _check_overrides(document: documents.Document, path: Path) -> None:
    """Checks that every override is about something: a mistyped one would be silent."""
    known = {text(item, "name"): sequence(item, "paths") for _, item in items(document.body, "environments")}
    for route, item in items(document.body, "overrides"):
        if not sequence(item, "paths") and not sequence(item, "environments"):
            place = document.location(str(path), route)
            raise Failure(f"{_at(place)}: this override reaches nothing; give it paths or environments")
        for index, name in enumerate(sequence(item, "environments")):
            place = document.location(str(path), (*route, "environments", index))
            if name not in known:
                raise Failure(f"{_at(place)}: unknown environment {name!r}{_nearest(name, known)}")
            if not known[name]:
                raise Failure(f"{_at(place)}: environment {name!r} has no paths, so this override cannot reach it")


def _check_rules(document: documents.Document, path: Path, known: frozenset[str]) -> None:
    places: list[tuple[Any, ...]] = [("rules",)]
    places += [(*route, "rules") for route, _ in items(document.body, "overrides")]
    for route in places:
        for name in mapping(document.body, *route):
            if name not in known:
                place = document.location(str(path), (*route, name), key=True)
                raise Failure(f"{_at(place)}: unknown rule {name!r}{_nearest(name, known)}")


def _known_keys(schema: str, path: list[Any]) -> list[str]:
    import json  # noqa: PLC0415 - only on the way to an error

    node: Any = json.loads(schema)
    for step in path[:-1]:
        node = node[step]
    return list(mapping(node, "properties"))


def _nearest(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _at(place: Location) -> str:
    return f"{place.path}:{place.line}:{place.column}"
