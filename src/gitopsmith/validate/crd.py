"""Turns the structural schemas of a CustomResourceDefinition into strict JSON Schemas (draft 7).

What the API server does with an object before it looks at it is part of the result: unknown fields are refused unless
they are preserved, a null under an optional field that is not nullable is dropped, and a field with a default need not
be there (``apiextensions-apiserver/pkg/apiserver/schema/{pruning,defaulting}``).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from gitopsmith.manifest import get, mapping, sequence, text

OBJECT_META = "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
"""The definition that every converted schema refers to and does not hold itself."""
RANGES = {"int32": (-(1 << 31), (1 << 31) - 1), "int64": (-(1 << 63), (1 << 63) - 1)}
_KEPT = (
    "enum", "maxItems", "maxLength", "maxProperties", "minItems", "minLength", "minProperties", "multipleOf", "pattern",
    "uniqueItems",
)  # fmt: skip
_COMBINED = ("allOf", "anyOf", "oneOf")
_EMBEDDED = {
    "apiVersion": {"type": "string"},
    "kind": {"type": "string"},
    "metadata": {"$ref": f"#/definitions/{OBJECT_META}"},
}


class Served(NamedTuple):
    """One version that a definition serves; ``body`` is the whole CustomResourceDefinition."""

    api_version: str
    kind: str
    version: Any
    body: Any

    @property
    def name(self) -> str:
        return f"{self.api_version} {self.kind}"

    @property
    def given(self) -> dict[str, Any]:
        """Its schema as it is written; empty where there is none."""
        old = mapping(self.body, "spec", "validation", "openAPIV3Schema")
        return mapping(self.version, "schema", "openAPIV3Schema") or old

    def schema(self) -> dict[str, Any]:
        """Returns its strict JSON Schema; one that accepts every field where there is no schema, as the server does."""
        if not self.given:
            return {"type": "object"}
        converted = convert(self.given, _keeps_unknown(self.body))
        levels = (self.version, mapping(self.body, "spec"))
        resets = any(get(level, "subresources", "status") is not None for level in levels)
        return _without_status(converted) if resets else converted


def served(body: Any) -> Iterator[Served]:
    """Yields the versions that a CustomResourceDefinition serves, of either version of that API."""
    group, kind = text(body, "spec", "group"), text(body, "spec", "names", "kind")
    for version in sequence(body, "spec", "versions") or [{"name": text(body, "spec", "version")}]:
        name = text(version, "name")
        if group and kind and name and get(version, "served") is not False:
            yield Served(f"{group}/{name}", kind, version, body)


def stability(api_version: str) -> tuple[bool, bool, int]:
    """Returns what versions of a kind are sorted by, so that the most stable and newest is first."""
    version = api_version.rpartition("/")[2]
    return "alpha" in version, "beta" in version, -int(version[1:2])


def convert(schema: dict[str, Any], keeps_unknown: bool = False) -> dict[str, Any]:
    """Converts the schema of a whole object; its apiVersion, kind and metadata are always allowed."""
    root = _node({**schema, "type": "object", "x-kubernetes-embedded-resource": True}, preserved=False)
    return _opened(root) if keeps_unknown else root


def _without_status(schema: dict[str, Any]) -> dict[str, Any]:
    """Lets status be anything: where it is a subresource, whatever an applied manifest says about it is dropped."""
    return {**schema, "properties": {**schema["properties"], "status": {}}} if "properties" in schema else schema


def bounds(schema: dict[str, Any]) -> dict[str, Any]:
    """Returns the limits of a number: its own, and those of its int32 or int64 format."""
    out: dict[str, Any] = {}
    low, high = RANGES.get(schema.get("format", ""), (None, None))
    for name, strict, limit, tighter in (
        ("minimum", "exclusiveMinimum", low, max),
        ("maximum", "exclusiveMaximum", high, min),
    ):
        own = schema.get(name)
        if own is not None and schema.get(strict) is True:
            out[strict] = own
        elif own is not None or limit is not None:
            out[name] = tighter(value for value in (own, limit) if value is not None)
    return out


def _keeps_unknown(crd: Any) -> bool:
    """Tells whether nothing is pruned at all, which is what the first version of the API did unless told otherwise."""
    setting = get(crd, "spec", "preserveUnknownFields")
    return setting is not False if text(crd, "apiVersion").endswith("/v1beta1") else setting is True


def _opened(schema: Any) -> Any:
    """Returns a converted schema that refuses no field for being unknown."""
    if isinstance(schema, list):
        return [_opened(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {name: _opened(part) for name, part in schema.items() if (name, part) != ("additionalProperties", False)}


def _node(schema: dict[str, Any], *, preserved: bool, optional: bool = False) -> dict[str, Any]:
    out = {**bounds(schema), **{name: schema[name] for name in _KEPT if name in schema}}
    _add_type(out, schema, optional=optional)
    preserved = schema.get("x-kubernetes-preserve-unknown-fields") is True or preserved
    if schema.get("x-kubernetes-list-type") == "set":
        out["uniqueItems"] = True
    if isinstance(schema.get("items"), dict):
        out["items"] = _node(schema["items"], preserved=preserved)
    if schema.get("type") == "object" or "properties" in schema:
        _add_fields(out, schema, preserved=preserved)
    _add_combined(out, schema)
    return out


def _add_type(out: dict[str, Any], schema: dict[str, Any], *, optional: bool) -> None:
    types = [schema["type"]] if isinstance(schema.get("type"), str) and schema["type"] else []
    if schema.get("x-kubernetes-int-or-string"):
        types = ["integer", "string"]
    if not types:
        return
    if optional or schema.get("nullable"):
        types = [*types, "null"]
        if "enum" in out and None not in out["enum"]:
            out["enum"] = [*out["enum"], None]
    out["type"] = types[0] if len(types) == 1 else types


def _add_fields(out: dict[str, Any], schema: dict[str, Any], *, preserved: bool) -> None:
    fields = mapping(schema, "properties")
    required = [name for name in sequence(schema, "required") if get(fields, name, "default") is None]
    properties = {
        name: _node(field, preserved=False, optional=name not in required)
        for name, field in fields.items()
        if isinstance(field, dict)
    }
    if schema.get("x-kubernetes-embedded-resource"):
        properties |= _EMBEDDED
        required = [*(name for name in required if name not in _EMBEDDED), "apiVersion", "kind"]
    if properties:
        out["properties"] = properties
    if required:
        out["required"] = required
    values = schema.get("additionalProperties")
    if isinstance(values, dict):
        out["additionalProperties"] = _node(values, preserved=False, optional=True)
    elif not preserved and not values:
        out["additionalProperties"] = False


def _add_combined(out: dict[str, Any], schema: dict[str, Any]) -> None:
    """Adds what must hold besides.

    Alternatives that only spell out int-or-string say nothing new. A condition on a field with a default is left out:
    it is judged after defaulting, which nobody does here.
    """
    for name in _COMBINED:
        if any(_hangs_on_default(part, schema) for part in sequence(schema, name)):
            continue
        parts = [_condition(part) for part in sequence(schema, name)]
        if schema.get("x-kubernetes-int-or-string"):
            parts = [part for part in parts if not _spells_int_or_string(part.get("anyOf"))]
            parts = [] if name == "anyOf" and _spells_int_or_string(parts) else parts
        if parts:
            out[name] = parts
    if isinstance(schema.get("not"), dict) and not _hangs_on_default(schema["not"], schema):
        out["not"] = _condition(schema["not"])


def _hangs_on_default(condition: Any, schema: Any) -> bool:
    fields = mapping(schema, "properties")
    named = {*mapping(condition, "properties"), *sequence(condition, "required")}
    if any(get(fields, name, "default") is not None for name in named):
        return True
    parts = [part for name in _COMBINED for part in sequence(condition, name)] + [get(condition, "not")]
    inner = mapping(condition, "properties").items()
    return any(_hangs_on_default(part, schema) for part in parts if part) or any(
        _hangs_on_default(part, get(fields, name)) for name, part in inner
    )


def _spells_int_or_string(parts: list[dict[str, Any]] | None) -> bool:
    return bool(parts) and all(part in ({"type": "integer"}, {"type": "string"}) for part in parts or ())


def _condition(schema: Any) -> dict[str, Any]:
    """Converts a schema below allOf, anyOf, oneOf or not: it restricts values, and knows nothing of other fields."""
    if not isinstance(schema, dict):
        return {}
    out = {**bounds(schema), **{name: schema[name] for name in (*_KEPT, "required") if name in schema}}
    _add_type(out, schema, optional=False)
    if isinstance(schema.get("properties"), dict):
        out["properties"] = {name: _condition(field) for name, field in schema["properties"].items()}
    for name in ("items", "additionalProperties", "not"):
        if isinstance(schema.get(name), dict):
            out[name] = _condition(schema[name])
    for name in _COMBINED:
        if schema.get(name):
            out[name] = [_condition(part) for part in schema[name]]
    return out
