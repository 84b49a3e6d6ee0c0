"""Puts changed files into a repository: all of them, or none."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from gitopsmith.finding import Failure


def place(root: Path, files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Writes the files that differ from what is there, and returns their paths; a file keeps its mode.

    Everything is first written beside its place, and then renamed; what goes wrong in between is undone. Raises Failure
    that names the file which cannot be written; then the repository is as it was.
    """
    changed = {path: data for path, data in sorted(files.items()) if not _holds(root / path, data)}
    made: list[Path] = []
    waiting: dict[Path, Path] = {}
    try:
        for path, data in changed.items():
            target = root / path
            made += _folders(target.parent)
            waiting[target] = _beside(target, data)
        _rename(waiting)
    except BaseException as error:
        for temporary in waiting.values():
            temporary.unlink(missing_ok=True)
        for folder in reversed(made):
            with contextlib.suppress(OSError):
                folder.rmdir()
        if isinstance(error, OSError):
            raise Failure(f"cannot write {error.filename}: {error.strerror}; nothing was changed") from error
        raise
    return tuple(changed)


def _holds(path: Path, data: bytes) -> bool:
    return path.is_file() and path.read_bytes() == data


def _folders(folder: Path) -> list[Path]:
    """Makes a folder with those above it; returns the new ones, the outermost first."""
    new = [one for one in (folder, *folder.parents) if not one.exists()][::-1]
    for one in new:
        one.mkdir()
    return new


def _beside(target: Path, data: bytes) -> Path:
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o644
    Path(name).chmod(mode)
    return Path(name)


def _rename(waiting: Mapping[Path, Path]) -> None:
    before = {target: target.read_bytes() if target.exists() else None for target in waiting}
    done: list[Path] = []
    try:
        for target, temporary in waiting.items():
            temporary.replace(target)
            done.append(target)
    except BaseException:
        for target in done:
            old = before[target]
            target.unlink() if old is None else target.write_bytes(old)
        raise
