"""A typed view of a kustomization file, and everything that kustomize reads because of it.

Facts are kustomize's own (``api/internal/target``, ``api/internal/loader``, ``api/internal/git`` of v0.21): an entry under
``resources`` is tried as a file, then as a remote repository, then as a directory; files must lie in or below the
kustomization's directory, directories need not; field names are matched without case.
"""

from __future__ import annotations

import enum
import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gitopsmith.documents import Document, Documents, Problem, is_template
from gitopsmith.documents import read as read_text
from gitopsmith.finding import Route
from gitopsmith.manifest import is_object, items, mapping, sequence, text
from gitopsmith.tree import Tree, join

FILE_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
FIELDS = (
    "apiVersion", "kind", "metadata", "openapi", "namePrefix", "nameSuffix", "namespace", "commonLabels", "labels",
    "commonAnnotations", "patchesStrategicMerge", "patchesJson6902", "patches", "images", "imageTags", "replacements",
    "replicas", "vars", "sortOptions", "resources", "components", "crds", "bases", "configMapGenerator",
    "secretGenerator", "helmGlobals", "helmCharts", "helmChartInflationGenerator", "generatorOptions", "configurations",
    "generators", "transformers", "validators", "buildMetadata",
)  # fmt: skip
"""Every field that kustomize 5.8 knows (``api/types/kustomization.go``)."""
_CANONICAL = {name.lower(): name for name in FIELDS}
_MOVED = frozenset({"bases", "imageTags", "helmChartInflationGenerator"})
"""Fields whose items kustomize moves to newer ones before it looks whether a file is empty."""
_FILE_OR_DIRECTORY = ("resources", "bases")
_PLUGINS = ("generators", "transformers", "validators")
_FILES = ("crds", "configurations")
_WITH_PATH = ("patches", "patchesJson6902", "replacements")
_GENERATORS = ("configMapGenerator", "secretGenerator")
_CHARTS = ("helmCharts", "helmChartInflationGenerator")
_HTTP = re.compile(r"https?://", re.IGNORECASE)
_USER = re.compile(r"[a-zA-Z][a-zA-Z0-9-]*@")
_SCHEMES = ("ssh://", "https://", "http://", "file://")
_TEMPLATE_FOLDER = re.compile(
    r"(^|[-_.])(templates?|skeleton|scaffold|boilerplate|cookiecutter)([-_.]|$)", re.IGNORECASE
)


class Form(enum.Enum):
    """What kustomize takes an entry for."""

    FILE = "file"
    DIRECTORY = "directory"
    RESOURCE = "file or directory"
    REMOTE = "remote"


class State(enum.Enum):
    """What is found where a reference points."""

    FOUND_FILE = "file"
    FOUND_DIRECTORY = "directory"
    MISSING = "missing"
    RESTRICTED = "a file outside of the kustomization's directory"
    OUTSIDE = "outside of the repository"
    REMOTE = "remote"
    NOT_A_KUSTOMIZATION = "a directory without a kustomization"
    NOT_A_FILE = "a directory where a file is needed"
    NOT_A_DIRECTORY = "a file where a directory is needed"
    NOT_A_COMPONENT = "a Kustomization where a Component is needed"
    COMPONENT = "a Component where a Kustomization is needed"
    CYCLE = "a directory that contains this kustomization"


_OPENED = frozenset({State.FOUND_DIRECTORY, State.NOT_A_COMPONENT, State.COMPONENT, State.NOT_A_KUSTOMIZATION})
"""What kustomize looks for a kustomization in, whatever comes of it."""


class Reference(NamedTuple):
    """One entry that makes kustomize read something.

    ``target`` is relative to the root, as ``../x`` when it leaves it; where it is a directory, links are resolved.
    """

    field: str
    route: Route
    text: str
    target: str
    form: Form


@dataclass(frozen=True, slots=True, eq=False)
class Kustomization:
    """A kustomization file. ``directory`` is relative to the root, an empty string for the root itself."""

    path: str
    directory: str
    document: Document | None
    problems: tuple[Problem, ...] = ()
    template: bool = False
    """It, or a file that lies beside it, is text to be filled in first; or its folder is named like a template."""
    references: tuple[Reference, ...] = ()
    states: dict[Reference, State] = field(default_factory=dict, repr=False)

    @property
    def body(self) -> dict[str, Any]:
        body = self.document.body if self.document else None
        return body if isinstance(body, dict) else {}

    @property
    def is_component(self) -> bool:
        return bool(self.value("kind") == "Component")

    @property
    def is_empty(self) -> bool:
        """Tells whether kustomize refuses it as empty: an empty list or map counts as something, but for moved fields."""
        return not any(
            value not in (None, [], {}, "") or (value in ([], {}) and _CANONICAL.get(name.lower(), name) not in _MOVED)
            for name, value in self.body.items()
            if name.lower() not in {"apiversion", "kind"}
        )

    @property
    def uses_helm(self) -> bool:
        return bool(self.value("helmCharts") or self.value("helmChartInflationGenerator"))

    def key(self, name: str) -> str | None:
        """Returns a field's name as this file spells it."""
        for key in self.body:
            if _CANONICAL.get(key.lower()) == name:
                return key
        return None

    def value(self, name: str) -> Any:
        key = self.key(name)
        return self.body[key] if key is not None else None


def is_remote(entry: str) -> bool:
    """Tells whether kustomize fetches an entry: an HTTP URL, or what its git ``RepoSpec`` takes for a repository."""
    if _HTTP.match(entry):
        return True
    rest = entry.split("?", 1)[0]
    rest = rest[5:] if rest.lower().startswith("git::") else rest
    if rest.startswith("/"):
        return False
    scheme = next((known for known in _SCHEMES if rest.lower().startswith(known)), "")
    rest = rest[len(scheme) :]
    user = _USER.match(rest)
    rest = rest[user.end() :] if user else rest
    github = re.match(r"github\.com[/:]", rest, re.IGNORECASE) is not None
    if not scheme and not user and not github:
        return False
    path = re.split("[/:]", rest, maxsplit=1)[-1] if scheme != "file://" else rest
    return bool("//" in path or ".git" in path or "_git/" in path or scheme == "file://" or path.count("/") >= 1)


def remote_reference(entry: str) -> str:
    """Returns the revision that a remote entry asks for, empty when it follows the default branch."""
    query = entry.partition("?")[2]
    values = dict(pair.partition("=")[::2] for pair in query.split("&") if pair)
    return values.get("ref") or values.get("version") or ""


def find(tree: Tree, directory: str) -> str | None:
    """Returns the path of the kustomization file in a directory, None when there is none or a link leads out to it."""
    directory = tree.real(directory)
    for name in FILE_NAMES:
        path = join(directory, name)
        if tree.kind(path) == "file" and is_below(tree.real(path), directory):
            return path
    return None


@functools.lru_cache(maxsize=8192)
def read(tree: Tree, path: str) -> Kustomization:
    """Reads a kustomization file and resolves what it refers to, without running anything."""
    directory = path.rpartition("/")[0]
    parsed = tree.documents(path)
    document = parsed.documents[0] if parsed.documents else None
    draft = Kustomization(path, directory, document, parsed.problems)
    references = tuple(_linked(tree, reference) for reference in _references(draft))
    return Kustomization(
        path, directory, document, parsed.problems, _is_template(tree, directory, parsed.text), references,
        {reference: _state(tree, draft, reference) for reference in references},
    )  # fmt: skip


def is_below(path: str, directory: str) -> bool:
    """Tells whether a path is a directory or lies anywhere in it; both relative to the root, links resolved."""
    return not directory or path == directory or path.startswith(f"{directory}/")


def closure(tree: Tree, directory: str) -> dict[str, str]:
    """Returns every path in the repository that a build of a directory touches, with what is found there.

    The values are ``file``, ``directory``, ``missing`` and ``outside``: what is missing counts, since its appearance changes
    the build. Charts that are inflated from a local folder count with everything below it.
    """
    touched: dict[str, str] = {}
    _close(tree, directory, touched, set())
    return touched


def reachable(tree: Tree, directory: str) -> Iterator[Kustomization]:
    """Yields the kustomization of a directory and all that it includes, each once, the entry first."""
    todo = [tree.real(directory)]
    seen = {*todo}
    while todo:
        path = find(tree, todo.pop())
        if path is None:
            continue
        kustomization = read(tree, path)
        yield kustomization
        for reference, state in kustomization.states.items():
            if state in {State.FOUND_DIRECTORY, State.COMPONENT} and reference.target not in seen:
                seen.add(reference.target)
                todo.append(reference.target)


def _is_template(tree: Tree, directory: str, own: str) -> bool:
    if is_template(own) or any(_TEMPLATE_FOLDER.search(part) for part in directory.split("/")):
        return True
    beside = (join(directory, name) for name in tree.listing(directory) if name.endswith((".yaml", ".yml", ".env")))
    return any(b"{{" in data or b"{%" in data for path in beside if (data := tree.data(path)))


def _references(kustomization: Kustomization) -> Iterator[Reference]:
    for name in _FILE_OR_DIRECTORY:
        yield from _entries(kustomization, name, Form.RESOURCE)
    yield from _entries(kustomization, "components", Form.DIRECTORY)
    for name in _FILES:
        yield from _entries(kustomization, name, Form.FILE)
    for name in _PLUGINS:
        yield from (r for r in _entries(kustomization, name, Form.RESOURCE) if not _is_inline(r.text))
    yield from (r for r in _entries(kustomization, "patchesStrategicMerge", Form.FILE) if not _is_inline(r.text))
    for name in _WITH_PATH:
        for route, item in _maps(kustomization, name):
            yield from _field(kustomization, name, route, item, "path")
    for name in _GENERATORS:
        for route, item in _maps(kustomization, name):
            for list_name, single in (("files", ""), ("envs", "env")):
                yield from _list(kustomization, name, route, item, list_name)
                yield from _field(kustomization, name, route, item, single)
    for name in _CHARTS:
        for route, item in _maps(kustomization, name):
            for field_name in ("valuesFile", "values"):
                yield from _field(kustomization, name, route, item, field_name)
            yield from _list(kustomization, name, route, item, "additionalValuesFiles")
    openapi = kustomization.key("openapi")
    if openapi:
        item = mapping(kustomization.body, openapi)
        yield from _field(kustomization, "openapi", (openapi,), item, "path")


def _entries(kustomization: Kustomization, name: str, form: Form) -> Iterator[Reference]:
    key = kustomization.key(name)
    if key is None:
        return
    for index, entry in enumerate(sequence(kustomization.body, key)):
        if isinstance(entry, str):
            yield _reference(kustomization, name, (key, index), entry, form)


def _maps(kustomization: Kustomization, name: str) -> Iterator[tuple[Route, dict[str, Any]]]:
    key = kustomization.key(name)
    if key is not None:
        yield from (
            (route if route[0] == key else (key, *route), item) for route, item in items(kustomization.body, key)
        )


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
            path = _source_path(entry) if wanted == "files" else entry
            yield _reference(kustomization, name, (*route, key, index), path, Form.FILE)


def spelled(item: dict[str, Any], name: str) -> str:
    """Returns a field's name as a map spells it: Go's JSON matches names without case, an exact match first."""
    return name if name in item else next((key for key in item if key.lower() == name.lower()), name)


def _source_path(entry: str) -> str:
    """Returns the path in an entry ``[key=]path`` of a generator's files."""
    return entry.partition("=")[2] or entry


def _reference(kustomization: Kustomization, name: str, route: Route, entry: str, form: Form) -> Reference:
    if is_remote(entry) and (form is not Form.FILE or _HTTP.match(entry)):
        form = Form.REMOTE
    return Reference(name, route, entry, join(kustomization.directory, entry), form)


def _linked(tree: Tree, reference: Reference) -> Reference:
    """Returns a reference that follows links to a directory, since kustomize goes on from the real place."""
    if tree.kind(reference.target) != "directory":
        return reference
    return reference._replace(target=tree.real(reference.target))


def _is_inline(entry: str) -> bool:
    return "\n" in entry.strip() or ": " in entry or entry.lstrip().startswith("{")


def _state(tree: Tree, kustomization: Kustomization, reference: Reference) -> State:
    kind = tree.kind(reference.target)
    if reference.form is Form.REMOTE and kind != "file":
        return State.REMOTE
    if kind == "outside":
        return State.OUTSIDE
    if kind == "missing":
        return State.MISSING
    if kind == "file":
        return _file_state(tree, kustomization, reference)
    return _directory_state(tree, kustomization, reference)


def _file_state(tree: Tree, kustomization: Kustomization, reference: Reference) -> State:
    if reference.form is Form.DIRECTORY:
        return State.NOT_A_DIRECTORY
    inside = is_below(tree.real(reference.target), tree.real(kustomization.directory))
    return State.FOUND_FILE if inside or reference.field in _CHARTS else State.RESTRICTED


def _directory_state(tree: Tree, kustomization: Kustomization, reference: Reference) -> State:
    if reference.form is Form.FILE:
        return State.NOT_A_FILE
    if is_below(tree.real(kustomization.directory), reference.target):
        return State.CYCLE
    path = find(tree, reference.target)
    if path is None:
        return State.NOT_A_KUSTOMIZATION
    parsed = tree.documents(path).documents
    component = bool(parsed) and mapping(parsed[0].body).get("kind") == "Component"
    if reference.field == "components":
        return State.FOUND_DIRECTORY if component else State.NOT_A_COMPONENT
    return State.COMPONENT if component else State.FOUND_DIRECTORY


def _close(tree: Tree, directory: str, touched: dict[str, str], seen: set[str]) -> None:
    _touch(tree, directory, touched)
    directory = tree.real(directory)
    if directory in seen:
        return
    seen.add(directory)
    for name in FILE_NAMES:
        _touch(tree, join(directory, name), touched)
    path = find(tree, directory)
    if path is None:
        return
    kustomization = read(tree, path)
    for reference, state in kustomization.states.items():
        if reference.form is Form.REMOTE and _HTTP.match(reference.text):
            continue
        _touch(tree, join(directory, reference.text), touched)
        if state in _OPENED:
            _close(tree, reference.target, touched, seen)
    for body in _plugins(tree, kustomization):
        for path in _plugin_paths(body):
            _touch(tree, join(directory, path), touched)
    for folder in _chart_folders(kustomization):
        _touch(tree, folder, touched)
        touched |= {path: "file" for path in tree.files if path.startswith(f"{folder}/")}


def _touch(tree: Tree, path: str, touched: dict[str, str]) -> None:
    """Adds a path and, where it is a link, what it leads to."""
    touched[path] = touched[tree.real(path)] = tree.kind(path)


def _plugins(tree: Tree, kustomization: Kustomization) -> Iterator[dict[str, Any]]:
    """Yields the bodies that configure generators and transformers: inline, in files, and in directories of files."""
    for name in _PLUGINS:
        for entry in sequence(kustomization.body, kustomization.key(name) or name):
            if isinstance(entry, str) and _is_inline(entry):
                yield from _objects(read_text(entry.encode("utf-8", "surrogateescape")))
    for reference, state in kustomization.states.items():
        if reference.field in _PLUGINS:
            if state is State.FOUND_FILE:
                yield from _objects(tree.documents(reference.target))
            elif state is State.FOUND_DIRECTORY:
                for path in _resource_files(tree, reference.target):
                    yield from _objects(tree.documents(path))


def _objects(found: Documents) -> Iterator[dict[str, Any]]:
    return (document.body for document in found.documents if is_object(document.body))


def _resource_files(tree: Tree, directory: str) -> Iterator[str]:
    for kustomization in reachable(tree, directory):
        for reference, state in kustomization.states.items():
            if state is State.FOUND_FILE and reference.field in _FILE_OR_DIRECTORY:
                yield reference.target


def _plugin_paths(body: dict[str, Any]) -> Iterator[str]:
    """Yields the paths that a builtin generator or transformer reads, relative to the kustomization that names it."""
    found = [body.get(spelled(body, name)) for name in ("path", "env", "valuesFile")]
    for name in ("paths", "envs", "additionalValuesFiles"):
        found += sequence(body, spelled(body, name))
    found += [_source_path(str(entry)) for entry in sequence(body, spelled(body, "files"))]
    found += [item.get(spelled(item, "path")) for _, item in items(body, spelled(body, "replacements"))]
    return (path for path in found if isinstance(path, str) and path and not _is_inline(path) and not _HTTP.match(path))


def _chart_folders(kustomization: Kustomization) -> Iterator[str]:
    """Yields the folder of each chart that is inflated from the repository, where it may lie."""
    globals_ = mapping(kustomization.value("helmGlobals"))
    for name in _CHARTS:
        for _, item in _maps(kustomization, name):
            home = text(globals_, spelled(globals_, "chartHome")) or text(item, spelled(item, "chartHome")) or "charts"
            chart = text(item, spelled(item, "name")) or text(item, spelled(item, "chartName"))
            yield join(kustomization.directory, f"{home}/{chart}")
