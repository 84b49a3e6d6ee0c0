"""Writes what takes a repository up: configuration, hook, checks and baseline; what is there already stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from gitopsmith import config, git, lint, suppress
from gitopsmith.adopt import checks, configuration
from gitopsmith.adopt.configuration import Wanted
from gitopsmith.adopt.understanding import Understood


class Plan(NamedTuple):
    """The files to write, by path: new ones, and those in which one thing is put beside what is there.

    ``kept`` are those that are there and stay, each with what its owner may want to do; ``baseline`` tells whether one
    is to be written.
    """

    files: dict[str, str]
    edited: dict[str, str]
    kept: dict[str, str]
    baseline: bool

    @property
    def is_empty(self) -> bool:
        return not (self.files or self.edited or self.baseline)


class Written(NamedTuple):
    """What was written, the new files and the edited ones, and how many findings the baseline has."""

    files: tuple[str, ...]
    edited: tuple[str, ...]
    findings: int


def plan(root: Path, understood: Understood, wanted: Wanted) -> Plan:
    """Returns what taking a repository up would write."""
    files = {config.FILE_NAME: configuration.written(understood, wanted), **dict(_checks(root, wanted))}
    kept = {path: "" for path in files if (root / path).exists()}
    edited: dict[str, str] = {}
    if wanted.hook:
        hooked = checks.hooked(root)
        if hooked is None:
            kept[checks.HOOK] = "add the call of gitopsmith lint --staged to it"
        elif not (root / checks.HOOK).exists():
            files[checks.HOOK] = hooked
        elif hooked != (root / checks.HOOK).read_bytes().decode("utf-8"):
            edited[checks.HOOK] = hooked
        else:
            kept[checks.HOOK] = ""
    if checks.INCLUDED in files:
        kept[checks.PIPELINE] = f"add to it: include: [{{local: {checks.INCLUDED}}}]"
    baseline = not (root / suppress.FILE_NAME).exists()
    kept |= {} if baseline else {suppress.FILE_NAME: ""}
    return Plan({path: text for path, text in files.items() if path not in kept}, edited, kept, baseline)


def _checks(root: Path, wanted: Wanted) -> Iterator[tuple[str, str]]:
    if wanted.ci == "github":
        yield (
            checks.WORKFLOW,
            checks.workflow(git.default_branch(root).rpartition("/")[2] or git.branch(root) or "main"),
        )
    if wanted.ci == "gitlab":
        own = root / checks.PIPELINE
        there = own.exists() and own.read_bytes() != checks.pipeline().encode()
        yield checks.INCLUDED if there else checks.PIPELINE, checks.pipeline()


def write(root: Path, planned: Plan) -> Written:
    """Writes what is planned, and the baseline of what ``lint`` finds then.

    What was written is taken away again where that fails.
    """
    before = {path: (root / path).read_bytes() if path in planned.edited else None for path in _paths(planned)}
    try:
        for path, content in (*planned.files.items(), *planned.edited.items()):
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content.encode())
        count = lint.write_baseline(lint.Options(paths=(root,)))[1] if planned.baseline else 0
    except BaseException:
        _restore(root, before)
        raise
    new = (*planned.files, *((suppress.FILE_NAME,) if planned.baseline else ()))
    return Written(new, tuple(planned.edited), count)


def _paths(planned: Plan) -> tuple[str, ...]:
    return (*planned.files, *planned.edited)


def _restore(root: Path, before: dict[str, bytes | None]) -> None:
    for path, content in before.items():
        if content is not None:
            (root / path).write_bytes(content)
        else:
            (root / path).unlink(missing_ok=True)
