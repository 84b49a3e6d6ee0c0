"""Reduces the schema of a definition to what its rules in CEL look at."""

from __future__ import annotations

import json
from typing import Any

from gitopsmith.manifest import mapping, sequence

_KEPT = frozenset({"type", "format", "nullable", "default", "maxItems", "maxLength", "maxProperties", "enum"})


def slim(schema: dict[str, Any], *, seen: bool = False) -> dict[str, Any] | None:
    """Returns of a definition's schema what its rules need; None where it states none.

    A rule sees all that lies below it (``seen``). What lies beside is left out.
    """
    seen = seen or bool(schema.get("x-kubernetes-validations"))
    if not seen and "x-kubernetes-validations" not in json.dumps(schema):
        return None
    out = {name: value for name, value in schema.items() if name in _KEPT or name.startswith("x-kubernetes-")}
    fields = {name: slim(part, seen=seen) for name, part in mapping(schema, "properties").items()}
    if "properties" in schema:
        out["properties"] = {name: part for name, part in fields.items() if part is not None}
    for name in ("items", "additionalProperties"):
        part = schema.get(name)
        kept = slim(part, seen=seen) if isinstance(part, dict) else part
        if kept is not None:
            out[name] = kept
    parts = [part for one in sequence(schema, "allOf") if (part := slim(one)) is not None]
    return out | ({"allOf": parts} if parts else {})
