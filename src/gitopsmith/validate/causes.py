"""Says what is wrong with an object, every leaf cause at its own place, from what the schema validator found."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from gitopsmith.finding import Route, Severity
from gitopsmith.kustomization import patch_field
from gitopsmith.manifest import get, mapping, pointer, sequence, text

_NAMES = {
    "array": "a list", "boolean": "true or false", "integer": "an integer", "null": "null", "number": "a number",
    "object": "a map", "string": "a string",
}  # fmt: skip
_LIMITS = {
    "Maximum": "must be at most {limit}", "Minimum": "must be at least {limit}",
    "ExclusiveMaximum": "must be less than {limit}", "ExclusiveMinimum": "must be more than {limit}",
    "MultipleOf": "must be a multiple of {multiple_of}", "MaxItems": "must have at most {limit} items",
    "MinItems": "must have at least {limit} items", "MaxLength": "must have at most {limit} characters",
    "MinLength": "must have at least {limit} characters", "MaxProperties": "must have at most {limit} fields",
    "MinProperties": "must have at least {limit} fields",
}  # fmt: skip
_SCALARS = {"boolean", "integer", "number"}
"""Where one of these is wanted, a text that stands there instead is shown; elsewhere it may hold a secret."""
_PATCH = {"path", "patch"}
"""Fields by which a patch of kustomize is known."""
_FEW = 8
"""Names that a message lists; of more it tells none."""


class SchemaProblem(NamedTuple):
    """One way in which an object breaks its schema: ``schema-invalid`` or ``schema-unknown-field``.

    The route leads to the field: for an unknown field the field itself, for a missing one the map that lacks it.
    ``severity`` lowers it below that of its rule, where that depends on what a cluster has.
    """

    rule: str
    route: Route
    message: str
    severity: Severity | None = None


def causes(errors: Iterable[Any], schema: Any, body: Any) -> list[SchemaProblem]:
    """Turns the errors of ``jsonschema_rs`` into problems, in the order of their routes, without repetitions.

    Where the type is wrong nothing else is said of the value, and the values of a Secret are in no message.
    """
    told = _Told(schema, body, private=text(body, "kind") == "Secret")
    found = list(errors)
    mistyped = {tuple(error.instance_path) for error in found if error.kind.name == "type"}
    telling = [error for error in found if error.kind.name == "type" or tuple(error.instance_path) not in mistyped]
    return sorted({problem for error in telling for problem in told.problems(error)}, key=order)


def order(problem: SchemaProblem) -> tuple[Any, ...]:
    """Sorts problems by their routes, indices as numbers."""
    route = tuple((0, step, "") if isinstance(step, int) else (1, 0, step) for step in problem.route)
    return route, problem.rule, problem.message


def below(schema: Any, root: Any, step: str | int) -> Any:
    """Returns the schema of a field or item, following references; None where the schema says nothing about it."""
    node = resolved(schema, root)
    if isinstance(step, int):
        return get(node, "items")
    field = get(node, "properties", step)
    return get(node, "additionalProperties") if field is None else field


def resolved(schema: Any, root: Any) -> Any:
    """Returns the schema that a reference stands for, any other schema as it is."""
    reference = text(schema, "$ref")
    return get(root, "definitions", reference.rsplit("/", 1)[1]) if reference else schema


class _Told(NamedTuple):
    """The schema and the object that errors are about."""

    schema: Any
    body: Any
    private: bool

    def problems(self, error: Any) -> Iterator[SchemaProblem]:
        route, kind = tuple(error.instance_path), error.kind
        if kind.name == "additionalProperties" or (kind.name == "falseSchema" and _closes(error.schema_path)):
            for name in getattr(kind, "unexpected", mapping(self.body, *route)):
                yield SchemaProblem("schema-unknown-field", (*route, name), self.unknown(name, route))
        elif kind.name in {"anyOf", "oneOf"}:
            yield from self.alternatives(error, route)
        else:
            value = get(self.body, *route)
            message = self.message(kind, value, error.message)
            if kind.name == "type" and isinstance(value, str):
                message += self.patch_hint(value, route)
            yield SchemaProblem("schema-invalid", route, message)

    def node(self, route: Route) -> Any:
        node = self.schema
        for step in route:
            node = below(node, self.schema, step)
        return resolved(node, self.schema)

    def fields(self, node: Any) -> dict[str, Any]:
        return mapping(resolved(node, self.schema), "properties")

    def unknown(self, name: str, route: Route) -> str:
        known = self.fields(self.node(route))
        spelled = next((field for field in known if field.lower() == name.lower()), None)
        close = [spelled] if spelled else difflib.get_close_matches(name, known, 1, 0.75)
        if close:
            return f"unknown field {name!r}; did you mean {close[0]!r}?"
        place = self.proper_place(name, route)
        if place:
            return f"unknown field {name!r}; it belongs {place}"
        if "/" in name and "annotations" in known:
            return f"unknown field {name!r}; it belongs in labels or annotations"
        names = ", ".join(map(repr, known))
        return f"unknown field {name!r}; " + (
            f"known here are {names}" if 0 < len(known) <= _FEW else "remove it, or look where it belongs"
        )

    def proper_place(self, name: str, route: Route) -> str:
        """Finds where a field that is unknown here would be known: further up, in a namesake, or one level down."""
        for length in range(len(route) - 1, -1, -1):
            above = self.node(route[:length])
            if len(route) - length <= 2 and name in self.fields(above):
                return f"in {pointer(self.body, route[:length]) or 'the top level'}"
            namesake = below(above, self.schema, route[-1]) if length < len(route) - 1 else None
            if namesake is not None and name in self.fields(namesake):
                return f"in {pointer(self.body, (*route[:length], route[-1]))}"
        inside = [field for field, part in self.fields(self.node(route)).items() if name in self.fields(part)]
        return f"in {pointer(self.body, (*route, inside[0]))}" if len(inside) == 1 else ""

    def alternatives(self, error: Any, route: Route) -> Iterator[SchemaProblem]:
        branches = error.kind.context
        if not all(branches):
            yield SchemaProblem("schema-invalid", route, self.exclusive(error))
            return
        here = [[cause for cause in branch if list(cause.instance_path) == list(route)] for branch in branches]
        if all(len(own) == len(branch) for own, branch in zip(here, branches, strict=True)):
            if all(cause.kind.name == "type" for branch in branches for cause in branch):
                types = [name for branch in branches for cause in branch for name in cause.kind.types]
                yield SchemaProblem("schema-invalid", route, self.type_message(types, get(self.body, *route)))
                return
            if all(cause.kind.name == "required" for branch in branches for cause in branch):
                sets = [" and ".join(repr(cause.kind.property) for cause in branch) for branch in branches]
                yield SchemaProblem("schema-invalid", route, f"needs one of {', '.join(dict.fromkeys(sets))}")
                return
        for cause in min(branches, key=lambda branch: _distance(branch, len(route))):
            yield from self.problems(cause)

    def exclusive(self, error: Any) -> str:
        parts = get(self.schema, *error.schema_path) or []
        value = mapping(self.body, *error.instance_path)
        names = [name for part in parts for name in sequence(part, "required") if name in value]
        if len(set(names)) > 1:
            return f"set only one of {', '.join(map(repr, dict.fromkeys(names)))}"
        return "fits several alternatives that exclude each other"

    def message(self, kind: Any, value: Any, original: str) -> str:
        facts = kind.as_dict()
        name = type(kind).__name__
        if name in _LIMITS:
            sentence = _LIMITS[name].format(**facts)
            return sentence.removesuffix("s") if facts.get("limit") == 1 else sentence
        match name:
            case "Type":
                return self.type_message(facts["types"], value)
            case "Required":
                return f"missing required field {facts['property']!r}"
            case "Enum":
                return self.enum_message([option for option in facts["options"] if option is not None], value)
            case "Constant":
                return f"must be {facts['expected_value']!r}"
            case "Pattern":
                return f"must match the pattern {facts['pattern']}"
            case "UniqueItems":
                return "holds the same item twice"
            case "Not":
                names = sequence(facts, "schema", "required")
                together = " and ".join(map(repr, names))
                return f"must not hold {together}" if names else "is not allowed in this combination"
        return "is not allowed here" if self.private else original[:200]

    def type_message(self, types: Iterable[str], value: Any) -> str:
        names = [name for name in dict.fromkeys(types) if name != "null"]
        wanted = " or ".join(_NAMES[name] for name in names) or "null"
        got = _NAMES[_type(value)]
        if isinstance(value, str) and not self.private and _SCALARS.issuperset(names):
            got = repr(value if len(value) <= 40 else f"{value[:37]}...")
        hint = ""
        if "string" in names and not isinstance(value, str | list | dict) and value is not None:
            hint = "; put it in quotes"
        elif isinstance(value, str) and _unquoted(value) in names:
            hint = "; write it without quotes"
        return f"must be {wanted}, not {got}{hint}"

    def patch_hint(self, value: str, route: Route) -> str:
        """Names the field of kustomize's patches where a text stands that older lists of patches take."""
        is_patch = self.fields(self.node(route)).keys() >= _PATCH
        return f"; write it as its {patch_field(value)!r}" if is_patch else ""

    def enum_message(self, options: list[Any], value: Any) -> str:
        listed = ", ".join(map(repr, options[:_FEW])) + (", ..." if len(options) > _FEW else "")
        if not isinstance(value, str) or self.private:
            return f"must be one of {listed}"
        lower = {str(option).lower(): option for option in options}
        close = difflib.get_close_matches(value.lower(), lower, 1)
        hint = f"; did you mean {lower[close[0]]!r}?" if close else ""
        return f"must be one of {listed}, not {value[:40]!r}{hint}"


def _closes(schema_path: list[str | int]) -> bool:
    """Tells whether it is the ban on fields where none are known, which the validator reports field by field."""
    return bool(schema_path) and schema_path[-1] == "additionalProperties"


def _distance(branch: list[Any], depth: int) -> tuple[int, int, int]:
    """Ranks alternatives by how likely they are meant: the right kind of value, then the one that fails deepest."""
    shallow = sum(len(cause.instance_path) == depth for cause in branch)
    wrong_type = any(cause.kind.name == "type" and len(cause.instance_path) == depth for cause in branch)
    return int(wrong_type), shallow, len(branch)


def _type(value: Any) -> str:
    for name, types in (("boolean", bool), ("string", str), ("integer", int), ("number", float), ("object", dict)):
        if isinstance(value, types):
            return name
    return "array" if isinstance(value, list) else "null"


def _unquoted(value: str) -> str:
    if value in {"true", "false"}:
        return "boolean"
    return "integer" if value.removeprefix("-").isdecimal() else ""
