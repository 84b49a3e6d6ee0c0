"""What comes into a kustomization from below: the objects that its overrides can mean, without building anything."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from gitopsmith import documents
from gitopsmith.finding import Route
from gitopsmith.kustomization.ports import Port, patched, ports
from gitopsmith.kustomization.reading import find, reachable, read
from gitopsmith.kustomization.references import FILE_OR_DIRECTORY, PLUGINS, is_inline, maps
from gitopsmith.kustomization.view import Kustomization, State
from gitopsmith.manifest import mapping, scalars, sequence, text
from gitopsmith.tree import Tree

_GENERATED = {"configMapGenerator": "ConfigMap", "secretGenerator": "Secret"}
_OVERRIDES = ("images", "patches", "patchesJson6902", "patchesStrategicMerge", "replacements")
_KNOWN = frozenset({State.FOUND_FILE, State.FOUND_DIRECTORY})
_BLANK = re.compile(r"\s")
_REPEATED = re.compile(r"[*+{]")
_REPEATED_AT_MOST = 3
_REPEATED_GROUP = re.compile(r"\)[*+{]")


class Named(NamedTuple):
    """An object by what a target can name; the name is the one that its file or generator gives it."""

    group: str
    version: str
    kind: str
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """A kustomization with all that can come into it, from its own entries and from everything that it includes.

    What comes into a Component is what comes into all that use it. ``texts`` are the strings without a blank in files,
    patches and kustomizations, names of ``images`` entries aside: no image is in the layer that is not one of them.
    ``complete`` is False where something comes in that no file here shows, or where names or kinds change on the way
    in a manner that is not followed; then nothing can be said.
    """

    kustomization: Kustomization
    objects: frozenset[Named] = frozenset()
    texts: frozenset[str] = frozenset()
    complete: bool = True
    ports: frozenset[Port] = frozenset()
    patched: tuple[tuple[Route, Port], ...] = ()
    """The ports that patches of this kustomization write, each with the route of its patch."""

    def selects(self, target: dict[str, Any]) -> bool:
        """Tells whether any object may be the target of a patch; namespaces, labels and annotations are not judged."""
        return any(self.is_target(target, each) for each in self.objects)

    @staticmethod
    def is_target(target: dict[str, Any], each: Named) -> bool:
        """Tells whether a target means an object by group, version, kind and name."""
        return all(_matches(target.get(field), value) for field, value in each._asdict().items())


def layer(tree: Tree, kustomization: Kustomization, including: dict[str, set[str]]) -> Layer:
    """Returns what comes into a kustomization. ``including`` are the directories that include each directory."""
    tops = {kustomization.directory}
    if kustomization.is_component:
        tops = {top for top in _tops(tree.real(kustomization.directory), including) if not _is_component(tree, top)}
    parts = {part.kustomization.path: part for top in tops for part in _parts(tree, top)}.values()
    affixes = [_affix(part.kustomization) for part in parts]
    changing = [affix for affix in affixes if affix != ("", "")]
    objects = frozenset(
        each._replace(name=f"{prefix}{each.name}{suffix}")
        for part in parts
        for each in part.objects
        for prefix, suffix in {("", ""), *changing}
    )
    complete = bool(parts) and len(changing) < 2 and all(part.complete for part in parts)
    return Layer(
        kustomization,
        objects,
        frozenset().union(*(part.texts for part in parts)),
        complete,
        frozenset().union(*(part.ports for part in parts)),
        tuple(patched(tree, kustomization)),
    )


def overrides(kustomization: Kustomization) -> bool:
    """Tells whether a kustomization changes what comes into it by an entry that may mean nothing."""
    return any(kustomization.value(field) for field in _OVERRIDES)


def including(found: Iterable[Kustomization]) -> dict[str, set[str]]:
    """Returns for each directory those whose kustomizations include it."""
    above: dict[str, set[str]] = defaultdict(set)
    for kustomization in found:
        for reference, state in kustomization.states.items():
            if state is State.FOUND_DIRECTORY:
                above[reference.target].add(kustomization.directory)
    return above


def _tops(directory: str, including: dict[str, set[str]]) -> set[str]:
    """Returns the directories above one that nothing includes; none when it is such a one itself."""
    seen, todo, tops = {directory}, [directory], set[str]()
    while todo:
        above = including.get(todo.pop(), set())
        tops |= {each for each in above if not including.get(each)}
        todo += above - seen
        seen |= above
    return tops


def _is_component(tree: Tree, directory: str) -> bool:
    return any(read(tree, path).is_component for path in filter(None, [find(tree, directory)]))


def _parts(tree: Tree, directory: str) -> Iterator[Layer]:
    return (own_layer(tree, kustomization) for kustomization in reachable(tree, directory))


@functools.lru_cache(maxsize=8192)
def own_layer(tree: Tree, kustomization: Kustomization) -> Layer:
    """Returns what one kustomization itself brings in, whatever it includes.

    It is kept: asked for while the files are parsed for something else, it spares parsing them again for ``layer``.
    """
    objects: set[Named] = set()
    found: set[Port] = set()
    texts = set(_texts(_without_image_names(kustomization)))
    complete = not (
        kustomization.problems or kustomization.template or kustomization.uses_helm or _is_odd(kustomization)
    )
    for reference, state in kustomization.states.items():
        complete &= state in _KNOWN
        if state is State.FOUND_FILE and reference.field not in _GENERATED:
            parsed = tree.documents(reference.target)
            complete &= not parsed.problems
            for document in parsed.documents:
                texts.update(_texts(document.body))
                if reference.field in FILE_OR_DIRECTORY:
                    objects.update(_named(document.body))
                    found.update(ports(document.body))
    for field, kind in _GENERATED.items():
        objects |= {Named("", "v1", kind, text(item, "name")) for _, item in maps(kustomization, field)}
    for inline in _inline(kustomization):
        texts.update(value for document in documents.read(inline.encode()).documents for value in _texts(document.body))
    return Layer(kustomization, frozenset(objects), frozenset(texts), bool(complete), frozenset(found))


def _is_odd(kustomization: Kustomization) -> bool:
    """Tells whether a plugin takes part, or a patch that renames."""
    options = [mapping(item, "options") for _, item in maps(kustomization, "patches")]
    return any(kustomization.value(field) for field in (*PLUGINS, "vars")) or any(
        option.get("allowNameChange") or option.get("allowKindChange") for option in options
    )


def _without_image_names(kustomization: Kustomization) -> dict[str, Any]:
    images = [{key: value for key, value in item.items() if key != "name"} for _, item in maps(kustomization, "images")]
    return kustomization.body | {kustomization.key("images") or "images": images}


def _inline(kustomization: Kustomization) -> Iterator[str]:
    for _, value in scalars(kustomization.body):
        if isinstance(value, str) and is_inline(value):
            yield value


def _texts(body: Any) -> Iterator[str]:
    """Yields every string without a blank, and what stands behind the key of one such as a generator's literal."""
    for _, value in scalars(body):
        if isinstance(value, str) and value and not _BLANK.search(value):
            yield value
            if "=" in value:
                yield value.partition("=")[2]


def _named(body: Any) -> Iterator[Named]:
    if text(body, "kind").endswith("List") and isinstance(mapping(body).get("items"), list):
        for item in sequence(body, "items"):
            yield from _named(item)
    group, _, version = text(body, "apiVersion").rpartition("/")
    yield Named(group, version, text(body, "kind"), text(body, "metadata", "name"))


def _affix(kustomization: Kustomization) -> tuple[str, str]:
    return str(kustomization.value("namePrefix") or ""), str(kustomization.value("nameSuffix") or "")


def _matches(pattern: Any, value: str) -> bool:
    """Matches as a whole, as kustomize anchors its patterns.

    An empty pattern, what is none, and one that Python could take long over match everything.
    """
    if not isinstance(pattern, str) or not pattern or _is_costly(pattern):
        return True
    try:
        return re.fullmatch(pattern, value) is not None
    except re.error:
        return True


def _is_costly(pattern: str) -> bool:
    return len(_REPEATED.findall(pattern)) > _REPEATED_AT_MOST or _REPEATED_GROUP.search(pattern) is not None
