"""Which entries kustomize fetches from elsewhere (``api/internal/git/repospec.go`` of v0.21)."""

from __future__ import annotations

import posixpath
import re
from typing import NamedTuple
from urllib.parse import unquote_plus

_USER = re.compile(r"[a-zA-Z][a-zA-Z0-9-]*@")
_FILE = "file://"
_SCHEMES = ("ssh://", "https://", "http://", _FILE)
_GITHUB = ("github.com/", "github.com:")
_ORGANISATION_AND_REPOSITORY = 2
_FALSE = frozenset({"0", "f", "F", "false", "False", "FALSE"})


def is_remote(entry: str) -> bool:
    """Tells whether kustomize fetches an entry: by HTTP, or with git."""
    return is_url(entry) or is_repository(entry)


def is_url(entry: str) -> bool:
    """Tells whether kustomize asks for an entry by HTTP before it tries anything else."""
    return entry.lower().startswith(("http://", "https://"))


class Remote(NamedTuple):
    """A directory in a git repository. ``url`` is what kustomize gives to git; a ``reference`` may be empty."""

    url: str
    path: str
    reference: str
    submodules: bool = True


def is_repository(entry: str) -> bool:
    """Tells whether kustomize takes an entry for a place in a git repository."""
    return read_remote(entry) is not None


def read_remote(entry: str) -> Remote | None:
    """Returns the place in a git repository that an entry names, None for one that names none."""
    if entry.startswith("/"):
        return None
    rest = entry.partition("?")[0]
    rest = rest[len("git::") :] if rest.lower().startswith("git::") else rest
    host, path = _host(rest)
    parts = _parts(path, path if host == _FILE else _by_default(path)) if host else None
    if parts is None:
        return None
    return Remote(host + parts[0], parts[1], remote_reference(entry), _query(entry).get("submodules") not in _FALSE)


def remote_reference(entry: str) -> str:
    """Returns the revision that a remote entry asks for, empty when it follows the default branch."""
    values = _query(entry)
    return values.get("ref") or values.get("version") or ""


def _query(entry: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for pair in entry.partition("?")[2].split("&"):
        name, _, value = pair.partition("=")
        values.setdefault(name, unquote_plus(value))
    return values


def _host(rest: str) -> tuple[str, str]:
    """Cuts a URL behind its host, which is written as kustomize writes it; an empty host where that finds none."""
    scheme = next((known for known in _SCHEMES if rest.lower().startswith(known)), "")
    rest = rest[len(scheme) :]
    if scheme == _FILE:
        return scheme, rest
    match = _USER.match(rest)
    user = match[0] if match else ""
    rest = rest[len(user) :]
    github = rest.lower().startswith(_GITHUB)
    if not (scheme or user or github):
        return "", ""
    end = _end_of_host(rest, scp_style=not scheme)
    host, path = rest[:end], rest[end:]
    if github:
        return (f"{user}github.com:" if user or scheme == "ssh://" else "https://github.com/"), path
    return (f"{scheme}{user}{host}" if host else ""), path


def _end_of_host(rest: str, *, scp_style: bool) -> int:
    """Returns where a host ends: behind a slash, or behind a colon where git's short style is allowed."""
    slash, colon = rest.find("/"), rest.find(":")
    if scp_style and (slash < 0 or 0 < colon < slash):
        slash = colon
    return slash + 1 if slash >= 0 else len(rest)


def _by_default(path: str) -> str:
    segments = path.split("/")
    return "/".join(segments[:_ORGANISATION_AND_REPOSITORY]) if len(segments) > 1 else ""


def _parts(path: str, by_default: str) -> tuple[str, str] | None:
    """Cuts a path behind the repository's name; None where it names none, or a place outside of it."""
    before, azure, after = path.partition("_git/")
    if azure:
        name, _, inside = after.partition("/")
        repository = f"{before}{azure}{name}"
    elif "//" in path:
        repository, _, inside = path.partition("//")
    elif ".git" in path:
        repository, suffix, inside = path.partition(".git")
        repository += suffix
    else:
        repository, inside = by_default, path[len(by_default) :]
    inside = inside.removeprefix("/")
    return (repository, inside) if repository and posixpath.normpath(inside).split("/")[0] != ".." else None
