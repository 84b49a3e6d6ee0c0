"""What the minors of Argo CD know, from the vendored table (``schemas/argocd/versions.tsv``)."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import NamedTuple

from gitopsmith.content import SCHEMAS

SUPPORTED = 3
"""So many minors get fixes at any time (Argo CD's release process)."""


_INSTALLED = re.compile(r"argoproj/argo-cd\b.*?[/=]v?(\d+\.\d+(?:\.\d+)?)\b")


class Span(NamedTuple):
    """First and last minor that know something; the first is ``-`` where all in the table do up to the last."""

    first: str
    last: str


@functools.cache
def _table() -> dict[str, dict[str, Span]]:
    found: dict[str, dict[str, Span]] = defaultdict(dict)
    for line in (SCHEMAS / "argocd" / "versions.tsv").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            kind, name, first, last = line.split("\t")
            found[kind][name] = Span(first, last)
    return dict(found)


def known(kind: str) -> dict[str, Span]:
    """Returns everything of a kind, such as ``sync-option`` or ``metric``, with the minors that know it."""
    return _table().get(kind, {})


def number(version: str) -> tuple[int, int]:
    """Returns a version's major and minor to compare by: ``v3.6.1`` and ``3.6`` are (3, 6)."""
    major, _, rest = version.removeprefix("v").partition(".")
    return int(major), int(rest.partition(".")[0] or 0)


def installed(urls: Iterable[str]) -> str:
    """Returns the version in the first URL that installs Argo CD by its release, empty where none does."""
    return next((found[1] for url in urls if (found := _INSTALLED.search(url))), "")


@functools.cache
def minors() -> tuple[str, ...]:
    """Returns the minors in the table, oldest first."""
    found = {minor for names in _table().values() for span in names.values() for minor in span if minor != "-"}
    return tuple(sorted(found, key=number))


def too_new(kind: str, name: str, version: str) -> str:
    """Returns the minor with which something came, where a version is older than that; else an empty text."""
    span = known(kind).get(name)
    if span is None or span.first == "-" or number(version) >= number(span.first):
        return ""
    return span.first


def gone(kind: str, name: str, version: str) -> str:
    """Returns the last minor that knew something, where a version is newer than that; else an empty text."""
    span = known(kind).get(name)
    if span is None or span.last == minors()[-1] or number(version) <= number(span.last):
        return ""
    return span.last


def has_health_check(group_kind: str, version: str) -> bool:
    """Tells whether a version of Argo CD has a check in Lua for a kind, written as kubectl does."""
    return any(fnmatchcase(group_kind, name) and not too_new("health", name, version) for name in known("health"))
