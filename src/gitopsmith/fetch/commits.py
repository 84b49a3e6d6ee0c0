"""Has git bring one commit of a repository, by a tag or by its full name, and nothing of its history."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

from gitopsmith import tools
from gitopsmith.fetch import credentials
from gitopsmith.fetch.refusal import Moving, Refused

MAX_PACK = 256 * 1024 * 1024
"""Bytes of what git sends, packed."""
MAX_FILES = 100_000
MAX_CONTENT = 1024 * 1024 * 1024
"""Bytes of all files together: a small pack can hold what fills a disk."""
MEMORY = 4 * 1024 * 1024
"""KiB that git may take."""
_LISTED = 32 * 1024 * 1024
_BOUND = f'ulimit -f {MAX_PACK // 512} 2>/dev/null; ulimit -v {MEMORY} 2>/dev/null; exec "$@"'
_CUT = f'"$@" | head -c {_LISTED}'
_COMMIT = re.compile(r"[0-9a-f]{40}\Z")
_TAG = re.compile(r"(refs/tags/|tags/)?[0-9A-Za-z_][0-9A-Za-z_./+-]*\Z")
_URL = re.compile(
    r"(https?://|ssh://|[A-Za-z][A-Za-z0-9-]*@|github\.com:)[^-\s\\\"'\x00-\x1f\x7f][^\s\\\"'\x00-\x1f\x7f]*\Z"
)
_SUBMODULE = "160000"
OPTIONS = ("-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0", "-c", "fetch.unpackLimit=1", "-c", "pack.threads=1")
"""What has git run nothing and keep what it brings in one file, whose size is bounded."""
ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "http:https:ssh",
    "GIT_ASKPASS": "",
    "SSH_ASKPASS_REQUIRE": "never",
    "GCM_INTERACTIVE": "never",
    "GIT_LFS_SKIP_SMUDGE": "1",
}
"""Whoever has a password or key ready may use it; nobody is asked for one."""
OWN_FILES_ONLY = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
"""No filter that a user has configured for files of their own looks at files from elsewhere."""


class Place(NamedTuple):
    """A git repository at a tag or a full commit."""

    url: str
    reference: str

    @property
    def is_commit(self) -> bool:
        return _COMMIT.match(self.reference) is not None

    @property
    def tag(self) -> str:
        """The full name of the tag that is asked for."""
        return f"refs/tags/{self.reference.removeprefix('refs/').removeprefix('tags/')}"

    @property
    def is_askable(self) -> bool:
        """Tells whether git takes both for what they are: it would read some letters as options or as a command."""
        return bool(_URL.match(self.url) and _TAG.match(self.reference) and ".." not in self.reference)

    def __str__(self) -> str:
        return f"{credentials.without(self.url)} at {self.reference}"


class Brought(NamedTuple):
    """What came: the commit, the one file that holds it, and whether it has submodules, whose files did not come."""

    commit: str
    pack: Path
    submodules: bool


def bring(place: Place, folder: Path, seconds: float) -> Brought:
    """Makes a repository in an empty folder that holds the files of one commit.

    Raises Moving where the tag is a branch, and Refused where nothing of the name can be had, or it is too much.
    """
    wanted = place.reference if place.is_commit else place.tag
    _run(place, folder, 20, "init", "--quiet", "--template=")
    arguments = ("--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--", place.url, wanted)
    asking = ENVIRONMENT | _ssh(folder)
    try:
        _run(place, folder, seconds, "fetch", *arguments, environment=asking)
    except _Absent:
        _refuse_branch(place, folder, seconds, asking)
        raise
    commit = _run(place, folder, 20, "rev-parse", "--verify", "FETCH_HEAD^{commit}").strip()
    if place.is_commit and commit != place.reference:
        raise Refused(f"{place}: the server sends another commit, {commit[:12]}")
    packs = list((folder / ".git/objects/pack").glob("*.pack"))
    if len(packs) != 1:
        raise Refused(f"{place}: git brought {len(packs)} packs")
    return Brought(commit, packs[0], _has_submodules(place, folder, commit))


def _refuse_branch(place: Place, folder: Path, seconds: float, asking: dict[str, str]) -> None:
    """Raises Moving where a name that is no tag is a branch: how either is called is up to its repository."""
    branch = place.tag.replace("refs/tags/", "refs/heads/", 1)
    asked = () if place.is_commit else ("ls-remote", "--quiet", "--", place.url, branch)
    if asked and _run(place, folder, seconds, *asked, environment=asking).strip():
        raise Moving(f"{place} is a branch")


class _Absent(Refused):
    """The repository is there, and has nothing of this name."""


def _ssh(folder: Path) -> dict[str, str]:
    """Returns the user's own ssh, told not to ask."""
    known = os.environ.get("GIT_SSH_COMMAND", "")
    if not known:
        said = tools.run("git", "config", "--get", "core.sshCommand", cwd=folder, timeout=20)
        known = said.stdout.decode("utf-8", "replace").strip() or "ssh"
    return {"GIT_SSH_COMMAND": f"{known} -o BatchMode=yes"}


def _has_submodules(place: Place, folder: Path, commit: str) -> bool:
    """Counts the files of a commit before anybody writes them. Raises Refused for too many."""
    command = ("git", *OPTIONS, "ls-tree", "-r", "-l", "--full-tree", commit)
    try:
        listed = tools.run("sh", "-c", _CUT, "sh", *command, cwd=folder, timeout=60).stdout
    except tools.TimedOut as error:
        raise Refused(f"{place} holds too many files") from error
    rows = [line.split(b"\t", 1)[0].split() for line in listed.splitlines() if b"\t" in line]
    size = sum(int(row[3]) for row in rows if len(row) > 3 and row[3].isdigit())
    if len(listed) >= _LISTED or len(rows) > MAX_FILES or size > MAX_CONTENT:
        raise Refused(f"{place} holds more than {MAX_FILES} files or {MAX_CONTENT >> 20} MiB")
    return any(row[0] == _SUBMODULE.encode() for row in rows)


def _run(place: Place, folder: Path, seconds: float, *arguments: str, environment: dict[str, str] | None = None) -> str:
    command = ("sh", "-c", _BOUND, "sh", "git", *OPTIONS, *arguments)
    try:
        output = tools.run(*command, cwd=folder, timeout=seconds, environment=environment)
    except tools.TimedOut as error:
        raise Refused(f"{place} did not come within {seconds:g} seconds") from error
    if output.status != 0:
        raise _refused(place, output.complaint)
    return output.stdout.decode("utf-8", "replace")


def _refused(place: Place, said: str) -> Refused:
    if re.search(r"couldn't find remote ref|not our ref|no such remote ref|not allow request for", said):
        return _Absent(f"{place}: there is no such tag or commit")
    return Refused(f"{place}: {_reason(said)}")


def _reason(said: str) -> str:
    """Says in a few words why git failed."""
    if re.search(r"signal 25|File too large|File size limit|out of memory|malloc", said, re.IGNORECASE):
        return "what the server sends is too much"
    if re.search(r"Authentication failed|could not read (Username|Password)|Permission denied|error: 40[13]", said):
        return "access is denied; give git your credentials (a credential helper, .netrc, or a key in an ssh agent)"
    if re.search(r"not found|error: 404", said, re.IGNORECASE):
        return "there is no such repository, or no access to it"
    lines = [line for line in said.splitlines() if line.startswith(("fatal: ", "error: "))] or said.splitlines()[-1:]
    return credentials.without(" ".join(lines[:1]).partition(": ")[2] or said)[:300]
