"""Finds credentials in text: those with a form of their own, and random values whose name says what they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from gitopsmith.finding import Route, Severity
from gitopsmith.manifest import scalars
from gitopsmith.secrets import keys, tokens
from gitopsmith.secrets.embedded import inside
from gitopsmith.secrets.names import is_secret_name
from gitopsmith.secrets.shapes import decoded, entropy, is_harmless, is_strong, is_weak, is_words

_SHORTEST = 20
_DEEPEST = 2
_MARKERS = (*keys.MARKERS, *(marker for kind in tokens.TOKENS for marker in kind.markers))
"""Every key and token has one of these in it; logins are found by ``@``, ``=``, ``auth`` and ``Basic``."""
_ENCODED = r"[A-Za-z0-9+/]{28,}={0,2}"
_URL = r"\b[a-z][a-z0-9+.-]{1,20}://(?P<user>[^\s/:@'\"<>{}$]*):(?P<password>[^\s/@'\"]+)@(?P<host>[^\s/'\"?#]+)"
_QUERY = (
    r"://(?P<host>[^\s/'\"<>?;]+)[^\s'\"<>]*?[?&;](?i:password|passwd|pwd|access_token|token|api_?key)="
    r"(?P<password>[^\s&;'\"<>]+)"
)
_REGISTRY_AUTH = r'"auth"\s*:\s*"([A-Za-z0-9+/]{8,}={0,2})"'
_BASIC = r"\bBasic\s+([A-Za-z0-9+/]{12,}={0,2})(?![\w/+=])"
_AWS_NAME = r"(?i)(?:.*[^a-z])?(?:aws)?_?secret_?access_?key"
_AWS_KEY = r"[A-Za-z0-9/+]{40}"


class Credential(NamedTuple):
    """What a value is: ``a GitHub token``, ``a credential under 'db.password'``. Never the value or a part of it.

    It is certain where nothing but a credential looks like it, and not where only its name and its randomness tell.
    """

    what: str
    certain: bool

    @property
    def severity(self) -> Severity:
        return Severity.ERROR if self.certain else Severity.WARNING


def certain(value: str) -> str:
    """Returns what credential a text holds beyond doubt, such as ``a GitHub token``; empty when there is none.

    What is written in base64 is looked into, and what is written so within that.
    """
    return _certain(value, _DEEPEST)


def certain_fields(body: Any) -> Iterator[tuple[Route, str]]:
    """Yields the routes of the texts in a body that hold a credential beyond doubt, and what each is.

    Nearly every body has none, so that all of its texts are looked through at once first.
    """
    everything = "\n".join(_long_texts(body))
    if certain(everything):
        for route, value in scalars(body):
            what = certain(value) if isinstance(value, str) else ""
            if what:
                yield route, what


def credential(name: str, value: str) -> Credential | None:
    """Returns what credential stands under a name, None where none does.

    That is a certain one, a random value whose name says what it is, or a text of a known format with one in it.
    """
    what = certain(value)
    if what:
        return Credential(what, certain=True)
    value = value.strip()
    if re.fullmatch(_AWS_NAME, name) and re.fullmatch(_AWS_KEY, value) and tokens.is_random(value):
        return Credential("an AWS secret key", certain=True)
    if is_secret_name(name) and not is_harmless(value) and is_strong(value):
        return Credential("a credential", certain=False)
    inner = inside(value)
    return Credential(f"a credential under {inner!r}", certain=False) if inner else None


def _certain(value: str, depth: int) -> str:
    for marker in _MARKERS:
        if marker in value:
            if found := keys.key(value) or tokens.token(value):
                return found
            break
    if "auth" in value and any(_is_encoded_login(found) for found in re.findall(_REGISTRY_AUTH, value)):
        return "a registry's credentials"
    if "Basic " in value and any(_is_encoded_login(found) for found in re.findall(_BASIC, value)):
        return "a password for HTTP"
    if "://" in value and _has_login(value):
        return "a URL with a password"
    if depth:
        inner = "\n".join(filter(None, (decoded(found) for found in re.findall(_ENCODED, value))))
        return _certain(inner, depth - 1) if inner else ""
    return ""


def _long_texts(body: Any) -> Iterator[str]:
    todo = [body]
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            todo.extend(value.values())
        elif isinstance(value, list):
            todo.extend(value)
        elif isinstance(value, str) and len(value) >= _SHORTEST:
            yield value


def _has_login(value: str) -> bool:
    if "@" in value and any(_is_login(found) for found in re.finditer(_URL, value)):
        return True
    return "=" in value and any(
        is_strong(found["password"]) and not is_harmless(found["password"]) for found in re.finditer(_QUERY, value)
    )


def _is_login(found: re.Match[str]) -> bool:
    user, password, host = found["user"], found["password"], found["host"]
    if is_harmless(password) or is_weak(password) or password == user or host.startswith(("example.", "<")):
        return False
    return len(password) >= 6 and not is_words(password) and entropy(password) > 2


def _is_encoded_login(value: str) -> bool:
    user, colon, password = decoded(value).partition(":")
    return bool(colon) and bool(user) and not is_harmless(password) and not is_weak(password)
