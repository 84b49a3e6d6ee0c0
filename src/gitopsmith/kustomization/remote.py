"""Which entries kustomize fetches from elsewhere (``api/internal/git/repospec.go`` of v0.21)."""

from __future__ import annotations

import re

_USER = re.compile(r"[a-zA-Z][a-zA-Z0-9-]*@")
_SCHEMES = ("ssh://", "https://", "http://", "file://")


def is_url(entry: str) -> bool:
    """Tells whether kustomize asks for an entry by HTTP before it tries anything else."""
    return entry.lower().startswith(("http://", "https://"))


def is_remote(entry: str) -> bool:
    """Tells whether kustomize fetches an entry: an HTTP URL, or what its git ``RepoSpec`` takes for a repository."""
    if is_url(entry):
        return True
    rest = entry.split("?", 1)[0]
    rest = rest[5:] if rest.lower().startswith("git::") else rest
    if rest.startswith("/"):
        return False
    scheme = next((known for known in _SCHEMES if rest.lower().startswith(known)), "")
    rest = rest[len(scheme) :]
    user = _USER.match(rest)
    rest = rest[user.end() :] if user else rest
    github = re.match(r"github\.com[/:]", rest, re.IGNORECASE) is not None
    if not scheme and not user and not github:
        return False
    path = re.split("[/:]", rest, maxsplit=1)[-1] if scheme != "file://" else rest
    return bool("//" in path or ".git" in path or "_git/" in path or scheme == "file://" or path.count("/") >= 1)


def remote_reference(entry: str) -> str:
    """Returns the revision that a remote entry asks for, empty when it follows the default branch."""
    query = entry.partition("?")[2]
    values = dict(pair.partition("=")[::2] for pair in query.split("&") if pair)
    return values.get("ref") or values.get("version") or ""
