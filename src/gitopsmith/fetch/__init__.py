"""What a repository asks for from elsewhere, each exact version brought once and kept.

The folder is ``gitopsmith/fetched`` in the user's cache; what is kept there is used without the network. A version that
can mean something else tomorrow is never fetched.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from gitopsmith.fetch.charts import Chart, Refused, bring
from gitopsmith.fetch.credentials import without
from gitopsmith.helm import Helm

__all__ = ["Chart", "Kept", "Refused", "Store", "folder"]


def folder() -> Path:
    """Returns where fetched things are kept."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "gitopsmith" / "fetched"


@dataclass(frozen=True, slots=True)
class Kept:
    """A chart that was fetched. ``chart`` is its unpacked folder."""

    archive: Path
    chart: Path


@dataclass(slots=True, eq=False)
class Store:
    """The folder of fetched things; several threads and programs may use it at once."""

    folder: Path
    _locks: defaultdict[str, threading.Lock] = field(default_factory=lambda: defaultdict(threading.Lock))

    def find(self, chart: Chart) -> Kept | None:
        """Returns a chart that is kept, None when there is none, or it is not what it was."""
        place = self.folder / _key(chart)
        try:
            record = json.loads((place / "record.json").read_text(encoding="utf-8"))
            archive = place / "archive.tgz"
            same = hashlib.sha256(archive.read_bytes()).hexdigest() == record["sha256"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return Kept(archive, place / "chart") if same else None

    def fetch(self, chart: Chart, helm: Helm) -> Kept:
        """Returns a chart, which is brought unless it is kept.

        Raises Refused where it cannot be had; then nothing is kept of it.
        """
        with self._locks[_key(chart)]:
            found = self.find(chart)
            if found is not None:
                return found
            from gitopsmith.fetch.archive import Broken  # noqa: PLC0415 - most runs fetch nothing

            try:
                return self._keep(chart, helm)
            except Broken as error:
                raise Refused(f"{chart}: {error}") from error
            except OSError as error:
                raise Refused(f"{chart} cannot be kept in {self.folder}: {error.strerror}") from error

    def _keep(self, chart: Chart, helm: Helm) -> Kept:
        """Brings a chart aside, and puts all of it in its place at once."""
        from gitopsmith.fetch.archive import unpack  # noqa: PLC0415 - most runs fetch nothing

        self.folder.mkdir(parents=True, exist_ok=True)
        place = self.folder / _key(chart)
        with tempfile.TemporaryDirectory(prefix=".new-", dir=self.folder) as name:
            aside = Path(name) / "kept"
            brought = bring(chart, helm, Path(name) / "home")
            aside.mkdir()
            unpack(brought.archive, aside / "chart")
            shutil.move(brought.archive, aside / "archive.tgz")
            record = {"repository": without(chart.repository), "name": chart.name, "version": chart.version}
            record |= {"sha256": brought.sha256, "digest": brought.digest}
            (aside / "record.json").write_text(json.dumps(record, indent=2), encoding="utf-8")
            shutil.rmtree(place, ignore_errors=True)
            aside.replace(place)
        return Kept(place / "archive.tgz", place / "chart")


def _key(chart: Chart) -> str:
    """Names a chart by where it comes from and its version; who may fetch it is no part of that."""
    named = "\0".join((without(chart.repository).rstrip("/"), chart.name, chart.version))
    return hashlib.sha256(named.encode("utf-8", "surrogateescape")).hexdigest()[:40]
