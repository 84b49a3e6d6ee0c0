"""The rules that definitions state in CEL, evaluated by Kubernetes' own code: the program ``gitopsmith-cel``.

What the API server does before is done there too: defaults are filled in. Rules that compare with an object's former
state do not count, as for an object that is new (``apiextensions-apiserver/pkg/registry/customresource/strategy.go``).
"""

from __future__ import annotations

import json
import re
from typing import Any

from gitopsmith.asking import Program
from gitopsmith.finding import Route
from gitopsmith.manifest import get, items, text
from gitopsmith.validate.causes import SchemaProblem
from gitopsmith.validate.schemas import Schemas, without_sops

EVALUATOR = "gitopsmith-cel"
RULE = "schema-rule-broken"
_STEP = re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")


class Rules:
    """Tells which rules of its definition an object breaks. ``unasked`` are the objects of which nobody could tell."""

    def __init__(self, schemas: Schemas, program: Program) -> None:
        self.unasked: set[str] = set()
        self._schemas = schemas
        self._program = program

    def check(self, body: Any) -> list[SchemaProblem]:
        """Returns what is broken under every definition of the kind; for objects that their schema accepts."""
        name = f"{text(body, 'apiVersion')} {text(body, 'kind')}"
        found: list[SchemaProblem] = []
        for index, schema in enumerate(self._schemas.ruled(text(body, "apiVersion"), text(body, "kind"))):
            found = self._problems(f"{name} {index}", schema, body)
            if not found:
                return []
        return found

    def _problems(self, kind: str, schema: str, body: Any) -> list[SchemaProblem]:
        once = {kind: lambda: {"schema": json.loads(schema)}}
        answer = self._program.ask({"kind": kind, "object": without_sops(body)}, once)
        if answer is None or text(answer, "failed"):
            self.unasked.add(f"{kind.split()[1]} {text(body, 'metadata', 'name')!r}")
            return []
        return [
            SchemaProblem(RULE, route_of(text(one, "field"), body), _worded(text(one, "message")))
            for _, one in items(answer, "problems")
        ]


def _worded(message: str) -> str:
    rule = message.removeprefix("failed rule: ")
    return f"its definition demands {rule}" if rule != message else f"its definition says: {message.rstrip('.')}"


def route_of(field: str, body: Any) -> Route:
    """Returns the route to a field as the API server names it, ``spec.rules[0].name``, as far as it exists."""
    route: Route = ()
    for bracketed, plain in _STEP.findall(field):
        here = get(body, *route)
        step = int(bracketed) if isinstance(here, list) and bracketed.isdigit() else bracketed or plain
        if get(here, step) is None:
            break
        route = (*route, step)
    return route
