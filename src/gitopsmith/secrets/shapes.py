"""Tells by its shape what a value is: a placeholder, something public, a word, or random."""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections import Counter

# Patterns are text: re compiles one when a value first needs it, and most runs over few files need none of these.
_ENCRYPTED = (
    "ENC[", "$ANSIBLE_VAULT;", "-----BEGIN AGE ENCRYPTED FILE-----", "-----BEGIN PGP MESSAGE-----",
    "-----BEGIN ENCRYPTED PRIVATE KEY-----",
)  # fmt: skip
_SEALED_RSA_BYTES = (0x0100, 0x0180, 0x0200)
_GCM_TAG = 16
_STARTS_OF_SEALED = ("AQ", "AY", "Ag")
"""The lengths above in base64."""
_REFERENCE = (
    r"(?i)(?:ref\+|vault:|op://|secretref:|secret://|\w*sm://|ssm:|azurekeyvault|@Microsoft\.KeyVault\(|"
    r"arn:aws:(?:secretsmanager|ssm)|projects/[^/]+/secrets/|(?:file|env):)"
)
_HASH = (
    r"(?:\{[\w.-]+\})?\$(?:2[abxy]?|5|6|7|y|apr1|argon2(?:i|d|id)|scrypt|pbkdf2[\w-]*)\$\S+|"
    r"(?:sha(?:1|224|256|384|512)|md5)[:-][A-Za-z0-9+/=_-]{20,}|SCRAM-SHA-\d+\$\S+|pbkdf2[\w:-]*\$\S+|\{S?SHA\d*\}\S+"
)
"""What passwords and files are checked with, and cannot be read from."""
_FILLED_IN = (
    r"(?s)\$\{[^}]*\}|\$\([^)]*\)|\{\{.*?\}\}|<[A-Za-z][^<>\n]*>|<%.*?%>|%\w+%|@[A-Z_]{3,}@|__[A-Z_]+__|"
    r"\A\$[A-Za-z_]\w*\Z|%\(\w+\)s|[%#]\{[^}]*\}|\[\[.*?\]\]|\(\([\w./-]+\)\)|\$__\w+\{[^}]*\}"
)
_WORDS_OF_PLACEHOLDERS = (
    r"(?i)change[-_ ]?(?:me|it|this)|replace|place[-_ ]?holder|to[-_ ]be[-_ ]|\byour[-_ ]|[-_]your\b|"
    r"todo|fixme|redacted|"
    r"insert|dummy|sample|example|fake|put[-_ ]|enter[-_ ]|fill[-_ ]?(?:me|in)|set[-_ ]by|managed[-_ ]by|injected|"
    r"generated|overrid|not[-_ ]?(?:a[-_ ])?(?:real|secret|used|set)|goes[-_ ]here|"
    r"my[-_ ]?(?:[a-z0-9]+[-_]){0,3}(?:secret|password|token|key)|\bfoo\b|\bbar\b|\bdemo\b"
)
_TO_BE_REPLACED = r"(?i)change[-_]?me|replace[-_]?(?:me|this|with)|placeholder|\btodo\b"
_LONGEST_PLACEHOLDER = 4096
_LONGEST_SENTENCE = 120
_NOTHING = r"(?i)(?:none|null|nil|n/?a|empty|default|unset|undefined|true|false|yes|no|on|off|[*.\-_?]+|[xX]{1,7})\Z"
_WEAK = frozenset({
    "admin", "administrator", "password", "passw0rd", "p@ssw0rd", "pass", "secret", "root", "toor", "postgres",
    "postgresql", "mysql", "mariadb", "mongo", "redis", "rabbitmq", "user", "username", "guest", "minio",
    "minioadmin", "minio123", "test", "testing", "qwerty", "letmein", "supersecret", "password123", "admin123",
    "changeit", "token", "grafana", "keycloak", "argocd",
})  # fmt: skip
_PUBLIC_BLOCK = (
    r"-----BEGIN (?:TRUSTED |X509 )?(CERTIFICATE|PUBLIC KEY|RSA PUBLIC KEY|CERTIFICATE REQUEST|X509 CRL)-----"
)
_ANY_BLOCK = r"-----BEGIN [A-Z0-9 ]+-----"
_PUBLIC_KEY_LINE = r"(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-\S+|age1\w{50,})"
_WORDS = (
    r"[A-Za-z]?[a-z]+(?:[-_.][a-z0-9]+)*\d{0,4}[!?#.@]?|[A-Z]+(?:[-_.][A-Z0-9]+)*|[A-Za-z]+|"
    r"[a-z]+\d{1,2}[a-z]?(?:[-_.][a-z0-9]+)+"
)
"""What people write when they have to write something, and what objects are called: words, and numbers behind them."""


def is_harmless(value: str) -> bool:
    """Tells whether a value is no secret by itself: empty, encrypted, hashed, a placeholder, a path or a reference."""
    value = value.strip()
    if not value or value.startswith(_ENCRYPTED) or re.match(_REFERENCE, value) or re.match(_NOTHING, value):
        return True
    if _is_hash(value) or (value.startswith(_STARTS_OF_SEALED) and is_sealed(value)):
        return True
    if "\n" in value or len(value) > _LONGEST_PLACEHOLDER:
        return False
    if not re.sub(_FILLED_IN, "", value).strip() or re.fullmatch(r"[~.]{0,2}/[\w./-]*", value):
        return True
    return len(value) <= _LONGEST_SENTENCE and bool(
        re.search(_FILLED_IN, value) or re.search(_WORDS_OF_PLACEHOLDERS, value)
    )


def is_sealed(value: str) -> bool:
    """Tells whether a value has the form of a sealed one: a length, an RSA block that long, AES-GCM data.

    That is how ``pkg/crypto/crypto.go`` of sealed-secrets (0.41) writes it.
    """
    try:
        data = base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        return False
    length = int.from_bytes(data[:2], "big")
    return length in _SEALED_RSA_BYTES and len(data) >= 2 + length + _GCM_TAG


def _is_hash(value: str) -> bool:
    """Tells whether every line is a hash, as in a file of ``user:hash`` that htpasswd writes."""
    if len(value) > _LONGEST_PLACEHOLDER:
        return False
    return all(re.fullmatch(rf"(?:[\w.@-]+:)?(?:{_HASH})", line.strip()) for line in value.splitlines() if line.strip())


def is_filled_in_later(value: str) -> bool:
    """Tells whether a text is a template, by marks such as ``${NAME}`` and ``{{ }}`` or words such as REPLACE_ME."""
    value = value[:_LONGEST_PLACEHOLDER]
    return bool(re.search(_FILLED_IN, value) or re.search(_TO_BE_REPLACED, value))


def is_public(value: str) -> bool:
    """Tells whether a text is made for everybody to see: certificates, a CA bundle, public keys."""
    blocks = re.findall(_ANY_BLOCK, value)
    if blocks:
        return len(blocks) == len(re.findall(_PUBLIC_BLOCK, value))
    lines = [line for line in value.splitlines() if line.strip() and not line.startswith("#")]
    return bool(lines) and all(re.search(_PUBLIC_KEY_LINE, line) for line in lines)


def decoded(value: str) -> str:
    """Returns what a Secret's ``data`` value stands for: the text, ``""`` when it is no base64 or no text."""
    try:
        return base64.b64decode("".join(value.split()), validate=True).decode()
    except (binascii.Error, ValueError):
        return ""


def is_strong(value: str) -> bool:
    """Tells whether a value is random enough to be a credential that was made for real: no word, path, URL or name."""
    if len(value) < 8 or re.search(r"\s", value) or is_weak(value):
        return False
    if re.match(r"[./~]|[a-z][a-z0-9+.-]*://", value) or re.fullmatch(r"[\d.,:]+", value):
        return False
    if is_words(value):
        return len(value) >= 16 and value.isalpha() and entropy(value) > 3.5
    inner = decoded(value)
    return entropy(value) > 2.5 and not (inner.isprintable() and inner and (is_harmless(inner) or not is_strong(inner)))


def entropy(value: str) -> float:
    """Returns Shannon's entropy in bits for each character."""
    return -sum(n / len(value) * math.log2(n / len(value)) for n in Counter(value).values())


def is_words(value: str) -> bool:
    """Tells whether a value is what people write when they must write something: words, a number behind them."""
    return re.fullmatch(_WORDS, value) is not None


def is_weak(value: str) -> bool:
    """Tells whether a value is a password that everybody tries first, such as a product's default."""
    return value.lower() in _WEAK
