"""The configuration file ``.gitopsmith.yaml``: read once, checked by its JSON Schema, never guessed at."""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from gitopsmith import content, documents
from gitopsmith.finding import Failure, Location
from gitopsmith.manifest import get, items, mapping, sequence, text

FILE_NAME = ".gitopsmith.yaml"
KUBERNETES = "1.34"
"""The oldest Kubernetes that the default Argo CD is tested with."""
ARGOCD = "3.6.1"
_WORDS = {
    "array": "a list", "boolean": "true or false", "integer": "a whole number", "number": "a number", "object": "a map",
    "string": "text",
}  # fmt: skip


class Environment(NamedTuple):
    """One environment, in promotion order. Paths are globs relative to the root."""

    name: str
    paths: tuple[str, ...] = ()
    cluster: str = ""
    protected: bool = False


class Cluster(NamedTuple):
    """One cluster that Argo CD knows, as its Secret says it: what cluster generators of ApplicationSets see.

    ``server`` may be empty.
    """

    name: str
    server: str
    project: str
    labels: dict[str, str]
    annotations: dict[str, str]


class Override(NamedTuple):
    """Rules that weigh differently for some paths; a later one wins over an earlier."""

    paths: tuple[str, ...]
    rules: dict[str, str]
    reason: str


@dataclass(frozen=True, slots=True)
class Config:
    """What a repository says about itself. ``rules`` maps rule ids and families to ``off`` or a severity."""

    path: str = ""
    urls: tuple[str, ...] = ()
    environments: tuple[Environment, ...] = ()
    kubernetes: str = KUBERNETES
    argocd: str = ARGOCD
    profile: str = "standard"
    rules: tuple[tuple[str, str], ...] = ()
    overrides: tuple[Override, ...] = ()
    rollback_seconds: int = 120
    build_options: str = ""
    """What argocd-cm has as ``kustomize.buildOptions``, where the repository does not hold it."""
    clusters: tuple[Cluster, ...] = ()
    application_sets: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """What the generators of an ApplicationSet yield that ask a service, by the set's name."""


def find_root(path: Path, top: Path | None = None) -> Path | None:
    """Returns the nearest folder at or above a path that holds a configuration file, None when there is none.

    Nothing above ``top`` is looked at: a file in somebody's home is not about the repositories below it.
    """
    start = path if path.is_dir() else path.parent
    folders = [folder for folder in (start, *start.parents) if top is None or folder.is_relative_to(top)]
    return next((folder for folder in folders if (folder / FILE_NAME).is_file()), None)


def read(path: Path, rules: Iterable[str]) -> Config:
    """Reads a configuration file. ``rules`` are the ids and families that it may name.

    Raises Failure that names the file, the line and the nearest right word.
    """
    try:
        found = documents.read(path.read_bytes())
    except OSError as error:
        raise Failure(f"{path}: cannot be read: {error.strerror}") from error
    if found.problems:
        problem = found.problems[0]
        raise Failure(f"{path}:{problem.line}:{problem.column}: {problem.message}")
    if not found.documents:
        return Config(path.name)
    document = found.documents[0]
    _quote_versions(document, found.text)
    _check(document, path)
    _check_rules(document, path, frozenset(rules))
    _check_environments(document, path)
    return _config(document.body, path.name)


def _quote_versions(document: documents.Document, written: str) -> None:
    """Takes a version that YAML reads as a number for what is written: 1.30 is not 1.3."""
    for name in ("kubernetes", "argocd"):
        if isinstance(get(document.body, name), int | float):
            place = document.location("", (name,))
            line = written.splitlines()[place.line - 1]
            document.body[name] = line[place.column - 1 : place.end_column - 1]


def _check(document: documents.Document, path: Path) -> None:
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


def _check_environments(document: documents.Document, path: Path) -> None:
    known = {text(item, "name") for _, item in items(document.body, "environments")}
    for route, item in items(document.body, "overrides"):
        for index, name in enumerate(sequence(item, "environments")):
            if name not in known:
                place = document.location(str(path), (*route, "environments", index))
                raise Failure(f"{_at(place)}: unknown environment {name!r}{_nearest(name, known)}")


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


def _config(body: Any, name: str) -> Config:
    environments = tuple(
        Environment(item["name"], tuple(sequence(item, "paths")), text(item, "cluster"), item.get("protected") is True)
        for _, item in items(body, "environments")
    )
    paths = {environment.name: environment.paths for environment in environments}
    overrides = tuple(
        Override(
            (
                *sequence(item, "paths"),
                *(path for name in sequence(item, "environments") for path in paths.get(name, ())),
            ),
            _levels(mapping(item, "rules")),
            text(item, "reason"),
        )
        for _, item in items(body, "overrides")
    )
    return Config(
        path=name,
        urls=tuple(sequence(body, "repository", "urls")),
        environments=environments,
        kubernetes=text(body, "kubernetes") or KUBERNETES,
        argocd=text(body, "argocd") or ARGOCD,
        profile=text(body, "profile") or "standard",
        rules=tuple(_levels(mapping(body, "rules")).items()),
        overrides=overrides,
        build_options=text(body, "kustomize", "buildOptions"),
        rollback_seconds=mapping(body, "budgets").get("rollback", 120),
        clusters=tuple(_cluster(item) for _, item in items(body, "clusters")),
        application_sets=mapping(body, "applicationsets"),
    )


def _cluster(item: dict[str, Any]) -> Cluster:
    labels, annotations = mapping(item, "labels"), mapping(item, "annotations")
    return Cluster(item["name"], text(item, "server"), text(item, "project"), labels, annotations)


def _levels(rules: dict[str, Any]) -> dict[str, str]:
    """Reads ``off`` as it is meant: without quotes, it is false to YAML."""
    return {name: level or "off" for name, level in rules.items()}


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Tells whether a path is one of the globs, or lies below a folder that is."""
    return any(
        fnmatch.fnmatchcase(path, pattern) or fnmatch.fnmatchcase(path, pattern.rstrip("/") + "/*")
        for pattern in patterns
    )
