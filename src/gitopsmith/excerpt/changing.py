"""Chooses what a change of some files reaches: the builds that read them, and who delivers those."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gitopsmith import kustomization
from gitopsmith.config import FILE_NAME, Config
from gitopsmith.excerpt.choosing import (
    Choice,
    Excerpt,
    Uncertain,
    ancestors,
    applications,
    carriers,
    carries,
    check,
    referring,
)
from gitopsmith.excerpt.snapshot import Snapshot
from gitopsmith.kustomization import FILE_NAMES

_ANYTHING = (b"*", b"?", b"[", b"$")
"""What may stand for any name in a path that an Application names."""
_HIDDEN = (b"\\", b"transformers", b"generators", b"validators", b"helm")
"""What makes a kustomization read files that its own text need not name."""


def of_change(sides: tuple[Snapshot, Snapshot], said: Config, changed: frozenset[str]) -> tuple[Excerpt, Excerpt]:
    """Returns of both sides of a change the files of everything that reads a changed one, and of who delivers that.

    Raises Uncertain where more than that may change.
    """
    for side in sides:
        check(side, said)
        _check_changed(side, changed)
    for path in changed:
        if path.rpartition("/")[2] in FILE_NAMES and (path in sides[0].entries) != (path in sides[1].entries):
            raise Uncertain(f"{path} comes or goes, and what lies beside it is then read in another way")
    folders = reached(sides, changed)
    choices = tuple(Choice(side, said) for side in sides)
    for choice in choices:
        _choose(choice, folders, changed)
    files = choices[0].files | choices[1].files | {FILE_NAME}
    for choice in choices:
        choice.files = {path for path in files if path in choice.snapshot.entries}
        choice.reduced = {path for one in choices for path in one.reduced if path in choice.files}
    if not choices[0].files & choices[0].snapshot.kustomizations.keys():
        raise Uncertain("no kustomization is reached")
    return choices[0].excerpt(), choices[1].excerpt()


def _check_changed(side: Snapshot, changed: frozenset[str]) -> None:
    for path in changed:
        if path == FILE_NAME or path in side.declaring or path.rpartition("/")[2] == ".gitattributes":
            raise Uncertain(f"{path} decides about more than what reads it")


def reached(sides: tuple[Snapshot, Snapshot], changed: frozenset[str]) -> frozenset[str]:
    """Returns the folders whose kustomizations read one of the files on either side, by whichever way.

    One that such a kustomization includes on one side alone counts as well, with all that includes it: that decides
    whether somebody applies it by itself.
    """
    own = {path.rpartition("/")[0] for path in changed if path.rpartition("/")[2] in FILE_NAMES}
    found, todo = set(own), set(changed) | own
    while todo:
        target = todo.pop()
        more = {folder for side in sides for folder in _readers(side, target)} - found
        found |= more
        todo |= more
        if not todo:
            todo = _included(sides[0], found) ^ _included(sides[1], found)
            todo -= found
            found |= todo
    _check_reached(sides, found)
    return frozenset(found)


def _included(side: Snapshot, folders: Iterable[str]) -> set[str]:
    return {target for folder in folders for target in kustomization.direct(side.tree, folder)[1]}


def _check_reached(sides: Iterable[Snapshot], folders: set[str]) -> None:
    for side in sides:
        declaring = {path.rpartition("/")[0] for path in side.declaring}
        touched = {path for folder in folders for path in kustomization.direct(side.tree, folder)[0]}
        beside = folders | {path.rpartition("/")[0] for path in touched if path in side.entries}
        if beside & declaring or any(carries(side, folder) for folder in folders & carriers(side)):
            raise Uncertain("Applications are included by what changes, or lie beside it")


def _readers(side: Snapshot, target: str) -> Iterator[str]:
    named = {*ancestors(target), *referring(side, target), *_hidden(side)}
    for folder in named:
        touched, opened = kustomization.direct(side.tree, folder)
        if target in opened or (target in touched and target != folder):
            yield folder


def _hidden(side: Snapshot) -> Iterator[str]:
    for path, data in side.kustomizations.items():
        lower = data.lower()
        if any(word in lower for word in _HIDDEN):
            yield path.rpartition("/")[0]


def _choose(choice: Choice, folders: frozenset[str], changed: frozenset[str]) -> None:
    choice.files |= changed
    for folder in folders:
        choice.build(folder)
    places = folders | {folder for path in changed for folder in ancestors(path)}
    names = {path.rpartition("/")[2].encode() for path in (*changed, *folders)}
    for path, found in choice.snapshot.declaring.items():
        data = choice.snapshot.tree.data(path) or b""
        far = found.reads and any(word in data for word in (*names, *_ANYTHING))
        if found.odd or far or found.paths & places:
            choice.declare(path)
            for app in applications(choice.snapshot, choice.said, path):
                if far or any(source.directory_path in places for source in app.sources if source.own):
                    choice.deliver(app)
