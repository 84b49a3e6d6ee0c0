"""Finds private keys and signed tokens, by what stands inside of them."""

from __future__ import annotations

import base64
import binascii
import json
import re
from contextlib import suppress
from typing import Any

from gitopsmith.secrets.tokens import is_random

MARKERS = ("PRIVATE KEY", "PuTTY-User-Key-File-", '"kty"', "eyJ")
"""What all that is found here has in it."""
_PRIVATE_KEY = (
    r"-----BEGIN (?P<kind>RSA |EC |DSA |OPENSSH |PGP )?PRIVATE KEY(?: BLOCK)?-----(?:\s|\\n)*"
    r"(?P<headers>(?:[A-Z][\w-]+: [^\n]*\n)*)(?P<body>(?:[A-Za-z0-9+/=\s]|\\n){64,})"
)
_SEQUENCE = "M"
"""The first letter of all DER that is a sequence (0x30), as keys are."""
_OPENSSH = b"openssh-key-v1\0\0\0\0"
_UNENCRYPTED_OPENSSH = _OPENSSH + b"\x04none"
_PUTTY = r"PuTTY-User-Key-File-\d: (?s:.{0,400}?)Encryption: none(?s:.{0,4000}?)Private-Lines: \d"
_JWK = r'"d"\s*:\s*"[\w-]{40,}"'
_JWT = r"\b(eyJ[\w-]{10,})\.(eyJ[\w-]{10,})\.([\w-]{20,})"
_PUBLIC_ROLES = frozenset({"anon"})
"""Roles of tokens that are made to be shipped to browsers, such as Supabase's."""
_EXAMPLES = frozenset({"John Doe", "Jane Doe"})


def key(text: str) -> str:
    """Returns what private key or signed token a text holds, such as ``a private key``; empty when there is none."""
    if "PRIVATE KEY" in text and any(_is_open(found) for found in re.finditer(_PRIVATE_KEY, text)):
        return "a private key"
    if "PuTTY-User-Key-File-" in text and re.search(_PUTTY, text):
        return "a private key"
    if '"kty"' in text and re.search(_JWK, text):
        return "a private key"
    if "eyJ" in text and any(_is_signed(*found.groups()) for found in re.finditer(_JWT, text)):
        return "a signed token"
    return ""


def _is_open(found: re.Match[str]) -> bool:
    """Tells whether a private key can be read without a passphrase."""
    if "ENCRYPTED" in found["headers"]:
        return False
    body = re.sub(r"\s|\\n", "", found["body"])
    if (found["kind"] or "").strip() in {"OPENSSH", "PGP"}:
        start = _bytes(body[:48])
        return not start.startswith(_OPENSSH) or start.startswith(_UNENCRYPTED_OPENSSH)
    return body.startswith(_SEQUENCE)


def _is_signed(header: str, payload: str, signature: str) -> bool:
    """Tells whether a JWT gives access to something: it is signed, not made for everybody, and no example."""
    head, claims = _object(header), _object(payload)
    algorithm = head.get("alg")
    if not isinstance(algorithm, str) or algorithm.lower() == "none" or not claims:
        return False
    return (
        str(claims.get("role")) not in _PUBLIC_ROLES
        and str(claims.get("name")) not in _EXAMPLES
        and is_random(signature)
    )


def _object(part: str) -> dict[str, Any]:
    with suppress(ValueError, RecursionError):
        found = json.loads(_bytes(part))
        return found if isinstance(found, dict) else {}
    return {}


def _bytes(part: str) -> bytes:
    with suppress(binascii.Error, ValueError):
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_" if re.search("[-_]", part) else None)
    return b""
