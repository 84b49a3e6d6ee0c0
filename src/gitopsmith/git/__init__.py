"""What git knows about a checkout, asked of the git program."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from gitopsmith import tools
from gitopsmith.finding import Failure

OPTIONS = ("-c", "core.quotepath=off", "-c", "core.fsmonitor=false", "-c", "safe.directory=*")
"""What makes git answer about a checkout that another user owns, as in CI's containers, and run nothing named in it."""

_DIFF = ("diff", "--name-only", "--no-renames", "--no-ext-diff", "--ignore-submodules=dirty", "-z", "--relative")


def _lines(root: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> list[str] | None:
    try:
        output = tools.run("git", *OPTIONS, *arguments, cwd=root, environment=environment)
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


def origin(root: Path) -> str:
    """Returns the URL of the remote that is called origin, else of the first one; an empty text when there is none."""
    found = _lines(root, "config", "--get", "remote.origin.url") or remotes(root)
    return found[0] if found else ""


def files(root: Path) -> tuple[str, ...] | None:
    """Returns what the work tree has of what git tracks or would add, relative to ``root``; None outside of one.

    A file that was deleted is still tracked until that is staged.
    """
    found = _lines(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ".")
    return None if found is None else tuple(sorted(path for path in set(found) if os.path.lexists(f"{root}/{path}")))


def is_committed(root: Path, path: str) -> bool:
    """Tells whether git has the very content that a file has now."""
    return bool(_lines(root, "ls-files", "--", path)) and _lines(root, "diff", "HEAD", "--name-only", "--", path) == []


def uncommitted(root: Path) -> tuple[str, ...]:
    """Returns what differs from the last commit, files that git does not track and would not ignore included."""
    found = _lines(root, "status", "--porcelain", "-z", "--untracked-files=all", "--no-renames") or []
    return tuple(sorted(line[3:] for line in found))


def commit(root: Path, revision: str = "HEAD") -> str:
    """Returns the commit that a revision is, an empty text when this checkout has none."""
    found = _lines(root, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    return found[0] if found else ""


def distance(root: Path, older: str, newer: str) -> int:
    """Returns how many commits the second revision has that the first has not; both must be in this checkout."""
    found = _lines(root, "rev-list", "--count", f"{older}..{newer}")
    return int(found[0]) if found else 0


def merge_base(root: Path, one: str, other: str) -> str:
    """Returns the commit that two revisions have in common, an empty text when this checkout has none."""
    found = _lines(root, "merge-base", one, other)
    return found[0] if found else ""


def default_branch(root: Path) -> str:
    """Returns the branch that changes are made for: origin's own, else main or master; an empty text without any."""
    names = ("refs/remotes/origin/HEAD", "refs/remotes/origin/main", "refs/remotes/origin/master")
    known = (name for name in (*names, "refs/heads/main", "refs/heads/master") if commit(root, name))
    return next(known, "")


def is_shallow(root: Path) -> bool:
    """Tells whether a clone has only the newest commits."""
    return _lines(root, "rev-parse", "--is-shallow-repository") == ["true"]


def read_out(top: Path, commit: str, folder: Path, environment: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Writes the files of a commit to ``folder``/tree as a checkout would, and returns their paths.

    ``environment`` is added to what git gets. The work tree and the index of the checkout stay as they are. Raises
    Failure with git's complaint.
    """
    index = {**(environment or {}), "GIT_INDEX_FILE": str(folder / "index")}
    options = (*OPTIONS, "-c", "core.sparseCheckout=false")
    target = f"--prefix={folder / 'tree'}{os.sep}"
    for arguments in (("read-tree", commit), ("checkout-index", "--all", "--force", "--quiet", target)):
        output = tools.run("git", *options, *arguments, cwd=top, environment=index)
        if output.status != 0:
            raise Failure(f"git cannot read commit {commit[:12]}: {output.complaint}", status=3)
    (folder / "tree").mkdir(exist_ok=True)
    return tuple(sorted(_lines(top, "ls-tree", "-r", "-z", "--name-only", "--full-tree", commit) or ()))


def changed(root: Path, revision: str) -> tuple[str, ...] | None:
    """Returns the files below ``root`` that differ from a revision, both names of a renamed one, untracked ones too.

    None where git cannot tell.
    """
    found = _lines(root, *_DIFF, revision, "--", ".")
    untracked = _lines(root, "ls-files", "-z", "--others", "--exclude-standard", "--", ".")
    return None if found is None or untracked is None else tuple(sorted({*found, *untracked}))


def staged(root: Path) -> tuple[str, ...] | None:
    """Returns the files below ``root`` that the next commit changes, deletes or renames; None where git cannot tell."""
    found = _lines(root, *_DIFF, "--cached", "--", ".", environment=_index())
    return None if found is None else tuple(sorted(found))


def read_index(top: Path, folder: Path) -> None:
    """Writes the files of the next commit below a folder, as a checkout would. Raises Failure with git's complaint."""
    options = (*OPTIONS, "-c", "core.sparseCheckout=false")
    arguments = ("checkout-index", "--all", "--force", "--quiet", f"--prefix={folder}{os.sep}")
    output = tools.run("git", *options, *arguments, cwd=top, environment=_index())
    if output.status != 0:
        raise Failure(f"git cannot read the index: {output.complaint}", status=3)


def holding(root: Path, revision: str, text: str) -> frozenset[str]:
    """Returns the files below ``root`` that held a text in a revision."""
    found = _lines(root, "grep", "-l", "-z", "-F", "-e", text, revision, "--", ".") or []
    return frozenset(name.removeprefix(f"{revision}:") for name in found)


def _index() -> dict[str, str]:
    """Returns what names the index of a commit under way: git gives hooks another one for ``commit --all``."""
    named = os.environ.get("GIT_INDEX_FILE")
    return {"GIT_INDEX_FILE": str(Path(named).absolute())} if named else {}


class Branch(NamedTuple):
    """What a remote says of one branch: its commit, empty when it has no such branch; or why it says nothing."""

    commit: str = ""
    complaint: str = ""


def ask(
    url: str, branch: str, *, options: tuple[str, ...] = (), environment: Mapping[str, str] | None = None
) -> Branch:
    """Asks a remote, outside of any checkout, for the commit of one branch; git's options and environment may be added.

    Raises tools.TimedOut when the remote does not answer within half a minute.
    """
    command = ("git", *OPTIONS, *options, "ls-remote", "--", url, f"refs/heads/{branch}")
    output = tools.run(*command, cwd=Path(Path.cwd().anchor), environment=environment, timeout=30)
    if output.status != 0:
        return Branch(complaint=output.complaint or f"git ended with status {output.status}")
    return Branch(output.stdout.decode("utf-8", "replace").partition("\t")[0].strip())


class Logged(NamedTuple):
    """One commit of a branch. ``trailers`` are the last lines of its message, ``Name: value``."""

    commit: str
    when: datetime
    author: str
    subject: str
    trailers: dict[str, str]


_FORMAT = "%H%x00%cI%x00%an%x00%s%x00%(trailers:only,unfold)%x01"


def log(root: Path, revision: str, paths: Iterable[str], count: int = 0) -> Iterator[Logged]:
    """Yields the commits of a branch itself that touched some paths of the work tree, newest first; at most ``count``.

    What a merge brought is one commit; a file that was renamed is two paths. Raises Failure with git's complaint.
    """
    most = (f"--max-count={count}",) if count else ()
    told = ("log", "--first-parent", "--no-show-signature", f"--format={_FORMAT}", *most, revision, "--")
    literal = (f":(top,literal){path}" for path in paths)
    failing = f"git cannot tell the history of {revision[:12]}"
    for line in _told(root, *told, *literal, failing=failing).split("\x01"):
        if line.strip():
            yield _logged(line.lstrip("\n"))


def touching(root: Path, revision: str, count: int) -> Iterator[tuple[Logged, frozenset[str]]]:
    """Yields the newest commits of a branch itself, newest first, each with the paths of the work tree it touched.

    What a merge brought is one commit; a file that was renamed is two paths. Raises Failure with git's complaint.
    """
    told = ("log", "--first-parent", "--diff-merges=first-parent", "--no-show-signature", "--no-ext-diff")
    listed = ("--name-only", "--no-renames", "-z", f"--format=%x01{_FORMAT}", f"--max-count={count}", revision)
    failing = f"git cannot tell the history of {revision[:12]}"
    pieces = _told(root, *told, *listed, failing=failing).split("\x01")
    for logged, names in zip(pieces[1::2], pieces[2::2], strict=True):
        yield _logged(logged), frozenset(filter(None, (name.lstrip("\n") for name in names.split("\0"))))


def between(root: Path, older: str, newer: str) -> frozenset[str]:
    """Returns the paths of the work tree that differ between two commits. Raises Failure where git has not both."""
    told = ("diff", "--name-only", "--no-renames", "--no-ext-diff", "-z", older, newer, "--")
    failing = f"git cannot compare {older[:12]} with {newer[:12]}"
    return frozenset(filter(None, _told(root, *told, failing=failing).split("\0")))


def _told(root: Path, *arguments: str, failing: str) -> str:
    """Returns what git says about the whole work tree. Raises Failure with its complaint."""
    output = tools.run("git", *OPTIONS, *arguments, cwd=toplevel(root) or root)
    if output.status != 0:
        raise Failure(f"{failing}: {output.complaint}", status=3)
    return output.stdout.decode("utf-8", "surrogateescape")


def _logged(line: str) -> Logged:
    readable = line.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    commit, when, author, subject, told = readable.split("\0")
    pairs = (trailer.partition(": ") for trailer in told.splitlines() if ": " in trailer)
    return Logged(commit, datetime.fromisoformat(when), author, subject, {name: value for name, _, value in pairs})


def text(root: Path, commit: str) -> str:
    """Returns the message of a commit, an empty text where this checkout has no such commit."""
    return "\n".join(_lines(root, "log", "-1", "--no-show-signature", "--format=%B", "-z", commit) or ())


def brought(root: Path, commit: str, like: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Returns what a commit of a branch brought, each by name with its message, where a line of that begins so.

    That is the commit itself and, where it is a merge, what it merged; newest first.
    """
    options = ("-z", "--no-show-signature", "--format=%H%n%B", "--basic-regexp")
    told = ("log", *options, *(f"--grep=^{one}" for one in like), commit)
    found = _lines(root, *told, "--not", f"{commit}^1")
    if found is None:  # the first commit of a history, and the last one of a shallow clone, have none before them
        found = _lines(root, *told, "--max-count=1")
    pieces = (line.partition("\n") for line in found or ())
    return tuple((name, message) for name, _, message in pieces)


def bringing(root: Path, tip: str, like: str) -> frozenset[str]:
    """Returns the commits of a branch with a line that begins so in their message, or in that of one that they merged.

    A commit that came by a merge stands for that merge. Nothing where git tells nothing.
    """
    own = _lines(root, "rev-list", "--first-parent", tip) or []
    position = {name: number for number, name in enumerate(own)}
    found = set()
    for name in _lines(root, "log", "--format=%H", "--basic-regexp", f"--grep=^{like}", tip) or ():
        later = [name] if name in position else _lines(root, "rev-list", "--ancestry-path", f"{name}..{tip}") or []
        found |= {max((one for one in later if one in position), key=position.__getitem__, default=name)}
    return frozenset(found)


def branch(root: Path) -> str:
    """Returns the branch that is checked out, an empty text when HEAD is detached."""
    found = _lines(root, "symbolic-ref", "--quiet", "--short", "HEAD")
    return found[0] if found else ""


def below(root: Path) -> str:
    """Returns where a folder lies in its work tree, an empty text for the top and outside of any."""
    found = _lines(root, "rev-parse", "--show-prefix")
    return found[0] if found else ""


def setting(root: Path, name: str, kind: str = "") -> str:
    """Returns what git is told by a setting, an empty text where it is told nothing."""
    found = _lines(root, "config", *((f"--type={kind}",) if kind else ()), "--get", name)
    return found[0] if found else ""


def contains(root: Path, newer: str, older: str) -> bool:
    """Tells whether a commit has another one in its history, or is that one."""
    return _lines(root, "merge-base", "--is-ancestor", older, newer) is not None


def remote_names(root: Path) -> tuple[str, ...]:
    """Returns what the clone calls its remotes."""
    return tuple(_lines(root, "remote") or ())
