"""Tells by a field's or a variable's name whether its value is a credential."""

from __future__ import annotations

import re

_TELLING = r"(?i)pass|pwd|secret|token|key|credential"
"""What every name has in it that tells; most have not, and need not be taken apart."""
_CAMEL = r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])"
_SECRET_WORDS = frozenset({
    "password", "passwd", "pwd", "passphrase", "secret", "secrets", "token", "apikey", "apitoken", "authtoken",
    "credential", "credentials", "privatekey", "secretkey", "clientsecret", "accesstoken", "pass",
})  # fmt: skip
_KEYS = frozenset({
    "api", "secret", "private", "encryption", "signing", "master", "jwt", "hmac", "license", "auth", "account",
    "service",
})  # fmt: skip


def is_secret_name(name: str) -> bool:
    """Tells whether a field's or a variable's name says that its value is a credential.

    The last word decides: ``DB_PASSWORD``, ``clientSecret`` and ``API_KEY`` are, ``PASSWORD_FILE``, ``TOKEN_TTL`` and
    ``secretName`` are not.
    """
    if not re.search(_TELLING, name):
        return False
    words = [word.lower() for part in re.split(r"[^A-Za-z0-9]+", name) for word in re.split(_CAMEL, part) if word]
    while words and words[-1].isdigit():
        words.pop()
    if not words or words[0] == "existing":
        return False
    last = words[-1].rstrip("0123456789")
    if last in _SECRET_WORDS or last.endswith(("password", "passwd", "secretkey", "apikey")):
        return True
    return last == "key" and len(words) > 1 and (words[-2] in _KEYS or words[-3:-1] == ["secret", "access"])
