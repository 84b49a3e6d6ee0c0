"""What a repository gains from new answers: generated without and with them, and the difference put into what is there.

A file that nobody has touched becomes what is generated now. One that its owner edited keeps every edit.
"""

from __future__ import annotations

import difflib
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from gitopsmith import __version__, answers, config, tools
from gitopsmith.answers import Answers
from gitopsmith.finding import Failure
from gitopsmith.generate import template
from gitopsmith.generate.add import structure
from gitopsmith.generate.plan import Step

APPLIED = ("apps/", "argocd/", "bootstrap/", "clusters/", "platform/")
"""Folders of what reaches a cluster. What lies elsewhere may be deleted or rewritten by its owner at will."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Files with their new content, in the order to write them, and what their owner has to know."""

    files: dict[str, bytes]
    notes: tuple[str, ...] = ()


def rendered(steps: Iterable[Step], given: Answers) -> dict[str, str]:
    """Returns the files that some steps make, and the file of answers, by path."""
    with tempfile.TemporaryDirectory(prefix="gitopsmith-") as aside:
        into = Path(aside) / "repository"
        into.mkdir()
        for step in steps:
            template.render(step.template, step.variables, into)
        found = {path.relative_to(into).as_posix(): path for path in sorted(into.rglob("*")) if path.is_file()}
        files = {name: path.read_text(encoding="utf-8") for name, path in found.items()}
    return files | {answers.FILE_NAME: answers.write(given, __version__)}


def changes(root: Path, old: Mapping[str, str], new: Mapping[str, str], notes: Iterable[str] = ()) -> Changes:
    """Returns what a repository gains: new files first, then changed ones, and the answers at the very end.

    So a run that was cut short is finished by the next one. Raises Failure that names every file in the way.
    """
    files: dict[str, bytes] = {}
    said, conflicts = list(notes), []
    for path in sorted(new, key=lambda path: (path == answers.FILE_NAME, path in old, path)):
        if old.get(path) == new[path]:
            continue
        mine, line_end = _read(root / path)
        try:
            text, note = _merged(mine, old.get(path), new[path], path)
        except Failure as error:
            conflicts.append(str(error))
            continue
        said += [note] if note else []
        if text is not None and text != mine:
            files[path] = text.replace("\n", line_end).encode("utf-8")
    if conflicts:
        raise Failure("\n".join((*conflicts, "nothing was changed")))
    return Changes(files, tuple(said))


def _merged(mine: str | None, old: str | None, new: str, path: str) -> tuple[str | None, str]:
    """Returns what a file becomes, None where it stays away, and a note where its owner has to do something."""
    if mine in {old, new}:
        return new, ""
    if old is None:
        raise Failure(f"{path} is there already, and holds something else; move it away, or take another name")
    applied = path in {answers.FILE_NAME, config.FILE_NAME} or (path.startswith(APPLIED) and path.endswith(".yaml"))
    if mine is None:
        if applied:
            raise Failure(f"{path} is not there, and has to change; bring it back first")
        return None, ""
    if applied:
        return structure.merged(mine, old, new, path), ""
    text = _merged_lines(mine, old, new)
    return (text, "") if text is not None else (mine, _by_hand(old, new, path))


def _merged_lines(mine: str, old: str, new: str) -> str | None:
    """Returns a text with the lines that it gains, as git merges them; None where it was edited in the same place."""
    with tempfile.TemporaryDirectory(prefix="gitopsmith-") as aside:
        for name, text in (("mine", mine), ("old", old), ("new", new)):
            (Path(aside) / name).write_bytes(text.encode("utf-8"))
        output = tools.run("git", "merge-file", "-p", "mine", "old", "new", cwd=Path(aside))
    return output.stdout.decode("utf-8") if output.status == 0 else None


def _by_hand(old: str, new: str, path: str) -> str:
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=1)
    return "\n".join((f"{path} was edited where it has to change, and was left alone; it lacks this:", *[*lines][2:]))


def _read(path: Path) -> tuple[str | None, str]:
    """Returns the text of a file with plain line ends, and the line ends that it has."""
    try:
        text = path.read_bytes().decode("utf-8") if path.exists() else None
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"{path} cannot be read: {error}") from error
    if text is None or text.count("\r\n") != text.count("\n") or not text.count("\n"):
        return text, "\n"
    return text.replace("\r\n", "\n"), "\r\n"
