"""Finds the files that a source names for its chart, globs included, and tells why Argo CD would refuse one.

Facts: ``getResolvedValueFiles`` in Argo CD's ``reposerver/repository/repository.go``, ``util/io/path/resolved.go``.
"""

from __future__ import annotations

import glob
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from gitopsmith.finding import Route
from gitopsmith.render import Failed
from gitopsmith.render.helm.release import Release, ValuesFile

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_ALTERNATIVES = re.compile(r"\{([^{}]*)\}")


class Roots(NamedTuple):
    """Where paths begin: the chart's folder, the top of what it lies in, and the top of this repository."""

    chart: Path
    top: Path
    repository: Path


def values_files(release: Release, roots: Roots) -> tuple[Path, ...] | Failed:
    """Returns the values files in the order in which later ones win, each once, or why there is no telling.

    A file that is named counts at its own position, not where a glob finds it too.
    """
    named = {_resolved(file, roots) for file in release.value_files if not _is_glob(file.path)}
    found: dict[Path, None] = {}
    for index, file in enumerate(release.value_files):
        route = ("helm", "valueFiles", index)
        refused = _refusal(file, roots, route)
        if refused is not None:
            return refused
        if _is_glob(file.path):
            matches = _matches(file, roots)
            outside = next((path for path in matches if not _is_inside(path, _top(file, roots))), None)
            if outside is not None:
                return Failed("error", f"{file.written!r} matches a link that leads out of the repository", route=route)
            found |= dict.fromkeys(path for path in matches if path not in named)
            missing = not matches
        else:
            path = _resolved(file, roots)
            missing = not path.exists()
            found |= {} if missing else {path: None}
        if missing and not release.ignore_missing:
            return Failed("error", _missing(file), route=route)
    return tuple(found)


def parameter_files(release: Release, roots: Roots) -> tuple[tuple[str, Path], ...] | Failed:
    """Returns the file of each file parameter, or why there is no telling."""
    found = []
    for index, (name, file) in enumerate(release.files):
        route = ("helm", "fileParameters", index, "path")
        refused = _refusal(file, roots, route)
        if refused is not None:
            return refused
        path = _resolved(file, roots)
        if not path.is_file():
            return Failed("error", f"{file.written!r} is no file; Argo CD gives up", route=route)
        found.append((name, path))
    return tuple(found)


def _missing(file: ValuesFile) -> str:
    if file.place == "chart" and file.written.startswith("$"):
        name = file.written.partition("/")[0]
        return f"no source of this Application has ref {name[1:]!r}, so {file.written!r} is no file"
    kind = "matches no file" if _is_glob(file.path) else "is no file"
    return f"{file.written!r} {kind}; Argo CD gives up, unless ignoreMissingValueFiles is set"


def _refusal(file: ValuesFile, roots: Roots, route: Route) -> Failed | None:
    if file.place == "elsewhere":
        return Failed("repository", f"{file.written} lies in another repository", route=route)
    if _URL.match(file.path):
        if file.path.lower().startswith(("http:", "https:")):
            return Failed("remote", f"{file.path} is not in this repository", route=route)
        return Failed("error", f"Argo CD allows no such URL for a values file: {file.written!r}", route=route)
    if not _is_inside(_resolved(file, roots), _top(file, roots)):
        return Failed("error", f"{file.written!r} leads out of the repository; Argo CD refuses it", route=route)
    return None


def _top(file: ValuesFile, roots: Roots) -> Path:
    return roots.repository if file.place == "repository" else roots.top


def _resolved(file: ValuesFile, roots: Roots) -> Path:
    """Returns a path cleaned, and real where it is a link: an absolute one begins at the top of its repository."""
    base = _top(file, roots) if file.path.startswith("/") else roots.chart
    path = Path(os.path.normpath(f"{base}/{file.path}"))
    return path.resolve() if path.is_symlink() else path


def _is_inside(path: Path, top: Path) -> bool:
    real = path.resolve()
    return real != top and real.is_relative_to(top)


def _is_glob(path: str) -> bool:
    return any(letter in path for letter in "*?[")


def _matches(file: ValuesFile, roots: Roots) -> list[Path]:
    """Returns what a glob matches: folder by folder from the top, and by name within each."""
    top = _top(file, roots)
    found = {
        top / path
        for pattern in _alternatives(os.path.relpath(_resolved(file, roots), top))
        for path in glob.iglob(  # noqa: PTH207 - before Python 3.13, ** of pathlib finds no files
            pattern.replace("[^", "[!"), root_dir=top, recursive=True, include_hidden=True
        )
    }
    return sorted(found, key=lambda path: (path.parent.parts, path.name))


def _alternatives(pattern: str) -> Iterator[str]:
    """Yields what ``{a,b}`` in a glob stands for."""
    match = _ALTERNATIVES.search(pattern)
    if match is None:
        yield pattern
        return
    for choice in match[1].split(","):
        yield from _alternatives(pattern[: match.start()] + choice + pattern[match.end() :])
