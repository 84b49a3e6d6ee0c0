"""The configuration file ``.gitopsmith.yaml``: read once, checked by its JSON Schema, never guessed at."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gitopsmith import documents
from gitopsmith.config.checking import check
from gitopsmith.config.model import ARGOCD, KUBERNETES, Cluster, Config, Environment, Override, Promises
from gitopsmith.finding import Failure
from gitopsmith.manifest import get, items, mapping, sequence, text

FILE_NAME = ".gitopsmith.yaml"


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
        data = path.read_bytes()
    except OSError as error:
        raise Failure(f"{path}: cannot be read: {error.strerror}") from error
    return parse(data, path, rules)


def parse(data: bytes, path: Path, rules: Iterable[str]) -> Config:
    """Reads what a configuration file holds. Raises Failure as ``read`` does; ``path`` is what it calls the file."""
    found = documents.read(data)
    if found.problems:
        problem = found.problems[0]
        raise Failure(f"{path}:{problem.line}:{problem.column}: {problem.message}")
    if not found.documents:
        return Config(path.name)
    document = found.documents[0]
    _quote_versions(document, found.text)
    check(document, path, frozenset(rules))
    return _config(document.body, path.name)


def _quote_versions(document: documents.Document, written: str) -> None:
    """Takes a version that YAML reads as a number for what is written: 1.30 is not 1.3."""
    for name in ("kubernetes", "argocd"):
        if isinstance(get(document.body, name), int | float):
            place = document.location("", (name,))
            line = written.splitlines()[place.line - 1]
            document.body[name] = line[place.column - 1 : place.end_column - 1]


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
        names_argocd=bool(text(body, "argocd")),
        profile=text(body, "profile") or "standard",
        rules=tuple(_levels(mapping(body, "rules")).items()),
        overrides=overrides,
        peers=tuple(sequence(body, "peers")),
        build_options=text(body, "kustomize", "buildOptions"),
        rollback_seconds=mapping(body, "budgets").get("rollback", 120),
        promises=Promises(**{name: value for name, value in mapping(body, "budgets").items() if name != "rollback"}),
        clusters=tuple(_cluster(item) for _, item in items(body, "clusters")),
        promoted_files=tuple(sequence(body, "promote", "files")),
        promoted_files_of={name: tuple(found) for name, found in mapping(body, "promote", "applications").items()},
        application_sets=mapping(body, "applicationsets"),
    )


def _cluster(item: dict[str, Any]) -> Cluster:
    labels, annotations = mapping(item, "labels"), mapping(item, "annotations")
    return Cluster(item["name"], text(item, "server"), text(item, "project"), labels, annotations)


def _levels(rules: dict[str, Any]) -> dict[str, str]:
    """Reads ``off`` as it is meant: without quotes, it is false to YAML."""
    return {name: level or "off" for name, level in rules.items()}
