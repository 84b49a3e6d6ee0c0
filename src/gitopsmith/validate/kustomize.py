"""Checks kustomization files against the types that kustomize decodes them into.

kustomize reads them with Go's JSON decoder: unknown fields are errors, and names match without case.
"""

from __future__ import annotations

import functools
import json
from typing import Any

import jsonschema_rs

from gitopsmith.content import SCHEMAS
from gitopsmith.finding import Route
from gitopsmith.manifest import mapping
from gitopsmith.validate.causes import SchemaProblem, below, causes, resolved


def check_kustomization(body: Any) -> list[SchemaProblem]:
    """Returns everything that keeps kustomize from decoding a Kustomization or Component, sorted by route."""
    schema, validator = _validator()
    if validator.is_valid(body):
        return []
    spelled: dict[Route, Route] = {}
    canonical = _canonical(body, schema, schema, (), (), spelled)
    found = causes(validator.iter_errors(canonical), schema, canonical)
    return [problem._replace(route=_original(problem.route, spelled)) for problem in found]


@functools.cache
def _validator() -> tuple[dict[str, Any], Any]:
    text = (SCHEMAS / "kustomize" / "kustomization.json").read_text("utf-8")
    return json.loads(text), jsonschema_rs.Draft7Validator(text)


def _canonical(body: Any, schema: Any, root: Any, route: Route, original: Route, spelled: dict[Route, Route]) -> Any:
    """Returns a body with its fields named as the schema names them, and notes how each was spelled."""
    spelled[route] = original
    if isinstance(body, list):
        items = below(schema, root, 0)
        return [
            _canonical(item, items, root, (*route, index), (*original, index), spelled)
            for index, item in enumerate(body)
        ]
    if not isinstance(body, dict):
        return body
    names = {name.lower(): name for name in mapping(resolved(schema, root), "properties")}
    out: dict[str, Any] = {}
    for key, value in body.items():
        name = names.get(key.lower()) or key
        out[name] = _canonical(value, below(schema, root, name), root, (*route, name), (*original, key), spelled)
    return out


def _original(route: Route, spelled: dict[Route, Route]) -> Route:
    return spelled.get(route, route)
