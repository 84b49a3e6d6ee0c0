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

from gitopsmith.documents import Document, Problem, is_template
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
_FILE_OR_DIRECTORY = ("resources", "bases")
_PLUGINS = ("generators", "transformers", "validators")
_FILES = ("crds", "configurations")
_WITH_PATH = ("patches", "patchesJson6902", "replacements")
_GENERATORS = ("configMapGenerator", "secretGenerator")
_USER = re.compile(r"[a-zA-Z][a-zA-Z0-9-]*@")
_SCHEMES = ("ssh://", "https://", "http://", "file://")
_TEMPLATE_FOLDER = re.compile(r"(^|[-_.])(templates?|skeleton|scaffold|boilerplate|cookiecutter)([-_.]|$)", re.IGNORECASE)


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


class Reference(NamedTuple):
    """One entry that makes kustomize read something. ``target`` is relative to the root, as ``../x`` when it leaves it."""

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
        return self.value("kind") == "Component"

    @property
    def is_empty(self) -> bool:
        """Tells whether kustomize refuses it as empty: nothing in it but apiVersion and kind."""
        return not any(
            value not in (None, [], {}, "") or (value in ([], {}) and name.lower() not in {"bases", "imagetags"})
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
    if re.match(r"https?://", entry, re.IGNORECASE):
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
    """Returns the path of the kustomization file in a directory, None when there is none."""
    for name in FILE_NAMES:
        path = join(directory, name)
        if tree.kind(path) == "file":
            return path
    return None


@functools.lru_cache(maxsize=8192)
def read(tree: Tree, path: str) -> Kustomization:
    """Reads a kustomization file and resolves what it refers to, without running anything."""
    directory = path.rpartition("/")[0]
    parsed = tree.documents(path)
    document = parsed.documents[0] if parsed.documents else None
    draft = Kustomization(path, directory, document, parsed.problems)
    references = tuple(_references(draft))
    return Kustomization(
        path, directory, document, parsed.problems, _is_template(tree, directory, parsed.text), references,
        {reference: _state(tree, draft, reference) for reference in references},
    )  # fmt: skip


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
    todo, seen = [directory], {directory}
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
        for key, index, item in _maps(kustomization, name):
            if isinstance(item.get("path"), str) and item["path"]:
                yield _reference(kustomization, name, (key, index, "path"), item["path"], Form.FILE)
    for name in _GENERATORS:
        yield from _generator_files(kustomization, name)
    yield from _helm_files(kustomization)
    openapi = kustomization.key("openapi")
    if openapi and text(kustomization.body, openapi, "path"):
        path = text(kustomization.body, openapi, "path")
        yield _reference(kustomization, "openapi", (openapi, "path"), path, Form.FILE)


def _entries(kustomization: Kustomization, name: str, form: Form) -> Iterator[Reference]:
    key = kustomization.key(name)
    if key is None:
        return
    for index, entry in enumerate(sequence(kustomization.body, key)):
        if isinstance(entry, str):
            yield _reference(kustomization, name, (key, index), entry, form)


def _maps(kustomization: Kustomization, name: str) -> Iterator[tuple[str, int, dict[str, Any]]]:
    key = kustomization.key(name)
    if key is None:
        return
    for route, item in items(kustomization.body, key):
        yield key, int(route[1]), item


def _generator_files(kustomization: Kustomization, name: str) -> Iterator[Reference]:
    for key, index, item in _maps(kustomization, name):
        for position, entry in enumerate(sequence(item, "files")):
            if isinstance(entry, str):
                path = entry.partition("=")[2] or entry
                yield _reference(kustomization, name, (key, index, "files", position), path, Form.FILE)
        for position, entry in enumerate(sequence(item, "envs")):
            if isinstance(entry, str):
                yield _reference(kustomization, name, (key, index, "envs", position), entry, Form.FILE)
        if text(item, "env"):
            yield _reference(kustomization, name, (key, index, "env"), text(item, "env"), Form.FILE)


def _helm_files(kustomization: Kustomization) -> Iterator[Reference]:
    for name in ("helmCharts", "helmChartInflationGenerator"):
        for key, index, item in _maps(kustomization, name):
            for field_name in ("valuesFile", "values"):
                if text(item, field_name):
                    yield _reference(
                        kustomization, name, (key, index, field_name), text(item, field_name), Form.FILE
                    )  # fmt: skip
            for position, entry in enumerate(sequence(item, "additionalValuesFiles")):
                if isinstance(entry, str):
                    route = (key, index, "additionalValuesFiles", position)
                    yield _reference(kustomization, name, route, entry, Form.FILE)


def _reference(kustomization: Kustomization, name: str, route: Route, entry: str, form: Form) -> Reference:
    if is_remote(entry) and (form is not Form.FILE or re.match(r"https?://", entry, re.IGNORECASE)):
        form = Form.REMOTE
    return Reference(name, route, entry, join(kustomization.directory, entry), form)


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
    real = (tree.root / reference.target).resolve()
    below = (tree.root / kustomization.directory).resolve()
    helm = reference.field in {"helmCharts", "helmChartInflationGenerator"}
    return State.FOUND_FILE if helm or real.is_relative_to(below) else State.RESTRICTED


def _directory_state(tree: Tree, kustomization: Kustomization, reference: Reference) -> State:
    if reference.form is Form.FILE:
        return State.NOT_A_FILE
    own = (tree.root / kustomization.directory).resolve()
    if own.is_relative_to((tree.root / reference.target).resolve()):
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
    if directory in seen:
        return
    seen.add(directory)
    touched[directory] = tree.kind(directory)
    for name in FILE_NAMES:
        path = join(directory, name)
        touched[path] = tree.kind(path)
    path = find(tree, directory) or ""
    if not path:
        return
    kustomization = read(tree, path)
    for reference, state in kustomization.states.items():
        if reference.form is Form.REMOTE and re.match(r"https?://", reference.text, re.IGNORECASE):
            continue
        touched[reference.target] = tree.kind(reference.target)
        if state in {State.FOUND_DIRECTORY, State.NOT_A_COMPONENT, State.COMPONENT, State.NOT_A_KUSTOMIZATION}:
            _close(tree, reference.target, touched, seen)
        elif state is State.FOUND_FILE and reference.field in _PLUGINS:
            _close_plugin(tree, directory, reference.target, touched)
    if kustomization.uses_helm:
        home = text(mapping(kustomization.value("helmGlobals")), "chartHome") or "charts"
        touched[join(directory, home)] = tree.kind(join(directory, home))


def _close_plugin(tree: Tree, directory: str, path: str, touched: dict[str, str]) -> None:
    """Adds the files that a builtin generator or transformer, configured in a file of its own, reads in turn."""
    for document in tree.documents(path).documents:
        if not is_object(document.body):
            continue
        body = document.body
        entries = [body.get("path"), *sequence(body, "paths"), *sequence(body, "envs"), body.get("valuesFile")]
        entries += [str(entry).partition("=")[2] or entry for entry in sequence(body, "files")]
        entries += [item.get("path") for _, item in items(body, "replacements")]
        for entry in entries:
            if isinstance(entry, str) and entry and not _is_inline(entry):
                touched[join(directory, entry)] = tree.kind(join(directory, entry))
