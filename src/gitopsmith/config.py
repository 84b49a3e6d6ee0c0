"""The configuration file ``.gitopsmith.yaml``: read once, checked by its JSON Schema, never guessed at."""

from __future__ import annotations

import difflib
import fnmatch
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from gitopsmith import content, documents
from gitopsmith.finding import Failure, Location
from gitopsmith.manifest import items, mapping, sequence, text

FILE_NAME = ".gitopsmith.yaml"
KUBERNETES = "1.34"
"""The oldest Kubernetes that the default Argo CD is tested with."""
ARGOCD = "3.6.1"


class Environment(NamedTuple):
    """One environment, in promotion order. Paths are globs relative to the root."""

    name: str
    paths: tuple[str, ...] = ()
    cluster: str = ""
    protected: bool = False


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
    rules: tuple[tuple[str, str], ...] = ()
    overrides: tuple[Override, ...] = ()
    rollback_seconds: int = 120


def find_root(path: Path) -> Path | None:
    """Returns the nearest folder at or above a path that holds a configuration file, None when there is none."""
    start = path if path.is_dir() else path.parent
    return next((folder for folder in (start, *start.parents) if (folder / FILE_NAME).is_file()), None)


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
    _check(document, path)
    _check_rules(document, path, frozenset(rules))
    return _config(document.body, path.name)


def _check(document: documents.Document, path: Path) -> None:
    import jsonschema_rs  # noqa: PLC0415 - heavy, and only needed where there is a configuration

    schema = (content.SCHEMAS / "config" / "config.schema.json").read_text(encoding="utf-8")
    for error in jsonschema_rs.validator_for(schema).iter_errors(document.body):
        route = tuple(error.instance_path)
        unexpected = getattr(error.kind, "unexpected", None)
        if unexpected:
            known = _known_keys(schema, list(error.schema_path))
            place = document.location(str(path), (*route, unexpected[0]), key=True)
            raise Failure(f"{_at(place)}: unknown key {unexpected[0]!r}{_nearest(unexpected[0], known)}")
        raise Failure(f"{_at(document.location(str(path), route))}: {error.message}")


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
            dict(mapping(item, "rules")),
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
        rules=tuple(mapping(body, "rules").items()),
        overrides=overrides,
        rollback_seconds=mapping(body, "budgets").get("rollback", 120),
    )


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Tells whether a path is one of the globs, or lies below a folder that is."""
    return any(
        fnmatch.fnmatchcase(path, pattern) or fnmatch.fnmatchcase(path, pattern.rstrip("/") + "/*")
        for pattern in patterns
    )
