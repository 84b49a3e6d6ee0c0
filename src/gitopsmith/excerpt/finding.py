"""Chooses what decides what one application is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gitopsmith.config import FILE_NAME, Config
from gitopsmith.excerpt.choosing import Choice, Excerpt, Uncertain, applications, check
from gitopsmith.excerpt.snapshot import Snapshot
from gitopsmith.excerpt.texts import Spoken
from gitopsmith.manifest import scalars

_WORD = re.compile(r"[\w.-]+", re.ASCII)


def of_application(snapshot: Snapshot, said: Config, app: str) -> Excerpt:
    """Returns the files of all Applications that somebody may mean by a name, in any environment, and their projects.

    Raises Uncertain where others may decide about them too.
    """
    if not _WORD.fullmatch(app):
        raise Uncertain(f"{app!r} may be written in several ways")
    check(snapshot, said)
    choice = Choice(snapshot, said, {FILE_NAME} & snapshot.entries.keys())
    for path, found in snapshot.declaring.items():
        if found.odd or _may_mean(found, app):
            _choose(choice, path, app)
    return choice.excerpt()


def _choose(choice: Choice, path: str, app: str) -> None:
    wanted = [
        one for one in applications(choice.snapshot, choice.said, path) if any(app in text for text in _texts(one.body))
    ]
    if wanted:
        choice.declare(path)
    for one in wanted:
        choice.deliver(one)
        for file, found in choice.snapshot.projects.items():
            if found.odd or one.project in found.names:
                choice.declare(file)


def _may_mean(found: Spoken, app: str) -> bool:
    return any(app in name for name in found.names) or any(app in path.split("/") for path in found.paths)


def _texts(body: Any) -> Iterator[str]:
    return (str(value) for _, value in scalars(body))
