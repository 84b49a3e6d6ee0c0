"""What a chart depends on, and a copy of the chart that has it all."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from gitopsmith import documents
from gitopsmith.manifest import items, text

LOCAL = "file://"


class Dependency(NamedTuple):
    """A chart that another one needs, in the version of its lock where there is one."""

    name: str
    version: str
    repository: str

    @property
    def is_local(self) -> bool:
        return self.repository.startswith(LOCAL)


def missing(chart: Path) -> tuple[Dependency, ...]:
    """Returns the dependencies of a chart that its ``charts`` folder does not hold."""
    locked = {name: version for name, version, _ in _read(chart / "Chart.lock")}
    found = (*_read(chart / "Chart.yaml"), *_read(chart / "requirements.yaml"))
    present = {path.name for path in (chart / "charts").glob("*")}
    return tuple(
        Dependency(item.name, locked.get(item.name, item.version), item.repository)
        for item in found
        if item.name not in present and not any(_holds(name, item.name) for name in present)
    )


def complete(chart: Path, folder: Path, bring: Callable[[Dependency], Path]) -> Path:
    """Returns a copy of a chart below ``folder`` that has its dependencies.

    ``bring`` returns the archive or the folder of one. What it raises is passed on.
    """
    copy = folder / "chart"
    shutil.copytree(chart, copy, symlinks=True)
    (copy / "charts").mkdir(exist_ok=True)
    for dependency in missing(chart):
        found = bring(dependency)
        if found.is_dir():
            shutil.copytree(found, copy / "charts" / dependency.name, symlinks=True)
        else:
            shutil.copyfile(found, copy / "charts" / f"{dependency.name}-{dependency.version}.tgz")
    return copy


def _read(path: Path) -> Iterator[Dependency]:
    try:
        body = documents.load(path.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return
    for _, item in items(body, "dependencies"):
        if text(item, "name"):
            yield Dependency(text(item, "name"), str(item.get("version") or ""), text(item, "repository"))


def _holds(archive: str, name: str) -> bool:
    """Tells whether a file is the archive of a chart: what follows its name begins with the version."""
    rest = archive.removeprefix(f"{name}-")
    return archive.endswith(".tgz") and rest != archive and rest.removeprefix("v")[:1].isdigit()
