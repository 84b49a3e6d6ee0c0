"""Git URLs as Argo CD compares them with the ``sourceRepos`` of a project.

``NormalizeGitURL`` in ``util/git/git.go`` of Argo CD 3.6.1, which takes a URL apart and writes it again by Go 1.27's
``net/url``. That is more than taste: the braces of ``https://host/{a,b}`` come back as ``%7B`` and ``%7D``, and mean
nothing any more, and what Go cannot parse is the same empty URL as anything else that it cannot parse.
"""

from __future__ import annotations

import re

_SSH = re.compile(r"(ssh://)?[^/:]*@[^@]+\Z", re.DOTALL)
_SCHEME = re.compile(r"(?:([a-z][a-z0-9+.-]*):)?(.*)\Z", re.DOTALL)
_HOST = re.compile(r"[a-z0-9._~!$&'()*+,;=<>\"-]*(:[0-9]*)?\Z")
_COLONS = re.compile(r"[a-z0-9._~!$&'()*+,;=<>\":-]*:[0-9]*\Z")
"""What Go takes for a host too, outside of http."""
_USER = re.compile(r"[a-z0-9._:~!$&'()*+,;=@-]*\Z")
_PATH = re.compile(r"[a-z0-9._~!$&'()*+,;=:@/\[\]-]*\Z")
_ESCAPED_IN_PATH = re.compile(r"[^a-z0-9._~$&+,;=:@/-]")
_ESCAPED_IN_USER = re.compile(r"[^a-z0-9._~$&+,;=-]")
_PLAIN = re.compile(r"[\x21-\x22\x24\x26-\x7e ]*\Z")
"""All but control characters, letters beyond ASCII, ``%`` and ``#``."""


def normalized(url: str) -> str | None:
    """Returns the form in which two URLs of one repository are the same.

    Empty for a URL that Go cannot parse, and None for one with escapes, a fragment, letters beyond ASCII or a host in
    brackets, about which nothing is decided here.
    """
    lower = url.strip().lower()
    if not _PLAIN.match(lower) or "//[" in lower or "@[" in lower:
        return None
    if _SSH.match(lower) and not lower.startswith("ssh://"):
        lower = "ssh://" + lower.replace(":", "/", 1)
    written = _rewritten(lower.removesuffix(".git"))
    return written.removeprefix("ssh://")


def _rewritten(url: str) -> str:
    """Returns a URL as Go writes it after parsing it, empty where it cannot be parsed."""
    if url == "*":
        return url
    scheme, rest = _scheme(url)
    if url.startswith(":"):
        return ""
    rest, question, query = rest.partition("?")
    asked = question + query
    if scheme and not rest.startswith("/"):
        return f"{scheme}:{rest}{asked}"
    if not scheme and ":" in rest.partition("/")[0]:
        return ""
    head = f"{scheme}:" if scheme else ""
    if rest.startswith("//") and (scheme or not rest.startswith("///")):
        authority, slash, path = rest[2:].partition("/")
        written = _authority(scheme, authority)
        return "" if written is None else _joined(head, written, slash + path) + asked
    return head + _path(rest) + asked


def _scheme(url: str) -> tuple[str, str]:
    found = _SCHEME.match(url)
    assert found is not None
    return found[1] or "", found[2]


def _joined(head: str, authority: str, path: str) -> str:
    """Joins the parts; two slashes that lead to no host are kept only where a scheme or a path makes them matter."""
    slashes = "//" if authority or (path and head) else ""
    return head + slashes + authority + _path(path)


def _authority(scheme: str, authority: str) -> str | None:
    user, at, host = authority.rpartition("@")
    host_is_good = _HOST.match(host) or (scheme not in {"http", "https"} and _COLONS.match(host))
    if not host_is_good or not _USER.match(user):
        return None
    name, colon, password = user.partition(":")
    written = _escaped(_ESCAPED_IN_USER, name) + colon + _escaped(_ESCAPED_IN_USER, password)
    return written + at + host


def _path(path: str) -> str:
    return path if path == "*" or _PATH.match(path) else _escaped(_ESCAPED_IN_PATH, path)


def _escaped(characters: re.Pattern[str], text: str) -> str:
    return characters.sub(lambda found: f"%{ord(found[0]):02X}", text)
