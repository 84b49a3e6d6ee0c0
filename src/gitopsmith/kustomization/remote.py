"""Which entries kustomize fetches from elsewhere (``api/internal/git/repospec.go`` of v0.21)."""

from __future__ import annotations

import posixpath
import re
from urllib.parse import unquote_plus

_USER = re.compile(r"[a-zA-Z][a-zA-Z0-9-]*@")
_SCHEMES = ("ssh://", "https://", "http://", "file://")
_GITHUB = ("github.com/", "github.com:")
_ORGANISATION_AND_REPOSITORY = 2


def is_remote(entry: str) -> bool:
    """Tells whether kustomize fetches an entry: by HTTP, or with git."""
    return is_url(entry) or is_repository(entry)


def is_url(entry: str) -> bool:
    """Tells whether kustomize asks for an entry by HTTP before it tries anything else."""
    return entry.lower().startswith(("http://", "https://"))


def is_repository(entry: str) -> bool:
    """Tells whether kustomize takes an entry for a place in a git repository."""
    rest = entry.partition("?")[0]
    rest = rest[len("git::") :] if rest.lower().startswith("git::") else rest
    scheme = next((known for known in _SCHEMES if rest.lower().startswith(known)), "")
    rest = rest[len(scheme) :]
    if scheme == "file://":
        return _names_a_repository(rest, rest)
    match = _USER.match(rest)
    user = match[0] if match else ""
    rest = rest[len(user) :]
    github = rest.lower().startswith(_GITHUB)
    if entry.startswith("/") or not (scheme or user or github):
        return False
    segments = _path(rest, scp_style=not scheme).split("/")
    by_default = "/".join(segments[:_ORGANISATION_AND_REPOSITORY]) if len(segments) > 1 else ""
    return bool(rest) and _names_a_repository("/".join(segments), by_default)


def remote_reference(entry: str) -> str:
    """Returns the revision that a remote entry asks for, empty when it follows the default branch."""
    values: dict[str, str] = {}
    for pair in entry.partition("?")[2].split("&"):
        name, _, value = pair.partition("=")
        values.setdefault(name, unquote_plus(value))
    return values.get("ref") or values.get("version") or ""


def _path(rest: str, *, scp_style: bool) -> str:
    """Returns what follows the host, which ends at a slash, or at a colon where git's short style is allowed."""
    slash, colon = rest.find("/"), rest.find(":")
    if scp_style and (slash < 0 or 0 < colon < slash):
        slash = colon
    return rest[slash + 1 :] if slash >= 0 else ""


def _names_a_repository(path: str, by_default: str) -> bool:
    """Tells whether a path names a repository, and no place outside of it; markers in it tell where its name ends."""
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
    return bool(repository) and posixpath.normpath(inside.removeprefix("/")).split("/")[0] != ".."
