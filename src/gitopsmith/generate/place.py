"""Puts changed files into a repository: all of them, or none."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from gitopsmith.finding import Failure

STAGE = ".gitopsmith-staged"
"""Where files wait, on the same disk as their places, until all of them are written; what a killed run left there goes
with the next one."""


def place(root: Path, files: Mapping[str, bytes]) -> tuple[str, ...]:
    """Writes the files that differ from what is there, in their order, and returns their paths; a file keeps its mode.

    Everything is first written aside, and then renamed, so that each file is whole at every moment; what goes wrong in
    between, an interruption too, is undone. Raises Failure that names the file which cannot be written; then the
    repository is as it was.
    """
    targets = {path: _target(root, path) for path in files}
    before = {path: target.read_bytes() if target.is_file() else None for path, target in targets.items()}
    changed = tuple(path for path, data in files.items() if before[path] != data)
    new_folders = {folder for path in changed for folder in targets[path].parents if not folder.exists()}
    stage = root / STAGE
    try:
        _stage(stage, {path: files[path] for path in changed}, targets)
        for index, path in enumerate(changed):
            targets[path].parent.mkdir(parents=True, exist_ok=True)
            (stage / str(index)).replace(targets[path])
    except BaseException as error:
        _undo(stage, {targets[path]: before[path] for path in changed}, new_folders)
        if isinstance(error, OSError):
            raise Failure(f"cannot write {error.filename}: {error.strerror}; nothing was changed", status=3) from error
        raise
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    return changed


def _stage(stage: Path, files: Mapping[str, bytes], targets: Mapping[str, Path]) -> None:
    shutil.rmtree(stage, ignore_errors=True)
    if files:
        stage.mkdir()
    for index, (path, data) in enumerate(files.items()):
        staged = stage / str(index)
        staged.write_bytes(data)
        if targets[path].is_file():
            shutil.copymode(targets[path], staged)


def _target(root: Path, path: str) -> Path:
    """Returns where a file really is, so that a link stays one."""
    target = (root / path).resolve()
    if not target.is_relative_to(root.resolve()):
        raise Failure(f"{path} leads out of the repository; nothing was changed")
    if target.exists() and not target.is_file():
        raise Failure(f"{path} is no file; nothing was changed")
    return target


def _undo(stage: Path, before: Mapping[Path, bytes | None], new_folders: Iterable[Path]) -> None:
    """Brings back what was there, and lets no further interruption stop that."""
    while True:
        with contextlib.suppress(KeyboardInterrupt):
            _restore(stage, before)
            for folder in sorted(new_folders, reverse=True):
                shutil.rmtree(folder, ignore_errors=True)
            return


def _restore(stage: Path, before: Mapping[Path, bytes | None]) -> None:
    """Brings back what every file held, whether it was replaced already or not."""
    for target, data in before.items():
        if data is None:
            target.unlink(missing_ok=True)
        elif target.read_bytes() != data:
            staged = stage / "restored"
            staged.write_bytes(data)
            shutil.copymode(target, staged)
            staged.replace(target)
