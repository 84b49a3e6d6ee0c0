"""Addresses: of the repository, of Argo CD and its identity provider, and of gitopsmith itself.

No message repeats an address that may hold a login.
"""

from __future__ import annotations

import re

from gitopsmith.answers.text import nearest

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = rf"(?P<host>{_LABEL}(?:\.{_LABEL})*)"
_PORT = r"(?::[0-9]{1,5})?"
_PATH = r"[A-Za-z0-9._~%+/-]*[A-Za-z0-9._~%+-]"
_USER = r"[A-Za-z0-9._-]+@"
_REPOSITORIES = {
    "https": re.compile(rf"https://{_HOST}{_PORT}/{_PATH}"),
    "ssh": re.compile(rf"ssh://(?:{_USER})?{_HOST}{_PORT}/{_PATH}|{_USER}{_HOST.replace('<host>', '<short>')}:{_PATH}"),
    "file": re.compile(rf"file:///{_PATH}"),
}
_ISSUER = re.compile(rf"https://{_HOST}{_PORT}(?:/[A-Za-z0-9._~%+/-]*)?")
_EXAMPLES = "write https://HOST/OWNER/NAME.git, ssh://git@HOST/OWNER/NAME.git or git@HOST:OWNER/NAME.git"
_EXTRAS = r"(?P<name>[A-Za-z0-9._-]+)(?:\[[A-Za-z0-9,_-]+\])?"
_PINNED = re.compile(rf"{_EXTRAS} ?== ?[0-9][A-Za-z0-9.+_-]*")
_NAMED = re.compile(rf"{_EXTRAS} ?@ ?(?P<url>\S+)")
_PLAIN_URL = re.compile(r"(?:https|file)://[A-Za-z0-9._~%+/:@-]+")
_GIT_URL = re.compile(r"git\+(?:https|ssh|file)://(?:git@)?[A-Za-z0-9._~%+/:-]+@[A-Za-z0-9._/-]+")
_FILE = re.compile(r"(?:\.{0,2}/)?[A-Za-z0-9._+-]+(?:/[A-Za-z0-9._+-]+)*(?:\.whl|\.tar\.gz)|\.{0,2}/[A-Za-z0-9._+/-]*")


def scheme(url: str) -> str:
    """Returns how a repository is reached: ``https``, ``ssh`` or ``file``; empty for what is no URL of one."""
    return next((name for name, pattern in _REPOSITORIES.items() if pattern.fullmatch(url)), "")


def host(url: str) -> str:
    """Returns the host of a repository in lower case, empty where there is none."""
    found = next((match for pattern in _REPOSITORIES.values() if (match := pattern.fullmatch(url))), None)
    named = found.groupdict() if found else {}
    return (named.get("host") or named.get("short") or "").lower()


def is_gitlab(url: str) -> bool:
    """Tells whether the host of a repository is called after GitLab."""
    return "gitlab" in host(url)


def usable(remote: str) -> str:
    """Returns the URL by which Argo CD reads what a clone has as its remote, without a login; empty when it cannot."""
    url = re.sub(r"^(https://)[^/@]*@", r"\1", remote).rstrip("/")
    if scheme(url) == "https" and is_gitlab(url) and not url.endswith(".git"):
        url += ".git"
    return url if scheme(url) else ""


def repository(url: str) -> str:
    """Returns why Argo CD cannot read a repository at a URL, or git should not hold it; empty when all is well."""
    if not url:
        return f"is missing; {_EXAMPLES}"
    if _has_login(url):
        return (
            "holds a login, which everybody who reads the repository would see; leave out what stands before the host"
        )
    if "?" in url or "#" in url:
        return "has a query or a fragment; end it with the name of the repository"
    if re.match(r"(http|git)://", url):
        return "is read without encryption; write https:// or ssh://"
    if not scheme(url):
        return f"is no URL of a git repository; {_EXAMPLES}"
    if scheme(url) == "https" and is_gitlab(url) and not url.endswith(".git"):
        return f"lacks .git, and Argo CD does not follow GitLab's redirect; write {url}.git"
    return ""


def host_name(value: str) -> str:
    """Returns why a value is no host that a route can have, empty when it is one."""
    named = re.fullmatch(_HOST, value)
    if "://" in value or "/" in value or ":" in value:
        return "is more than a host; write the name alone, such as argocd.example.com"
    if not named or value != value.lower() or "." not in value or len(value) > 253 or not re.search("[a-z]", value):
        return "is no host name; write a lower-case name with its domain, such as argocd.example.com"
    return ""


def issuer(value: str) -> str:
    """Returns why a value is no issuer of OpenID Connect, empty when it is one."""
    if value.startswith("http://"):
        return "is read without encryption; write https://"
    if not _ISSUER.fullmatch(value):
        return "is no issuer; write its URL without login and query, such as https://login.example.com/realms/acme"
    return ""


def tool_source(value: str) -> str:
    """Returns why pip should not get gitopsmith from there, empty when it may.

    It is one exact version, an address, or a file; nothing in it means something to a shell.
    """
    named = _NAMED.fullmatch(value)
    pinned = _PINNED.fullmatch(value)
    address = named["url"] if named else value
    name = (named or pinned or {"name": "gitopsmith"})["name"]
    if name.lower() != "gitopsmith":
        return f"names another package; {nearest(name, ['gitopsmith']) or 'write gitopsmith==VERSION'}"
    if pinned or (not named and _FILE.fullmatch(value)):
        return ""
    if "://" in address and _has_login(address.removeprefix("git+")):
        return (
            "holds a login, which everybody who reads the repository would see; leave out what stands before the host"
        )
    if _GIT_URL.fullmatch(address) or (_PLAIN_URL.fullmatch(address) and not address.endswith("/")):
        return ""
    if address.startswith("git+"):
        return "names no commit; end it with @ and a commit or tag"
    return "is no source that pip reads as it stands; write gitopsmith==VERSION, the URL of a wheel, or its path"


def _has_login(url: str) -> bool:
    """Tells whether a URL has a password, or a name where a name is a token; ssh needs a user, and that is none."""
    kind, mark, rest = url.partition("://")
    user, at, _ = re.split("[/?#]", rest if mark else url)[0].rpartition("@")
    return bool(at) and (":" in user or kind in {"http", "https"})
