"""Random changes to a repository, and what a run about a change owes to one about everything."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

from checkout import git
from gitopsmith.finding import Failure, Report
from gitopsmith.lint import Options, lint

_Key = tuple[str, str, str, str]


def findings(report: Report) -> set[_Key]:
    """Returns what tells findings apart, whatever line they moved to."""
    return {(item.rule, item.location.path, item.fingerprint, item.message) for item in report.findings}


def missed(before: set[_Key], whole: set[_Key], options: Options) -> tuple[set[_Key], set[_Key]]:
    """Returns what a change brings to a whole run and a run about it leaves out, and what only that run says."""
    part = _lint(options)
    return whole - before - part, part - whole


def _lint(options: Options) -> set[_Key]:
    """Returns the findings of a run, or that it was refused, as it is where the configuration is wrong."""
    try:
        return findings(lint(options))
    except Failure as error:
        return {("refused", "", str(error.status), "")}


def change(chance: random.Random, folder: Path) -> str:
    """Makes one change to the files below a folder, and tells which."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts)
    path = chance.choice([path for path in files if path.suffix in {".yaml", ".yml", ".json", ".env"}] or files)
    kind = chance.choice(tuple(_KINDS))
    _KINDS[kind](chance, path)
    return f"{kind} {path.relative_to(folder)}"


def _delete(_chance: random.Random, path: Path) -> None:
    path.unlink()


def _delete_folder(_chance: random.Random, path: Path) -> None:
    shutil.rmtree(path.parent) if not (path.parent / ".git").exists() else path.unlink()


def _rename(_chance: random.Random, path: Path) -> None:
    path.rename(path.with_name(f"moved-{path.name}"))


def _lose_a_line(chance: random.Random, path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    if lines:
        del lines[chance.randrange(len(lines))]
    path.write_bytes(b"".join(lines))


def _change_a_word(chance: random.Random, path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    if lines:
        at = chance.randrange(len(lines))
        key, colon, _ = lines[at].partition(b": ")
        lines[at] = (
            key + colon + chance.choice((b"latest", b"'7'", b"[]", b"../gone", b"{{ word }}", b"web:latest")) + b"\n"
        )
    path.write_bytes(b"".join(lines))


def _add_beside(_chance: random.Random, path: Path) -> None:
    shutil.copy(path, path.with_name(f"added-{path.name}"))


def _swap(chance: random.Random, path: Path) -> None:
    other = chance.choice(sorted(one for one in path.parent.iterdir() if one.is_file()))
    one, two = path.read_bytes(), other.read_bytes()
    path.write_bytes(two)
    other.write_bytes(one)


_KINDS: dict[str, Callable[[random.Random, Path], None]] = {
    "delete": _delete,
    "delete the folder of": _delete_folder,
    "rename": _rename,
    "lose a line of": _lose_a_line,
    "change a word of": _change_a_word,
    "add beside": _add_beside,
    "swap with a file beside": _swap,
}


def undo(folder: Path) -> None:
    """Brings a folder back to its last commit."""
    git(folder, "reset", "--quiet", "--hard")
    git(folder, "clean", "--quiet", "-d", "--force", "-x")


def replay(folder: Path, seeds: range, said: Callable[[str], None]) -> int:
    """Makes a change for each seed to the last commit of the current folder; counts those that a run falls short of."""
    before = findings(lint(Options()))
    failed = 0
    for seed in seeds:
        told = change(random.Random(seed), folder)
        whole = _lint(Options())
        for name, options in (("base", Options(base="HEAD")), ("staged", Options(staged=True))):
            if name == "staged":
                git(folder, "add", "--all")
            lost, made_up = missed(before, whole, options)
            if lost or made_up:
                failed += 1
                said(f"{folder.name} seed {seed} ({told}), --{name}: misses {sorted(lost)}, makes up {sorted(made_up)}")
        undo(folder)
    return failed
