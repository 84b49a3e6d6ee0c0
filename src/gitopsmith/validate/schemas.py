"""The schemas of one run: Kubernetes' own at one version, vendored custom kinds, the repository's own definitions."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable
from typing import Any

import jsonschema_rs

from gitopsmith.content import SCHEMAS
from gitopsmith.finding import Failure
from gitopsmith.manifest import is_object, sequence, text
from gitopsmith.validate import crd, vendored
from gitopsmith.validate.causes import SchemaProblem, causes
from gitopsmith.validate.ruled import slim

_PATTERNS = jsonschema_rs.RegexOptions()
"""Go's syntax and guarantees: linear time, no look-around."""


def kubernetes_versions() -> tuple[str, ...]:
    """Returns the minors that have schemas, oldest first."""
    minors = (path.stem for path in (SCHEMAS / "kubernetes").glob("*.zlib"))
    return tuple(sorted(minors, key=_number))


def _serves(row: tuple[str, str], version: str) -> bool:
    first, last = row
    return (first == "-" or _number(first) <= _number(version)) and _number(last) >= _number(version)


def _number(minor: str) -> tuple[int, ...]:
    return tuple(int(part) for part in minor.split("."))


class Schemas:
    """What objects may look like. Validators are made when a kind is met first, and belong to one process.

    ``crds`` are bodies of CustomResourceDefinitions; for their own kinds and versions they win over vendored schemas.
    Raises Failure for a Kubernetes version that has no schemas.
    """

    def __init__(self, kubernetes_version: str = "1.34", crds: Iterable[dict[str, Any]] = ()) -> None:
        self.kubernetes_version = minor(kubernetes_version)
        crds = tuple(crds)
        self._scopes = _scopes(crds)
        self._own: dict[str, list[crd.Served]] = {}
        for served in (version for body in crds for version in crd.served(body)):
            self._own.setdefault(served.name, []).append(served)
        self._validators: dict[tuple[str, str], Any] = {}
        self._ruled: dict[str, list[str]] = {}

    @property
    def label(self) -> str:
        """What the run is checked against, in words."""
        count = len({*vendored.custom_kinds(), *self._own})
        return f"Kubernetes {self.kubernetes_version} and {count} custom kinds"

    def knows(self, api_version: str, kind: str) -> bool:
        """Tells whether objects of a kind can be checked."""
        return self.validator(api_version, kind) is not None

    def origin(self, api_version: str, kind: str) -> str:
        """Returns whose schema a kind is checked against: ``Kubernetes 1.34``, ``Kyverno v1.19.1``, this repository's.

        Empty for an unknown kind. A vendored custom kind may be of another release than the one in the cluster.
        """
        name = f"{api_version} {kind}"
        if name in self._own:
            return "a definition in this repository"
        if name in vendored.kubernetes(self.kubernetes_version):
            return f"Kubernetes {self.kubernetes_version}"
        return vendored.custom_kinds().get(name, "")

    def scope(self, group_kind: str) -> str:
        """Returns ``Cluster`` or ``Namespaced`` for a kind with its group, ``Deployment.apps``; empty when unknown.

        What the repository's own definitions say wins; where they say both, it is unknown.
        """
        own = self._scopes.get(group_kind)
        if own is not None:
            return next(iter(own)) if len(own) == 1 else ""
        return vendored.scopes().get(group_kind, "")

    def removed(self, api_version: str, kind: str) -> str | None:
        """Says which minor served a kind of Kubernetes last or serves it first, when this version does not serve it.

        None for kinds that this version serves, and for kinds that are not Kubernetes' own.
        """
        row = vendored.served().get(f"{api_version} {kind}")
        if row is None or _serves(row, self.kubernetes_version):
            return None
        first, last = row
        if _number(last) > _number(self.kubernetes_version):
            return f"{api_version} {kind} exists from Kubernetes {first} on, not in {self.kubernetes_version}"
        successor = self._successor(kind)
        hint = f"; use {successor}" if successor else "; nothing takes its place under this name"
        return f"{api_version} {kind} was removed after Kubernetes {last}{hint}"

    def deprecated(self, api_version: str, kind: str) -> str | None:
        """Says which minor stops serving a kind of Kubernetes that this version still serves; None where none does."""
        row = vendored.served().get(f"{api_version} {kind}")
        newest = kubernetes_versions()[-1]
        if row is None or not _serves(row, self.kubernetes_version) or _serves(row, newest):
            return None
        successor = self._successor(kind)
        hint = f"; use {successor}" if successor != api_version else ""
        return f"{api_version} {kind} is served up to Kubernetes {row[1]} and not after{hint}"

    def retired(self, api_version: str, kind: str) -> str | None:
        """Says which release of its program does not serve a custom kind any more; None where none is known.

        None too for kinds that the repository defines: what that definition serves is known.
        """
        row = vendored.retired().get(f"{api_version} {kind}")
        if row is None or f"{kind}.{api_version.rpartition('/')[0]}" in self._scopes:
            return None
        release, successors = row
        hint = f"; use {successors[0]}" if successors else "; nothing takes its place under this name"
        return f"{release} and later do not serve {api_version} {kind}{hint}"

    def _successor(self, kind: str) -> str:
        """Returns the apiVersion under which this Kubernetes version serves a kind, the most stable and newest one."""
        served = [
            name.removesuffix(f" {kind}")
            for name, row in vendored.served().items()
            if name.endswith(f" {kind}") and _serves(row, self.kubernetes_version)
        ]
        return min(served, key=crd.stability, default="")

    def check(self, body: Any) -> list[SchemaProblem]:
        """Returns everything that is wrong with an object, sorted by route; nothing when its kind has no schema.

        The items of a list are checked each as an object of its own.
        """
        if not is_object(body):
            return []
        validator = self.validator(body["apiVersion"], body["kind"])
        if validator is None:
            return self._check_items(body) if body["kind"].endswith("List") else []
        plain = without_sops(body)
        if validator.is_valid(plain):
            return []
        schema = json.loads(self.schema(body["apiVersion"], body["kind"]) or "{}")
        return causes(validator.iter_errors(plain), schema, plain)

    def _check_items(self, body: Any) -> list[SchemaProblem]:
        return [
            problem._replace(route=("items", index, *problem.route))
            for index, item in enumerate(sequence(body, "items"))
            for problem in self.check(item)
        ]

    def schema(self, api_version: str, kind: str) -> str | None:
        """Returns the JSON Schema of a kind, with all its definitions, as text; None when the kind is unknown."""
        name = f"{api_version} {kind}"
        group = api_version.rpartition("/")[0]
        core = vendored.kubernetes(self.kubernetes_version)
        if name in self._own:
            return vendored.closed(_any_of(self._own[name]), core)
        return vendored.whole(name, core) or vendored.whole(name, vendored.custom(group), core)

    def ruled(self, api_version: str, kind: str) -> list[str]:
        """Returns what the rules in CEL of each definition of a kind need of its schema, as text.

        Nothing where one of several definitions has no rules, for then an object may be meant for that one.
        """
        name = f"{api_version} {kind}"
        if name in self._own:
            if name not in self._ruled:
                self._ruled[name] = _of_all(self._own[name])
            return self._ruled[name]
        line = vendored.ruled(api_version.rpartition("/")[0]).get(name)
        return [] if line is None else [line]

    def validator(self, api_version: str, kind: str) -> Any:
        key = (api_version, kind)
        if key not in self._validators:
            schema = self.schema(api_version, kind)
            self._validators[key] = None if schema is None else compiled(schema)
        return self._validators[key]


def _of_all(definitions: list[crd.Served]) -> list[str]:
    texts = [slim(served.given) for served in definitions]
    return list(dict.fromkeys(json.dumps(one) for one in texts)) if all(texts) else []


def _scopes(crds: Iterable[Any]) -> dict[str, set[str]]:
    """Returns what definitions say about the scope of their kinds."""
    found: dict[str, set[str]] = {}
    for body in crds:
        name = f"{text(body, 'spec', 'names', 'kind')}.{text(body, 'spec', 'group')}"
        found.setdefault(name, set()).add(text(body, "spec", "scope"))
    return found


def _any_of(definitions: list[crd.Served]) -> str:
    """Writes the schema of a kind that a repository defines, often for several clusters: any of them may accept it."""
    texts = dict.fromkeys(json.dumps(served.schema(), separators=(",", ":")) for served in definitions)
    return f'{{"anyOf":[{",".join(texts)}]}}' if len(texts) > 1 else next(iter(texts))


def minor(version: str) -> str:
    """Returns the minor of a Kubernetes version that is written as 1.34, v1.34 or 1.34.5."""
    number = ".".join(version.removeprefix("v").split(".")[:2])
    known = kubernetes_versions()
    if number not in known:
        raise Failure(f"there are no schemas for Kubernetes {version}; choose one of {', '.join(known)}")
    return number


def compiled(schema: str) -> Any:
    """Makes a validator; patterns that only another regular expression engine understands are left out."""
    try:
        return jsonschema_rs.Draft7Validator(schema, pattern_options=_PATTERNS)
    except jsonschema_rs.ValidationError:
        return jsonschema_rs.Draft7Validator(_readable(json.loads(schema)), pattern_options=_PATTERNS)


def _readable(schema: Any) -> Any:
    """Returns a schema without the patterns that cannot be compiled."""
    if isinstance(schema, list):
        return [_readable(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: _readable(part)
        for name, part in schema.items()
        if name != "pattern" or not isinstance(part, str) or _compiles(part)
    }


@functools.cache
def _compiles(pattern: str) -> bool:
    try:
        jsonschema_rs.Draft7Validator({"pattern": pattern}, pattern_options=_PATTERNS)
    except jsonschema_rs.ValidationError:
        return False
    return True


def without_sops(body: Any) -> Any:
    """Returns a manifest without the metadata that SOPS adds at its top, which never reaches the API server."""
    if isinstance(body.get("sops"), dict) and (text(body, "kind") == "Secret" or "mac" in body["sops"]):
        return {name: value for name, value in body.items() if name != "sops"}
    return body
