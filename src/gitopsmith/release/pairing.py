"""Tells which container of one environment is which of another, where their objects are called differently."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from gitopsmith import kustomization
from gitopsmith.finding import Failure
from gitopsmith.states import Place
from gitopsmith.tree import Tree

Affix = tuple[str, str]
"""What an environment puts before and behind the names of objects."""


class Side(NamedTuple):
    """One environment: what people call it, the image of each container, ``Kind/name container``, and its affixes."""

    label: str
    images: Mapping[str, str]
    affixes: tuple[Affix, ...] = ()


def counterparts(here: Side, there: Side) -> dict[str, str]:
    """Maps the containers of one environment to what they are called in another; one that only one has is left out.

    By their names, else by kind and container where only one is such, else by the names without affixes. Raises Failure
    where that does not tell and it matters.
    """
    found = {name: name for name in here.images if name in there.images}
    for called in (_role, _plain):
        ours, theirs = _unique(here, called), _unique(there, called)
        pairs = {name: theirs[key] for key, name in ours.items() if key in theirs}
        found |= {one: other for one, other in pairs.items() if one not in found and other not in found.values()}
    found |= _alike(here, there, found)
    return found


def affixes(tree: Tree, place: Place) -> Iterator[Affix]:
    """Yields what the overlays of a place put around names, and its Application in their stead."""
    for build in place.builds:
        path = kustomization.find(tree, build.entry) if build.type == "kustomize" else None
        if path is not None:
            own = kustomization.read(tree, path)
            prefix, suffix = (str(own.value(field) or "") for field in ("namePrefix", "nameSuffix"))
            yield build.edits.name_prefix or prefix, build.edits.name_suffix or suffix


def _alike(here: Side, there: Side, found: Mapping[str, str]) -> dict[str, str]:
    """Pairs what is left where it does not matter which is which, since all of them run the same."""
    pairs: dict[str, str] = {}
    ours, theirs = _by_role(set(here.images) - set(found)), _by_role(set(there.images) - set(found.values()))
    for role in ours.keys() & theirs.keys():
        images = [{side.images[name] for name in names[role]} for side, names in ((here, ours), (there, theirs))]
        if images[0] == images[1] and len(images[0]) == 1:
            continue
        if len(images[0]) != 1 or len(images[1]) != 1 or len(ours[role]) != len(theirs[role]):
            raise Failure(
                f"{here.label} has {', '.join(ours[role])}, {there.label} has {', '.join(theirs[role])}, and it is not "
                "known which is which; name them alike in both, apart from namePrefix and nameSuffix of the overlays"
            )
        pairs |= dict(zip(ours[role], theirs[role], strict=True))
    return pairs


def _by_role(names: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in sorted(names):
        found.setdefault(_role(name), []).append(name)
    return found


def _unique(side: Side, called: Callable[[str, tuple[Affix, ...]], str]) -> dict[str, str]:
    """Maps what containers are called to their names, where only one is called so."""
    found: dict[str, list[str]] = {}
    for name in side.images:
        found.setdefault(called(name, side.affixes), []).append(name)
    return {key: names[0] for key, names in found.items() if len(names) == 1}


def _role(container: str, known: tuple[Affix, ...] = ()) -> str:
    """Returns what a container is whatever its object is called: its own name, and its object's kind."""
    del known
    where, _, name = container.rpartition(" ")
    return f"{where.partition('/')[0]} {name}"


def _plain(container: str, known: tuple[Affix, ...]) -> str:
    """Returns the name of a container whose object is called as without an affix."""
    where, _, name = container.rpartition(" ")
    kind, _, called = where.partition("/")
    fitting = (one for one in known if called.startswith(one[0]) and called.endswith(one[1]))
    prefix, suffix = next(fitting, ("", ""))
    return f"{kind}/{called.removeprefix(prefix).removesuffix(suffix)} {name}"
