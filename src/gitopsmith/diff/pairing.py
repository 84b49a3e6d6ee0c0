"""Finds what belongs together on both sides: deliveries that moved, objects whose names got another hash."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TypeVar

from gitopsmith.applied import Delivery, Manifest

_HASH = re.compile(r"(?P<name>.+)-[2456789bcdfghkmt]{10}")
"""A name with the hash that kustomize writes behind the names of what it generates (``api/hasher``)."""
_Thing = TypeVar("_Thing")
Pair = tuple[_Thing | None, _Thing | None]


def deliveries(before: Iterable[Delivery], after: Iterable[Delivery]) -> list[Pair[Delivery]]:
    """Pairs deliveries by their names and places; then Applications by name, and others by what they hold."""
    return _pairs(tuple(before), tuple(after), (_by_place, _by_name, _by_objects))


def manifests(before: Iterable[Manifest], after: Iterable[Manifest]) -> list[Pair[Manifest]]:
    """Pairs objects by group, kind, namespace and name; then those that a generator named by their content."""
    return _pairs(tuple(before), tuple(after), (_by_object, _by_generated_name))


def _pairs(
    before: tuple[_Thing, ...], after: tuple[_Thing, ...], keys: tuple[Callable[[_Thing], Hashable], ...]
) -> list[Pair[_Thing]]:
    """Pairs what has the same key, by one key after the other; in the order of ``after``, then what is gone."""
    partner: dict[int, int] = {}
    for key in keys:
        waiting: dict[Hashable, list[int]] = defaultdict(list)
        taken = set(partner.values())
        for index, thing in enumerate(before):
            if index not in taken and key(thing) is not None:
                waiting[key(thing)].append(index)
        for index, thing in enumerate(after):
            if index not in partner and waiting.get(key(thing)):
                partner[index] = waiting[key(thing)].pop(0)
    return list(_joined(before, after, partner))


def _joined(before: tuple[_Thing, ...], after: tuple[_Thing, ...], partner: dict[int, int]) -> Iterator[Pair[_Thing]]:
    for index, thing in enumerate(after):
        yield (before[partner[index]] if index in partner else None), thing
    kept = set(partner.values())
    yield from ((thing, None) for index, thing in enumerate(before) if index not in kept)


def _by_place(delivery: Delivery) -> Hashable:
    return delivery.identity


def _by_name(delivery: Delivery) -> Hashable:
    return delivery.application.key if delivery.application else None


def _by_objects(delivery: Delivery) -> Hashable:
    objects = frozenset(manifest.object for manifest in delivery.manifests)
    return objects if objects and delivery.application is None else None


def _by_object(manifest: Manifest) -> Hashable:
    return (manifest.resource.group_kind, manifest.object.namespace, manifest.object.name)


def _by_generated_name(manifest: Manifest) -> Hashable:
    name = generated_name(manifest.object.name)
    return (manifest.resource.group_kind, manifest.object.namespace, name) if name else None


def generated_name(name: str) -> str:
    """Returns a name without the hash that a generator wrote behind it, an empty text where there is none."""
    found = _HASH.fullmatch(name)
    return found["name"] if found else ""
