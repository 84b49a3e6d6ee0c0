"""The folder in which fetched things are kept."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from gitopsmith.fetch import charts
from gitopsmith.fetch.artifacts import Artifact
from gitopsmith.fetch.charts import Chart
from gitopsmith.fetch.commits import Place
from gitopsmith.fetch.credentials import logins, without
from gitopsmith.fetch.files import File, download
from gitopsmith.fetch.refusal import Refused
from gitopsmith.helm import Helm

Found = TypeVar("Found")


class Kept(NamedTuple):
    """A chart that was fetched. ``chart`` is its unpacked folder."""

    archive: Path
    chart: Path


class Checkout(NamedTuple):
    """A commit that was fetched: the repository that holds it alone."""

    repository: Path
    commit: str
    submodules: bool


class Unpacked(NamedTuple):
    """An artifact that was fetched: the folder with its files, and its digest."""

    files: Path
    digest: str


@dataclass(slots=True, eq=False)
class Store:
    """The folder of fetched things; several threads and programs may use it at once.

    What is found in it is what it was when it came, else it is not found. Fetching raises Refused where something
    cannot be had; then nothing is kept of it.
    """

    folder: Path
    _locks: defaultdict[str, threading.Lock] = field(default_factory=lambda: defaultdict(threading.Lock))

    def find(self, chart: Chart) -> Kept | None:
        """Returns a chart that is kept, None when there is none."""
        place = self.folder / _key(*_names(chart))
        return Kept(place / "archive.tgz", place / "chart") if _record(place, "archive.tgz") else None

    def fetch(self, chart: Chart, helm: Helm) -> Kept:
        """Returns a chart, which is brought unless it is kept."""

        def bring(aside: Path, home: Path) -> dict[str, Any]:
            from gitopsmith.fetch.archive import Broken, unpack  # noqa: PLC0415 - most runs fetch nothing

            brought = charts.bring(chart, helm, home)
            try:
                unpack(brought.archive, aside / "chart")
            except Broken as error:
                raise Refused(f"{chart}: {error}") from error
            shutil.move(brought.archive, aside / "archive.tgz")
            named = {"repository": without(chart.repository), "name": chart.name, "version": chart.version}
            return {**named, "sha256": brought.sha256, "digest": brought.digest}

        return self._once(_key(*_names(chart)), str(chart), lambda: self.find(chart), bring)

    def find_commit(self, place: Place) -> Checkout | None:
        """Returns a commit that is kept, None when there is none; a tag is what it was when it was fetched."""
        known = self.folder / _key("git", without(place.url), place.reference)
        record = _record(known, "pack") or {}
        if not record:
            return None
        return Checkout(known / "repository", str(record.get("commit")), bool(record.get("submodules")))

    def fetch_commit(self, place: Place, seconds: float) -> Checkout:
        """Returns a commit, which is brought unless it is kept."""

        def bring(aside: Path, _: Path) -> dict[str, Any]:
            from gitopsmith.fetch import commits  # noqa: PLC0415 - most runs fetch nothing

            (aside / "repository").mkdir()
            brought = commits.bring(place, aside / "repository", seconds)
            pack = brought.pack.relative_to(aside).as_posix()
            named = {"repository": without(place.url), "reference": place.reference, "commit": brought.commit}
            return {**named, "submodules": brought.submodules, "pack": pack, "sha256": _sha256(brought.pack)}

        key = _key("git", without(place.url), place.reference)
        return self._once(key, str(place), lambda: self.find_commit(place), bring)

    def find_artifact(self, artifact: Artifact) -> Unpacked | None:
        """Returns an artifact that is kept, None when there is none; a tag is what it was when it was fetched."""
        place = self.folder / _key("oci", artifact.url.rstrip("/"), artifact.reference)
        record = _record(place, "layer")
        return Unpacked(place / "files", str(record.get("digest"))) if record else None

    def fetch_artifact(self, artifact: Artifact, helm: Helm | None, seconds: float) -> Unpacked:
        """Returns an artifact, which is brought unless it is kept. ``helm`` is who may know a login."""

        def bring(aside: Path, _: Path) -> dict[str, Any]:
            from gitopsmith.fetch import artifacts  # noqa: PLC0415 - most runs fetch nothing
            from gitopsmith.fetch.archive import Broken, unpack  # noqa: PLC0415

            brought = artifacts.bring(artifact, aside / "layer", logins(helm), seconds)
            (aside / "files").mkdir()
            try:
                unpack(aside / "layer", aside / "files", depth=int(brought.is_chart))
            except Broken as error:
                raise Refused(f"{artifact}: {error}") from error
            named = {"repository": artifact.url, "reference": artifact.reference, "digest": brought.digest}
            return {**named, "sha256": brought.layer.removeprefix("sha256:")}

        key = _key("oci", artifact.url.rstrip("/"), artifact.reference)
        return self._once(key, str(artifact), lambda: self.find_artifact(artifact), bring)

    def find_file(self, file: File) -> Path | None:
        """Returns a file that is kept, None when there is none."""
        place = self.folder / _key("file", without(file.url))
        return place / "file" if _record(place, "file") else None

    def fetch_file(self, file: File, seconds: float) -> Path:
        """Returns a file, which is brought unless it is kept."""

        def bring(aside: Path, _: Path) -> dict[str, Any]:
            (aside / "file").write_bytes(download(file, seconds))
            return {"url": without(file.url), "sha256": _sha256(aside / "file")}

        return self._once(_key("file", without(file.url)), str(file), lambda: self.find_file(file), bring)

    def _once(
        self, key: str, name: str, find: Callable[[], Found | None], bring: Callable[[Path, Path], dict[str, Any]]
    ) -> Found:
        """Brings something aside unless it is kept, and puts all of it in its place at once."""
        with self._locks[key]:
            found = find()
            if found is not None:
                return found
            try:
                self.folder.mkdir(parents=True, exist_ok=True)
                with tempfile.TemporaryDirectory(prefix=".new-", dir=self.folder) as at:
                    aside = Path(at) / "kept"
                    aside.mkdir()
                    record = bring(aside, Path(at) / "home")
                    (aside / "record.json").write_text(json.dumps(record, indent=2), encoding="utf-8")
                    shutil.rmtree(self.folder / key, ignore_errors=True)
                    aside.replace(self.folder / key)
            except OSError as error:
                raise Refused(f"{name} cannot be kept in {self.folder}: {error.strerror}") from error
            found = find()
        if found is None:
            raise Refused(f"{name} is no longer in {self.folder}")
        return found


def _record(place: Path, file: str) -> dict[str, Any] | None:
    """Returns what is recorded of a thing, None where that is not there, or its file is not what it was.

    ``pack`` stands for the file that the record names under it.
    """
    try:
        record: dict[str, Any] = json.loads((place / "record.json").read_text(encoding="utf-8"))
        path = place / (record["pack"] if file == "pack" else file)
        return record if _sha256(path) == record["sha256"] else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _names(chart: Chart) -> tuple[str, ...]:
    return (without(chart.repository).rstrip("/"), chart.name, chart.version)


def _key(*names: str) -> str:
    """Names a thing by where it comes from and its version; who may fetch it is no part of that."""
    return hashlib.sha256("\0".join(names).encode("utf-8", "surrogateescape")).hexdigest()[:40]
