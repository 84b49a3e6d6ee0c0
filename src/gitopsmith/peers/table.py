"""Which rule of ours stands for each check of another linter, from one file a linter in ``peers/``."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from gitopsmith import content, documents
from gitopsmith.finding import Failure
from gitopsmith.manifest import get, mapping, sequence, text


class Check(NamedTuple):
    """A check of another linter. ``rules`` of ours ask for what it asks for; those that it is ``part_of`` ask for more.

    Where there is neither, ``why`` says why not.
    """

    peer: str
    id: str
    rules: tuple[str, ...] = ()
    part_of: tuple[str, ...] = ()
    why: str = ""

    @property
    def name(self) -> str:
        """Names the check among those of all linters."""
        return f"{self.peer}:{self.id}"

    @property
    def ours(self) -> tuple[str, ...]:
        """Returns every rule of ours that stands for it."""
        return (*self.rules, *self.part_of)


class Peer(NamedTuple):
    """Another linter, where it is documented, and its checks by id."""

    name: str
    about: str
    checks: Mapping[str, Check]


@functools.cache
def load(folder: Path = content.PEERS) -> Mapping[str, Peer]:
    """Loads every linter's table, by its name. Raises Failure for an entry that says neither what nor why not."""
    return {path.stem: _peer(path) for path in sorted(folder.glob("*.yaml"))}


def find(name: str) -> tuple[Check, ...]:
    """Returns the checks of a name, which may begin with that of its linter: ``kube-linter:no-liveness-probe``."""
    return tuple(check for peer in load().values() for check in peer.checks.values() if name in {check.id, check.name})


def standing_for(rule: str) -> tuple[Check, ...]:
    """Returns the checks of other linters that a rule of ours stands for."""
    return tuple(check for peer in load().values() for check in peer.checks.values() if rule in check.ours)


def _peer(path: Path) -> Peer:
    body = documents.load(path.read_text(encoding="utf-8"))
    checks = {name: _check(path, name, entry) for name, entry in mapping(body, "checks").items()}
    return Peer(path.stem, text(body, "about"), checks)


def _check(path: Path, name: str, entry: Any) -> Check:
    rules = entry if isinstance(entry, list) else sequence(entry, "rules")
    check = Check(path.stem, name, tuple(rules), tuple(sequence(entry, "part_of")), text(entry, "none"))
    if bool(check.ours) == (get(entry, "none") is not None):
        raise Failure(f"{path}: {name} has rules of ours, or none and a reason why")
    return check
