"""Looks at files that no kustomization reads: credentials by their files' names, and what makes a clone large."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator

from gitopsmith import secrets
from gitopsmith.evaluate import Judge
from gitopsmith.finding import Finding, Location
from gitopsmith.graph import Discovery
from gitopsmith.secrets import Credential
from gitopsmith.tree import is_yaml

SECRET, LARGE = "secret-file-committed", "file-too-large"
MAX_BYTES = 1024 * 1024
"""A larger file is none that a person or a tool writes a credential to, and no text that somebody edits."""
_ENVIRONMENT = re.compile(r"\.env(\.[\w-]+)?\Z")
_KEY = re.compile(r"\.(pem|key)\Z|(\A|/)id_(rsa|dsa|ecdsa|ed25519)\Z")
_KUBECONFIG = re.compile(r"(\A|[/._-])kubeconfig([._-][^/]*)?\Z|(\A|/)\.kube/config\Z")
_IS_CONFIG = re.compile(r"(?m)^kind:[ \t]*Config[ \t]*\r?$")
_MADE_UP = re.compile(r"example|sample|template|\.dist\Z|(\A|[/._-])(testdata|tests|fixtures?|e2e|mocks?|dummy)[/._-]")


def check_committed(judge: Judge, discovery: Discovery, only: frozenset[str] | None) -> list[Finding]:
    """Returns what is wrong with the files that no kustomization reads, those that are named or all."""
    files = set(judge.tree.files) if only is None else only & set(judge.tree.files)
    unread = sorted(files - discovery.included) if {SECRET, LARGE} & set(judge.rules) else ()
    found: list[Finding] = []
    for path in unread:
        if SECRET in judge.rules and not _MADE_UP.search(path.lower()):
            found += _of_secret(judge, path)
        if LARGE in judge.rules and not (is_yaml(path) or path.endswith(".tgz")):
            found += _of_size(judge, path)
    return found


def _of_size(judge: Judge, path: str) -> Iterator[Finding]:
    try:
        about = (judge.tree.root / path).lstat()
    except OSError:
        return
    if stat.S_ISREG(about.st_mode) and about.st_size > MAX_BYTES:
        message = f"this file of {about.st_size / MAX_BYTES:.1f} MiB is fetched by every repo-server of Argo CD"
        place = Location(path, 1, 1, 1, 2)
        yield Finding(LARGE, judge.rules[LARGE], f"{message}; keep it outside of the repository", place)


def _of_secret(judge: Judge, path: str) -> Iterator[Finding]:
    is_key = _KEY.search(path) is not None
    is_kubeconfig = _KUBECONFIG.search(path) is not None
    if not (is_key or is_kubeconfig or _ENVIRONMENT.search(path)):
        return
    data = judge.tree.data(path) or b""
    text = data.decode("utf-8", "replace") if len(data) <= MAX_BYTES and b"\0" not in data else ""
    found = _credential(text, is_key=is_key)
    if found is not None and (not is_kubeconfig or _IS_CONFIG.search(text)):
        line = _line(text)
        message = f"this file holds {found.what} in plain text; replace it, and keep the file out of git"
        yield Finding(SECRET, min(found.severity, judge.rules[SECRET]), message, Location(path, line, 1, line, 2))


def _credential(text: str, *, is_key: bool) -> Credential | None:
    """Returns what a file holds; in one of a key nothing else can be told by its name."""
    if not is_key:
        return secrets.credential("", text)
    what = secrets.certain(text)
    return Credential(what, certain=True) if what else None


def _line(text: str) -> int:
    """Returns the first line that holds a credential or begins one."""
    lines = text.splitlines()
    told = (number for number, line in enumerate(lines, 1) if "PRIVATE KEY" in line or secrets.credential("", line))
    return next(told, 1)
