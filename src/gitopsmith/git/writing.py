"""Makes commits without a work tree, an index or a branch of the user's, and sends them to a remote.

Objects are written into the clone, where git's own housekeeping takes away those that nothing names. So a run that is
killed leaves nothing that anybody sees.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from gitopsmith import git, tools
from gitopsmith.finding import Failure
from gitopsmith.tools import Output

FILE = "100644"
"""The mode of a file that is no program and no link."""
PROGRAM = "100755"
TIMEOUT = 60.0
"""Seconds that a remote has for one answer."""
_FETCH = ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--refmap=")
"""Brings commits, and moves no ref of the clone."""
NOBODY = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "gitopsmith"), ("EMAIL", "gitopsmith@localhost"))
}
"""Who commits where git has not been told who does."""


DEAF = "this server takes no push options"
"""What is said for a server that could not be told more than the commit."""


class Entry(NamedTuple):
    """One file of a tree: its mode, as git writes it, and the object that is its content."""

    mode: str
    blob: str

    @property
    def is_file(self) -> bool:
        """Tells whether it is no link, and no other repository."""
        return self.mode in {FILE, PROGRAM}


class Refusal(NamedTuple):
    """Why a remote did not take a commit: git's words, and whether somebody else was faster."""

    reason: str
    is_race: bool


_RACES = ("fetch first", "non-fast-forward", "stale info", "cannot lock ref", "failed to update ref", "incorrect old")
"""What git and servers say of a branch that moved while it was pushed to."""


def newest(root: Path, remote: str, branch: str) -> str:
    """Brings the newest commit of a remote's branch into the clone, and returns it; an empty text without a branch.

    What begins with ``refs/`` is the whole name of a ref. No ref of the clone moves. A shallow clone gets what is new
    since it was made. Raises Failure with git's complaint.
    """
    listed = _run(root, "ls-remote", remote, _ref(branch), failing=f"{remote} does not answer")
    commit = listed.partition("\t")[0].strip()
    if commit and not git.commit(root, commit):
        _run(root, *_FETCH, remote, _ref(branch), failing=f"{remote} does not give its {branch}")
        if not git.commit(root, commit):
            raise Failure(f"{branch} at {remote} was rewritten while it was fetched; try again", status=3)
    return commit


def heads(root: Path, remote: str) -> tuple[str, frozenset[str]]:
    """Returns the branch that a remote calls its own, an empty text where it tells none, and all that it has."""
    listed = _run(root, "ls-remote", "--symref", remote, "HEAD", "refs/heads/*", failing=f"{remote} does not answer")
    own, branches = "", set()
    for line in listed.splitlines():
        told, _, name = line.partition("\t")
        if told.startswith("ref: ") and name == "HEAD":
            own = told.removeprefix("ref: refs/heads/")
        elif name.startswith("refs/heads/"):
            branches.add(name.removeprefix("refs/heads/"))
    return own, frozenset(branches)


def deepen(root: Path, remote: str, branch: str) -> None:
    """Brings the whole history of a branch into a shallow clone. Raises Failure with git's complaint."""
    _run(root, *_FETCH, "--unshallow", remote, _ref(branch), failing=f"{remote} does not give its history")


def entries(root: Path, tree: str, paths: Iterable[str] = ()) -> dict[str, Entry]:
    """Returns the files of a tree or commit by path; with ``paths``, those that are one of them or lie below one."""
    listed = _run(
        root, "ls-tree", "-r", "-z", "--full-tree", tree, "--", *paths, failing=f"git cannot list {tree[:12]}"
    )
    found = {}
    for line in filter(None, listed.split("\0")):
        told, _, path = line.partition("\t")
        mode, _, blob = told.split(" ")
        found[path] = Entry(mode, blob)
    return found


def content(root: Path, blob: str) -> bytes:
    """Returns what an object of git holds. Raises Failure where the clone has no such object."""
    return _output(root, "cat-file", "blob", blob, failing=f"git has no content {blob[:12]}").stdout


def contents(root: Path, blobs: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """Yields objects of git by name with what they hold. Raises Failure where the clone lacks one."""
    if not blobs:
        return
    asked = "".join(f"{blob}\n" for blob in blobs).encode()
    told = _output(root, "cat-file", "--batch", "--buffer", stdin=asked, failing="git cannot read objects").stdout
    start = 0
    for blob in blobs:
        end = told.index(b"\n", start)
        size = told[start:end].rpartition(b" ")[2]
        if not size.isdigit():
            raise Failure(f"git has no content {blob[:12]}", status=3)
        yield blob, told[end + 1 : end + 1 + int(size)]
        start = end + 2 + int(size)


def check_out(root: Path, files: Mapping[str, Entry], folder: Path) -> None:
    """Writes some files of the clone to ``folder``/tree as a checkout would. Raises Failure with git's complaint."""
    index = {"GIT_INDEX_FILE": str(folder / "index")}
    told = _index_lines(files).encode("utf-8", "surrogateescape")
    options = ("-c", "core.sparseCheckout=false")
    target = f"--prefix={folder / 'tree'}{os.sep}"
    failing = "git cannot read files out"
    top = git.toplevel(root) or root
    _run(top, "update-index", "-z", "--index-info", stdin=told, environment=index, failing=failing)
    _run(top, *options, "checkout-index", "--all", "--force", "--quiet", target, environment=index, failing=failing)
    (folder / "tree").mkdir(exist_ok=True)


def _index_lines(changes: Mapping[str, Entry | None]) -> str:
    return "".join(
        f"{entry.mode} {entry.blob}\t{path}\0" if entry else f"0 {'0' * 40}\t{path}\0"
        for path, entry in changes.items()
    )


def text(root: Path, blob: str) -> str:
    """Returns what an object of git holds as text; bytes that are no UTF-8 survive."""
    return content(root, blob).decode("utf-8", "surrogateescape")


def entry_at(root: Path, commit: str, path: str) -> Entry | None:
    """Returns the file of a commit at a path, None where it has no such file."""
    return entries(root, commit, (path,)).get(path)


def text_at(root: Path, commit: str, path: str) -> str | None:
    """Returns the text of a file in a commit, None where it has no such file."""
    entry = entry_at(root, commit, path)
    return text(root, entry.blob) if entry else None


def store_text(root: Path, text: str) -> str:
    """Writes a text into the clone, and returns the name of the object."""
    return store(root, text.encode("utf-8", "surrogateescape"))


def store(root: Path, data: bytes) -> str:
    """Writes content into the clone as it is, and returns the name of the object."""
    return _run(root, "hash-object", "-w", "--no-filters", "--stdin", stdin=data, failing="git cannot write").strip()


def changed_tree(root: Path, tree: str, changes: Mapping[str, Entry | None]) -> str:
    """Returns the tree that another one becomes with some files changed, added or, for None, taken away."""
    told = _index_lines(changes).encode("utf-8", "surrogateescape")
    with tempfile.TemporaryDirectory(prefix="gitopsmith-") as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        _run(root, "read-tree", tree, environment=index, failing=f"git cannot read {tree[:12]}")
        _run(
            root, "update-index", "-z", "--index-info", stdin=told, environment=index, failing="git cannot change files"
        )
        return _run(root, "write-tree", environment=index, failing="git cannot write a tree").strip()


def commit_tree(root: Path, tree: str, parent: str, message: str) -> str:
    """Returns a new commit with a tree, on top of another commit if any; signed where the user signs commits."""
    signed = git.setting(root, "commit.gpgsign", kind="bool") == "true"
    arguments = ("commit-tree", tree, *(("-p", parent) if parent else ()), *(("-S",) if signed else ()))
    nobody = {} if is_known(root) else NOBODY
    text = message.encode("utf-8", "surrogateescape")
    return _run(root, *arguments, stdin=text, environment=nobody, failing="git cannot make a commit").strip()


def is_known(root: Path) -> bool:
    """Tells whether git has been told who commits."""
    return _output(root, "var", "GIT_COMMITTER_IDENT").status == 0


def push(root: Path, remote: str, commit: str, branch: str) -> Refusal | None:
    """Sends a commit to a branch or ref of a remote, and returns why it was refused, None where it was not.

    It goes there only on top of what the branch has. A remote that does not answer in time may have taken it all the
    same. The user's own hook for pushes is left out: it would judge a work tree that has nothing to do with the commit.
    """
    try:
        output = _push(root, remote, commit, branch)
    except tools.TimedOut as error:
        return Refusal(
            f"{error}, and the commit may arrive yet; look at the branch before you try again", is_race=False
        )
    if output.status == 0:
        return None
    said = _said(output)
    return Refusal(_reason(said), any(words in said for words in _RACES))


def publish(root: Path, remote: str, commit: str, branch: str, over: str, asked: Iterable[str] = ()) -> tuple[str, ...]:
    """Sends a commit to a branch of its own, and returns what the server says to people.

    The branch has to be at the commit ``over``, or not to be there where that is empty. ``asked`` are push options; a
    server that knows none does without, and ``DEAF`` is said for it. Raises Failure with the server's words.
    """
    lease = f"--force-with-lease=refs/heads/{branch}:{over}"
    output = _push(root, remote, commit, branch, lease, *(f"--push-option={one}" for one in asked))
    is_deaf = output.status != 0 and bool(asked) and "does not support push options" in output.complaint
    if is_deaf:
        output = _push(root, remote, commit, branch, lease)
    if output.status != 0:
        raise Failure(f"{remote} does not take the branch {branch}: {_reason(_said(output))}", status=3)
    return (*_of_server(_said(output)), *((DEAF,) if is_deaf else ()))


def _push(root: Path, remote: str, commit: str, branch: str, *options: str) -> Output:
    target = f"{commit}:{_ref(branch)}"
    return _output(root, "push", "--porcelain", "--no-verify", "--quiet", *options, remote, target)


def _said(output: Output) -> str:
    return f"{output.stdout.decode('utf-8', 'replace')}\n{output.complaint}"


def _of_server(said: str) -> list[str]:
    lines = (line.strip() for line in said.splitlines())
    words = (line.removeprefix("remote:").strip() for line in lines if line.startswith("remote:"))
    return [line for line in words if line]


def _ref(branch: str) -> str:
    return branch if branch.startswith("refs/") else f"refs/heads/{branch}"


def _reason(said: str) -> str:
    """Returns what a person must read of a push that failed: the server's own words, else git's verdict."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    server = _of_server(said)
    verdict = [line.split("\t")[-1] for line in lines if line.startswith("!")]
    fatal = [line for line in lines if line.startswith(("fatal:", "error:"))]
    return "; ".join(filter(None, [*server[:5], *verdict])) or "; ".join(fatal[:2]) or "git push failed"


def _run(
    root: Path, *arguments: str, failing: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None
) -> str:
    output = _output(root, *arguments, stdin=stdin, environment=environment, failing=failing)
    return output.stdout.decode("utf-8", "surrogateescape")


def _output(
    root: Path,
    *arguments: str,
    stdin: bytes = b"",
    environment: Mapping[str, str] | None = None,
    failing: str = "",
) -> Output:
    output = tools.run(
        *("git", *git.OPTIONS, *arguments), cwd=root, stdin=stdin, environment=environment, timeout=TIMEOUT
    )
    if failing and output.status != 0:
        raise Failure(f"{failing}: {output.complaint or f'git ended with status {output.status}'}", status=3)
    return output
