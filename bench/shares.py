"""How much of what Argo CD deploys is rendered, without a network and with ``--fetch``."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from bench.repositories import KUBERNETES

from gitopsmith import fetch
from gitopsmith.finding import Report
from gitopsmith.lint import Options, lint

SECONDS = 30.0
"""How long one thing may take to come; a build takes far less."""


class Shares(NamedTuple):
    """What one repository gave. ``refused`` are the things that could not be had, each once."""

    without: Report
    fetching: Report
    fetched: int
    refused: tuple[str, ...]

    def __str__(self) -> str:
        asked = self.fetched + len(self.refused)
        before, after = (one.summary.rendered_share for one in (self.without, self.fetching))
        return (
            f"rendered share {before:.1%} without, {after:.1%} with --fetch; {self.fetched} of {asked} things fetched"
        )

    @property
    def left(self) -> list[str]:
        """What is not rendered without a network, and why, with how often."""
        notes = (note for note in self.without.notes if note.kind == "unverifiable")
        return [f"{note.count} {note.message.partition(', such as')[0]}" for note in notes]

    @property
    def reasons(self) -> list[str]:
        counted = Counter(said.partition(": ")[2] for said in self.refused)
        return [f"{count} not fetched: {reason}" for reason, count in counted.most_common(5)]


def measure(root: Path) -> Shares:
    """Lints a repository twice, with nothing kept from before."""
    known = os.environ.get("XDG_CACHE_HOME")
    with tempfile.TemporaryDirectory() as name:
        os.environ["XDG_CACHE_HOME"] = name
        try:
            without, fetching = (_lint(root, online=online) for online in (False, True))
            fetched = len(list(fetch.folder().glob("*/record.json")))
        finally:
            os.environ.pop("XDG_CACHE_HOME") if known is None else os.environ.update(XDG_CACHE_HOME=known)
    refused = {note.message for note in fetching.notes if note.kind == "fetch"}
    return Shares(without, fetching, fetched, tuple(sorted(refused)))


def _lint(root: Path, *, online: bool) -> Report:
    return lint(Options(paths=(root,), kubernetes=KUBERNETES, isolated=True, fetch=online, timeout=SECONDS))
