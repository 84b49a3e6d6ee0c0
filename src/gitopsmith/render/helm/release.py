"""What an Application asks of a chart, read as Argo CD reads it.

Facts: ``helmTemplate`` and ``getReferencedSource`` in Argo CD's ``reposerver/repository/repository.go``; ``values.go``
and ``Env.Envsubst`` in ``pkg/apis/application/v1alpha1``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from gitopsmith.application import Application, Source
from gitopsmith.manifest import items, mapping, sequence, text
from gitopsmith.render.variables import substitute


class ValuesFile(NamedTuple):
    """A file that a source names, with its variables filled in.

    ``place`` is what its path is relative to: ``chart``; ``repository`` for one behind a ``$ref`` to this repository;
    ``elsewhere`` for one in another repository.
    """

    path: str
    place: str = "chart"
    written: str = ""


class Release(NamedTuple):
    """One chart as an Application installs it; every field ends in a flag of ``helm template``."""

    name: str
    namespace: str = ""
    kubernetes: str = ""
    api_versions: tuple[str, ...] = ()
    value_files: tuple[ValuesFile, ...] = ()
    ignore_missing: bool = False
    values: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    strings: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, ValuesFile], ...] = ()
    skip_crds: bool = False
    skip_schema: bool = False
    skip_tests: bool = False
    version: str = ""
    """The Helm that the source wants, where it says so."""


def release(application: Application, source: Source, variables: Mapping[str, str]) -> Release:
    """Returns what a source of an Application asks of its chart; ``variables`` are those that Argo CD fills in."""
    block = mapping(source.body, "helm")
    references = _references(application)
    parameters = {_name(item): item for _, item in items(block, "parameters") if _name(item)}
    return Release(
        name=text(block, "releaseName") or application.name,
        namespace=text(block, "namespace") or text(application.destination, "namespace"),
        kubernetes=text(block, "kubeVersion"),
        api_versions=tuple(_texts(sequence(block, "apiVersions"))),
        value_files=tuple(
            _values_file(written, variables, references) for written in _texts(sequence(block, "valueFiles"))
        ),
        ignore_missing=block.get("ignoreMissingValueFiles") is True,
        values=_values(block),
        parameters=_set(parameters, variables, forced=False),
        strings=_set(parameters, variables, forced=True),
        files=tuple(
            {
                _name(item): _values_file(text(item, "path"), variables, references)
                for _, item in items(block, "fileParameters")
                if _name(item)
            }.items()
        ),
        skip_crds=block.get("skipCrds") is True,
        skip_schema=block.get("skipSchemaValidation") is True,
        skip_tests=block.get("skipTests") is True,
        version=text(block, "version"),
    )


def _references(application: Application) -> dict[str, bool]:
    """Returns the names under which sources offer their files to others, each with whether it is this repository."""
    return {f"${text(source.body, 'ref')}": source.own for source in application.sources if text(source.body, "ref")}


def _values_file(written: str, variables: Mapping[str, str], references: Mapping[str, bool]) -> ValuesFile:
    first, _, rest = written.partition("/")
    if first not in references:
        return ValuesFile(substitute(written, variables), "chart", written)
    place = "repository" if references[first] else "elsewhere"
    return ValuesFile(substitute(f"/{rest}", variables), place, written)


def _values(block: Mapping[str, Any]) -> str:
    """Returns the inline values as text; the object wins over the text."""
    values = block.get("valuesObject")
    return text(block, "values") if values is None else json.dumps(values, ensure_ascii=False)


def _set(
    parameters: Mapping[str, dict[str, Any]], variables: Mapping[str, str], *, forced: bool
) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, substitute(_scalar(item.get("value")), variables))
        for name, item in parameters.items()
        if (item.get("forceString") is True) == forced
    )


def _name(item: Mapping[str, Any]) -> str:
    return text(item, "name")


def _scalar(value: Any) -> str:
    """Returns a parameter as text; the API server refuses any that is none, and a schema finding tells of it."""
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


def _texts(values: Iterable[Any]) -> Iterable[str]:
    return (value for value in values if isinstance(value, str))
