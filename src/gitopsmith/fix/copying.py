"""Copies of a repository in which fixes are tried, so that nothing half proved is ever in the user's files."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from gitopsmith.lint.scope import Options
from gitopsmith.revisions import Checkout
from gitopsmith.tree import SKIPPED_FOLDERS, Tree


def copy(files: Tree, folder: Path) -> Path:
    """Copies a folder with all that a build may read there, links as links; returns the copy."""
    if len(files.files) == 1 and not (files.root / ".git").exists():
        folder.mkdir(parents=True)
        shutil.copy2(files.root / files.files[0], folder / files.files[0])
    else:
        ignored = shutil.ignore_patterns(*SKIPPED_FOLDERS)
        shutil.copytree(files.root, folder, symlinks=True, ignore=ignored, copy_function=_copied)
    return folder


def _copied(source: str, target: str) -> str:
    """Copies a file; a pipe or a socket is left out, and so is what may not be read."""
    if not Path(source).is_symlink() and not Path(source).is_file():
        return target
    try:
        return str(shutil.copy2(source, target, follow_symlinks=False))
    except PermissionError:
        return target


def put(folder: Path, texts: Mapping[str, str]) -> None:
    """Writes texts into a copy."""
    for path, text in texts.items():
        (folder / path).write_bytes(encoded(text))


def encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def decoded(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def options_for(options: Options, files: Tree, folder: Path) -> Options:
    """Returns the options that lint a copy as the original is linted."""
    paths = tuple(folder / path.resolve().relative_to(files.root) for path in options.paths)
    return replace(
        options, files=Tree(folder, files.files), checkout=options.checkout or Checkout(files.root), paths=paths
    )
