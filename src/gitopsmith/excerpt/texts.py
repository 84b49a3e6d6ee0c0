"""Tells from the text of a file whether it may declare Applications, and of what; what is not certain counts as odd.

Reading thousands of files as YAML takes seconds. A text is looked at with patterns instead, which only ever take too
much: a name or path that is written in another way than on a line of its own makes the whole file odd.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from gitopsmith import argocd, documents
from gitopsmith.manifest import is_object, text
from gitopsmith.tree import join

UNREADABLE = "?"
_KINDS = {"Application", "ApplicationSet", "AppProject"}
_WORDS = (b"Application", b"AppProject")
_START = re.compile(rb"^---", re.MULTILINE)
_KIND = re.compile(rb"^kind:[ \t]*[\"']?(\w+)[\"']?[ \t]*(?:#.*)?\r?$", re.MULTILINE)
_LINE = re.compile(
    rb"^[ \t]*(?:- )*[\"']?(?:[\w./-]*[./-])?(name|path)[\"']?:[ \t]+([\"']?)([\w./@:+-]+)\2[ \t]*(?:#.*)?\r?$",
    re.MULTILINE,
)
_FIELD = re.compile(rb"\b(?:name|path)[\"']?[ \t]*:")
_READING = (b"valueFiles", b"fileParameters", b"components", b"patches")
"""Fields of an Application that name files beside its path."""
_ALTERING = b"kustomize"
_PINNED = re.compile(
    rb"targetRevision[\"']?[ \t]*:(?![ \t]*[\"']?(?:HEAD|main|master)[\"']?[ \t]*(?:#.*)?\r?$)", re.MULTILINE
)
_PLAIN = re.compile(rb"^(?:(?:apiVersion|kind|metadata|resources):(?:[ \t].*)?|[ \t#-].*|\s*)$")
_RESOURCES = re.compile(rb"^resources:", re.MULTILINE)


class Spoken(NamedTuple):
    """What a file says of Applications: all names and paths in it, whatever they name.

    ``odd`` tells that there may be others. ``reads`` tells that one may name files beside its path, ``alters`` that one
    may change what it builds, ``pinned`` that one may ask for another revision than the usual one, ``sets`` that there
    may be an ApplicationSet, or what nobody can read. ``projects`` and ``applications`` tell what it declares.
    """

    names: frozenset[str]
    paths: frozenset[str]
    odd: bool
    reads: bool
    alters: bool
    pinned: bool
    sets: bool
    projects: bool
    applications: bool


def spoken(data: bytes, *, manifest: bool) -> Spoken | None:
    """Returns what a file says of Applications and projects; None where it declares none.

    One that is no ``manifest`` by its name has to be YAML all the same to declare any.
    """
    if argocd.API_GROUP.encode() not in data:
        return None
    kinds = {kind for piece in _START.split(data) if any(word in piece for word in _WORDS) for kind in _kinds(piece)}
    kinds -= set() if manifest else {UNREADABLE}
    if not kinds:
        return None
    lines = b"\n".join(line for line in data.splitlines() if b"name" in line or b"path" in line)
    found = [(name, value.decode("ascii", "replace")) for name, _, value in _LINE.findall(lines)]
    return Spoken(
        frozenset(value for name, value in found if name == b"name"),
        frozenset(join("", value.strip("/")) for name, value in found if name == b"path"),
        len(found) != len(_FIELD.findall(lines)) or b"\\" in data,
        any(word in data for word in _READING),
        _ALTERING in data,
        bool(_PINNED.search(data)),
        bool(kinds - {"Application", "AppProject"}),
        "AppProject" in kinds,
        kinds != {"AppProject"},
    )


def _kinds(piece: bytes) -> set[str]:
    """Returns which of Argo CD's kinds a document may have, and whether nobody can read it."""
    kinds = _KIND.findall(piece)
    if len(kinds) == 1:
        return _declaring(kinds[0].decode())
    read = documents.read(piece)
    if read.problems:
        return {UNREADABLE}
    bodies = [document.body for document in read.documents if is_object(document.body)]
    return {kind for body in bodies for kind in _declaring(text(body, "kind"))}


def _declaring(kind: str) -> set[str]:
    return {UNREADABLE} if kind.endswith("List") else {kind} & _KINDS


def is_plain(data: bytes) -> bool:
    """Tells whether a kustomization surely does nothing but name resources."""
    return bool(_RESOURCES.search(data)) and all(_PLAIN.match(line) for line in data.splitlines())
