"""Finds and reads kustomization files, and looks at what stands where they point."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

from gitopsmith.documents import is_template
from gitopsmith.kustomization.references import CHARTS, references
from gitopsmith.kustomization.view import Form, Kustomization, Reference, State
from gitopsmith.manifest import mapping
from gitopsmith.tree import Tree, join

FILE_NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_TEMPLATE_FOLDER = re.compile(
    r"(^|[-_.])(templates?|skeleton|scaffold|boilerplate|cookiecutter)([-_.]|$)", re.IGNORECASE
)


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
    found = tuple(_linked(tree, reference) for reference in references(draft))
    states = {reference: _state(tree, draft, reference) for reference in found}
    template = _is_template(tree, directory, parsed.text)
    contents = {reference: _text(tree, reference) for reference, state in states.items() if _is_told(reference, state)}
    return Kustomization(path, directory, document, parsed.problems, template, found, states, contents)


def is_below(path: str, directory: str) -> bool:
    """Tells whether a path is a directory or lies anywhere in it; both relative to the root, links resolved."""
    return not directory or path == directory or path.startswith(f"{directory}/")


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


def _is_told(reference: Reference, state: State) -> bool:
    return state is State.FOUND_FILE and reference.field in {"secretGenerator", *CHARTS}


def _text(tree: Tree, reference: Reference) -> str:
    return (tree.data(reference.target) or b"").decode("utf-8", "replace")


def _linked(tree: Tree, reference: Reference) -> Reference:
    """Returns a reference that follows links to a directory, since kustomize goes on from the real place."""
    if tree.kind(reference.target) != "directory":
        return reference
    return reference._replace(target=tree.real(reference.target))


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
    return State.FOUND_FILE if inside or reference.field in CHARTS else State.RESTRICTED


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
