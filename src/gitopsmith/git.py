"""What git knows about a checkout, asked of the git program."""

from __future__ import annotations

from pathlib import Path

from gitopsmith import tools

_OPTIONS = ("-c", "core.quotepath=off", "-c", "core.fsmonitor=false", "-c", "safe.directory=*")
"""What makes git answer about a checkout that another user owns, as in CI's containers, and run nothing named in it."""


def _lines(root: Path, *arguments: str) -> list[str] | None:
    try:
        output = tools.run("git", *_OPTIONS, *arguments, cwd=root)
    except tools.Missing:
        return None
    if output.status != 0:
        return None
    text = output.stdout.decode("utf-8", "surrogateescape")
    return [line for line in text.split("\0" if "-z" in arguments else "\n") if line]


def toplevel(path: Path) -> Path | None:
    """Returns the root of the work tree that holds a folder, None outside of one."""
    found = _lines(path, "rev-parse", "--show-toplevel")
    return Path(found[0]) if found else None


def remotes(root: Path) -> tuple[str, ...]:
    """Returns the URLs of all remotes."""
    found = _lines(root, "config", "--get-regexp", r"^remote\..*\.url$") or []
    return tuple(dict.fromkeys(line.split(" ", 1)[1] for line in found if " " in line))


def files(root: Path) -> tuple[str, ...] | None:
    """Returns what git tracks or would add, relative to ``root``; None outside of a work tree."""
    found = _lines(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ".")
    return None if found is None else tuple(sorted(set(found)))


def is_committed(root: Path, path: str) -> bool:
    """Tells whether git has the very content that a file has now."""
    return bool(_lines(root, "ls-files", "--", path)) and _lines(root, "diff", "HEAD", "--name-only", "--", path) == []
