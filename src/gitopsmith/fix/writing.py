"""Writes what was fixed into the user's files, and shows it as a difference."""

from __future__ import annotations

import contextlib
import difflib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from gitopsmith.finding import Finding
from gitopsmith.fix.copying import encoded
from gitopsmith.fix.editing import paths
from gitopsmith.fix.working import Left, Outcome
from gitopsmith.report import secret_yaml
from gitopsmith.report.excerpt import safe


def write(outcome: Outcome) -> tuple[tuple[str, ...], tuple[Left, ...]]:
    """Writes each changed file at once, with its mode; returns these, and the findings in those that it could not.

    A file that changed since it was read is left alone.
    """
    written, left = [], []
    for path, (before, after) in outcome.texts.items():
        why = _write(outcome.root / path, encoded(before), encoded(after))
        if why:
            left += [Left(each, why) for each in _in(outcome, path)]
        else:
            written.append(path)
    return tuple(written), tuple(left)


def _in(outcome: Outcome, path: str) -> Iterator[Finding]:
    return (each for each in outcome.fixed if path in paths(each))


def _write(path: Path, before: bytes, after: bytes) -> str:
    """Puts a file in the place of another one; returns why that cannot be done."""
    try:
        if path.read_bytes() != before:
            return f"{path.name} has changed meanwhile, and is left as it is"
        _replace(path, after)
    except OSError as error:
        return f"{path.name} cannot be written: {error.strerror}"
    return ""


def _replace(path: Path, data: bytes) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(name).chmod(path.stat().st_mode & 0o7777)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def difference(outcome: Outcome) -> str:
    """Returns what changed as a unified difference, without the values of secrets."""
    return "".join(_lines(outcome))


def _lines(outcome: Outcome) -> Iterator[str]:
    for path, pair in outcome.texts.items():
        before, after = ([safe(line) for line in secret_yaml.mask(text).splitlines()] for text in pair)
        for line in difflib.unified_diff(before, after, safe(f"a/{path}"), safe(f"b/{path}"), lineterm=""):
            yield f"{line}\n"
