"""ConfigMaps and Secrets that a kustomization makes, with the place of every entry."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from gitopsmith.finding import Location, Route
from gitopsmith.kustomization import Kustomization
from gitopsmith.manifest import get, items, mapping, sequence, text
from gitopsmith.positions.layers import Layered
from gitopsmith.positions.pieces import Branch, Node, Piece, Source, lookup, put
from gitopsmith.positions.texts import inset_of, part_of
from gitopsmith.tree import Tree, join

_AMENDING = frozenset({"merge", "replace"})
_LINE = 70
KINDS = {"configMapGenerator": "ConfigMap", "secretGenerator": "Secret"}


def entries(kustomization: Kustomization) -> Iterator[tuple[str, Piece]]:
    """Yields each generator entry with the kind that it makes."""
    source = Source("generator", kustomization.path, kustomization.document)
    for field, kind in KINDS.items():
        key = kustomization.key(field)
        if key is not None:
            for route, item in items(kustomization.body, key):
                yield kind, Piece(source, route, item)


def made(tree: Tree, kustomization: Kustomization) -> Iterator[Branch]:
    """Yields the objects that a kustomization generates, as they are before anything changes them."""
    for kind, entry in entries(kustomization):
        if text(entry.value, "behavior") not in _AMENDING:
            yield make(tree, kustomization.directory, kind, entry, _shared(kustomization))


def replaces(kustomization: Kustomization) -> bool:
    """Tells whether what a kustomization generates may stand for an object from a layer below."""
    return any(text(entry.value, "behavior") == "replace" for _, entry in entries(kustomization))


def _shared(kustomization: Kustomization) -> Route:
    key = kustomization.key("generatorOptions")
    return (key,) if key else ()


def configured(tree: Tree, path: str) -> Iterator[Branch]:
    """Yields the objects of generators that are configured in a file of their own."""
    for document in tree.documents(path).documents:
        kind = text(document.body, "kind")
        if kind in {"ConfigMapGenerator", "SecretGenerator"}:
            body = {**document.body, **mapping(document.body, "metadata")}
            entry = Piece(Source("generator", path, document), (), body)
            yield make(tree, path.rpartition("/")[0], kind.removesuffix("Generator"), entry)


def make(tree: Tree, directory: str, kind: str, entry: Piece, shared: Route = ()) -> Branch:
    """Builds the object of a generator entry; ``shared`` leads to the options that it inherits."""
    implied = Source("ancestor", *entry.source[1:])
    root = Branch(Piece(implied, entry.route, {}), {})
    put(root, ("apiVersion",), Piece(implied, entry.route, "v1"))
    put(root, ("kind",), Piece(implied, entry.route, kind))
    for key in ("name", "namespace"):
        if text(entry.value, key):
            put(root, ("metadata", key), entry.at(key))
    if kind == "Secret":
        put(root, ("type",), entry.at("type") if "type" in entry.value else Piece(implied, entry.route, "Opaque"))
    _options(root, entry.source, shared)
    _options(root, entry.source, (*entry.route, "options"))
    for key, piece in data(tree, directory, entry):
        field, value = _encoded(kind, piece.value)
        put(root, (field, key), Piece(piece.source, piece.route, value, piece.place))
    return root


def amend(tree: Tree, layered: Layered, kustomization: Kustomization) -> None:
    """Applies the entries that merge into, or replace, an object from a layer below."""
    for kind, entry in entries(kustomization):
        behavior = text(entry.value, "behavior")
        if behavior not in _AMENDING or kind != layered.resource.kind:
            continue
        names = {name for _, name in (*layered.ids, layered.identity)}
        if text(entry.value, "name") in names:
            made_here = make(tree, kustomization.directory, kind, entry, _shared(kustomization))
            _amend(layered.root, made_here, replace=behavior == "replace")


def _amend(root: Branch, new: Branch, *, replace: bool) -> None:
    for field in ("data", "binaryData"):
        if replace and isinstance(root.children, dict):
            root.children.pop(field, None)
        _adopt(root, (field,), lookup(new, (field,)))
    for field in ("labels", "annotations"):
        _adopt(root, ("metadata", field), lookup(new, ("metadata", field)))


def _adopt(root: Branch, route: Route, new: Node | None) -> None:
    if isinstance(new, Branch) and isinstance(new.children, dict):
        for key, piece in new.children.items():
            if isinstance(piece, Piece):
                put(root, (*route, key), piece)


def data(tree: Tree, directory: str, entry: Piece) -> Iterator[tuple[str, Piece]]:
    """Yields the keys of an entry with what they hold as text, in kustomize's order."""
    envs = [("envs", index, path) for index, path in enumerate(sequence(entry.value, "envs"))]
    for path in (*(path for _, _, path in envs), text(entry.value, "env")):
        if isinstance(path, str) and path:
            yield from _variables(tree, join(directory, path))
    for index, literal in enumerate(sequence(entry.value, "literals")):
        if isinstance(literal, str) and "=" in literal:
            yield literal.partition("=")[0], _literal(tree, entry, index, literal)
    for name in sequence(entry.value, "files"):
        if isinstance(name, str):
            key, _, path = name.rpartition("=")
            yield key or path.rpartition("/")[2], _file(tree, join(directory, path))


def _options(root: Branch, source: Source, route: Route) -> None:
    body = get(source.document.body, *route) if source.document else None
    if not isinstance(body, dict) or not route:
        return
    options = Piece(source, route, body)
    for field in ("labels", "annotations"):
        if isinstance(body.get(field), dict):
            for key in body[field]:
                put(root, ("metadata", field, key), options.at(field).at(key))
    if body.get("immutable") is True:
        put(root, ("immutable",), options.at("immutable"))


def _encoded(kind: str, value: bytes) -> tuple[str, str]:
    if kind == "Secret":
        return "data", _base64(value)
    try:
        return "data", value.decode()
    except UnicodeDecodeError:
        return "binaryData", _base64(value)


def _base64(value: bytes) -> str:
    """Encodes in lines, as ``encodeBase64`` in kustomize's ``kyaml/yaml/datamap.go`` does with what fills one."""
    text_ = base64.b64encode(value).decode()
    if len(text_) < _LINE:
        return text_
    return "".join(f"{text_[start : start + _LINE]}\n" for start in range(0, len(text_), _LINE))


def _literal(tree: Tree, entry: Piece, index: int, literal: str) -> Piece:
    """Returns a literal's value at the place that follows its equals sign."""
    piece = entry.at("literals").at(index)
    key, _, value = literal.partition("=")
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        value = value[1:-1]
    place = piece.location
    inset = inset_of(tree, place, literal)
    if inset is None and "\n" not in literal:
        place = part_of(tree, place, f"{key}=")
    elif inset is not None:
        end = literal.rstrip("\n").split("\n")
        place = inset.shift(Location(place.path, 1, len(key) + 2, len(end), len(end[-1]) + 1))
    return Piece(piece.source, piece.route, value.encode("utf-8", "surrogateescape"), place)


def _file(tree: Tree, path: str) -> Piece:
    content = tree.data(path) or b""
    lines = content.decode("utf-8", "replace").split("\n")
    place = Location(path, 1, 1, len(lines), len(lines[-1]) + 1)
    return Piece(Source("generator", path, None), (), content, place)


def _variables(tree: Tree, path: str) -> Iterator[tuple[str, Piece]]:
    content = (tree.data(path) or b"").decode("utf-8-sig", "surrogateescape")
    for number, pair in enumerate(content.split("\n"), 1):
        pair = pair.removesuffix("\r")
        key, equals, value = pair.lstrip().partition("=")
        if not key or key.startswith("#"):
            continue
        start = len(pair) - len(value) + 1
        place = Location(path, number, start if equals else 1, number, len(pair) + 1)
        yield key, Piece(Source("generator", path, None), (), value.encode("utf-8", "surrogateescape"), place)
