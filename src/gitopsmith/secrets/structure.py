"""Reads the objects that carry secrets: Secrets, what SOPS encrypts, what is sealed.

What SOPS encrypts is decided as its ``sops.go`` does (3.13); what a sealed value is, as ``pkg/crypto/crypto.go`` of
sealed-secrets (0.41) writes it.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from gitopsmith.finding import Route
from gitopsmith.manifest import mapping, scalars, text
from gitopsmith.secrets.shapes import decoded, is_harmless, is_public

_SEALED_RSA_BYTES = (0x0100, 0x0180, 0x0200)
_GCM_TAG = 16
_SopsRule = tuple[Callable[[str, str], bool], str, bool]


def _ends(suffix: str, key: str) -> bool:
    return key.endswith(suffix)


def _matches(pattern: str, key: str) -> bool:
    return re.search(pattern, key) is not None


_SOPS_RULES: tuple[tuple[str, Callable[[str, str], bool], bool], ...] = (
    ("unencrypted_suffix", _ends, False),
    ("encrypted_suffix", _ends, True),
    ("unencrypted_regex", _matches, False),
    ("encrypted_regex", _matches, True),
)
"""What may stand in the metadata: how it is compared with a key, and whether what it matches is to be encrypted."""
_SOPS_DEFAULT: list[_SopsRule] = [(_ends, "_unencrypted", False)]


def is_sops(body: Any) -> bool:
    """Tells whether SOPS wrote an object: its metadata has a message authentication code."""
    block = mapping(body, "sops")
    return text(block, "mac").startswith("ENC[") and ("lastmodified" in block or "version" in block)


def sops_unencrypted(body: dict[str, Any]) -> Iterator[Route]:
    """Yields the routes of the values that a SOPS object's own rules want encrypted, and that are not.

    None are known where comments decide, since rendered objects have none, or where a pattern cannot be read here.
    """
    block = mapping(body, "sops")
    rules = [(patterns, text(block, name), wants) for name, patterns, wants in _SOPS_RULES if text(block, name)]
    if any(text(block, name) for name in ("encrypted_comment_regex", "unencrypted_comment_regex")):
        return
    with suppress(re.error):
        for route, value in scalars({key: value for key, value in body.items() if key != "sops"}):
            is_encrypted = isinstance(value, str) and value.startswith("ENC[AES256_GCM,data:")
            if value not in (None, "") and not is_encrypted and _wants_encryption(rules or _SOPS_DEFAULT, route):
                yield route


def _wants_encryption(rules: list[_SopsRule], route: Route) -> bool:
    """Tells what a file's rule says, of which SOPS takes one; it looks at every key on the way to the value."""
    keys = [step for step in route if isinstance(step, str)]
    matches, pattern, wants = rules[-1]
    return any(matches(pattern, key) for key in keys) == wants


def is_sealed(value: str) -> bool:
    """Tells whether a value has the form of a sealed one: a length, an RSA block that long, AES-GCM data."""
    try:
        data = base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        return False
    length = int.from_bytes(data[:2], "big")
    return length in _SEALED_RSA_BYTES and len(data) >= 2 + length + _GCM_TAG


def plain_values(body: dict[str, Any]) -> Iterator[tuple[Route, str, str]]:
    """Yields (route, key, text) of each value in a Secret's data that anybody can read and that is not public.

    The text is empty where the value is binary.
    """
    for name in ("data", "stringData"):
        for key, value in mapping(body, name).items():
            if not isinstance(value, str) or is_harmless(value):
                continue
            content = decoded(value) if name == "data" else value
            if name == "data" and not content and _is_blank(value):
                continue
            if not (content and (is_harmless(content) or is_public(content))):
                yield (name, key), key, content


def _is_blank(value: str) -> bool:
    """Tells whether base64 stands for nothing."""
    try:
        return not base64.b64decode(value, validate=True).strip()
    except (binascii.Error, ValueError):
        return False
