"""Every entry of a kustomization file that makes kustomize read something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitopsmith.finding import Route
from gitopsmith.kustomization.remote import is_remote, is_url
from gitopsmith.kustomization.view import Form, Kustomization, Reference, spelled
from gitopsmith.manifest import items, sequence, text
from gitopsmith.tree import join

FILE_OR_DIRECTORY = ("resources", "bases")
PLUGINS = ("generators", "transformers", "validators")
_FILES = ("crds", "configurations")
_WITH_PATH = ("patches", "patchesJson6902", "replacements")
_GENERATORS = ("configMapGenerator", "secretGenerator")
CHARTS = ("helmCharts", "helmChartInflationGenerator")


def references(kustomization: Kustomization) -> Iterator[Reference]:
    """Yields the entries that name a file, a directory or a repository, in a fixed order of fields."""
    for name in FILE_OR_DIRECTORY:
        yield from _entries(kustomization, name, Form.RESOURCE)
    yield from _entries(kustomization, "components", Form.DIRECTORY)
    for name in _FILES:
        yield from _entries(kustomization, name, Form.FILE)
    for name in PLUGINS:
        yield from (r for r in _entries(kustomization, name, Form.RESOURCE) if not is_inline(r.text))
    yield from (r for r in _entries(kustomization, "patchesStrategicMerge", Form.FILE) if not is_inline(r.text))
    for name in _WITH_PATH:
        for route, item in maps(kustomization, name):
            yield from _field(kustomization, name, route, item, "path")
    for name in _GENERATORS:
        for route, item in maps(kustomization, name):
            yield from _list(kustomization, name, route, item, "files")
            yield from _list(kustomization, name, route, item, "envs")
            yield from _field(kustomization, name, route, item, "env")
    for name in CHARTS:
        for route, item in maps(kustomization, name):
            yield from _field(kustomization, name, route, item, "valuesFile")
            yield from _field(kustomization, name, route, item, "values")
            yield from _list(kustomization, name, route, item, "additionalValuesFiles")
    openapi = kustomization.key("openapi")
    if openapi and text(kustomization.body, openapi, "path"):  # a map of any names, so that their case matters
        yield _reference(kustomization, "openapi", (openapi, "path"), kustomization.body[openapi]["path"], Form.FILE)


def _entries(kustomization: Kustomization, name: str, form: Form) -> Iterator[Reference]:
    key = kustomization.key(name)
    if key is None:
        return
    for index, entry in enumerate(sequence(kustomization.body, key)):
        if isinstance(entry, str):
            yield _reference(kustomization, name, (key, index), entry, form)


def maps(kustomization: Kustomization, name: str) -> Iterator[tuple[Route, dict[str, Any]]]:
    """Yields each map in the list of a field, with its route in the file."""
    key = kustomization.key(name)
    if key is not None:
        yield from items(kustomization.body, key)


def _field(
    kustomization: Kustomization, name: str, route: Route, item: dict[str, Any], wanted: str
) -> Iterator[Reference]:
    key = spelled(item, wanted)
    if text(item, key):
        yield _reference(kustomization, name, (*route, key), text(item, key), Form.FILE)


def _list(
    kustomization: Kustomization, name: str, route: Route, item: dict[str, Any], wanted: str
) -> Iterator[Reference]:
    key = spelled(item, wanted)
    for index, entry in enumerate(sequence(item, key)):
        if isinstance(entry, str):
            path = source_path(entry) if wanted == "files" else entry
            yield _reference(kustomization, name, (*route, key, index), path, Form.FILE)


def source_path(entry: str) -> str:
    """Returns the path in an entry ``[key=]path`` of a generator's files."""
    return entry.partition("=")[2] or entry


def _reference(kustomization: Kustomization, name: str, route: Route, entry: str, form: Form) -> Reference:
    if is_remote(entry) and (form is not Form.FILE or is_url(entry)):
        form = Form.REMOTE
    return Reference(name, route, entry, join(kustomization.directory, entry), form)


def is_inline(entry: str) -> bool:
    """Tells whether an entry is itself a manifest rather than the path of one."""
    return "\n" in entry.strip() or ": " in entry or entry.lstrip().startswith("{")


def patch_field(entry: object) -> str:
    """Returns the field that an entry of older lists of patches has as an item of ``patches``."""
    return "patch" if isinstance(entry, str) and is_inline(entry) else "path"
