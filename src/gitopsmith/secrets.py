"""Tells secrets from what only looks like them: by the structure of the object first, by the shape of a value second.

A value is *certain* when nothing but a credential looks like it: a private key, a token with a vendor's own prefix, a
password inside a URL. It is *probable* when its name says so and it is random enough. Nothing here ever returns a value
or a part of one, so that no message can hold it. What SOPS encrypts is decided as ``sops.go`` does (3.13); what a
sealed value is, as ``pkg/crypto/crypto.go`` of sealed-secrets (0.41) writes it.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from gitopsmith.finding import Route
from gitopsmith.manifest import get, mapping, scalars, text

_TOKENS: tuple[tuple[str, str], ...] = (
    ("a GitHub token", r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59})\b"),
    ("a GitLab token", r"\bgl(?:pat|ptt|dt|rt|cbt|ft|soat|oas|agent|imt)-[0-9A-Za-z_-]{20,}"),
    ("a Slack token", r"\bxox[baprse]-\d{8,}-[0-9A-Za-z-]{10,}"),
    ("a Slack webhook", r"hooks\.slack\.com/(?:services|workflows|triggers)/T[A-Z0-9]{8,}/[A-Z0-9]{8,}/[\w/]{20,}"),
    ("a Discord webhook", r"discord(?:app)?\.com/api/webhooks/\d{17,20}/[\w-]{60,}"),
    ("a Stripe key", r"\b[sr]k_live_[0-9a-zA-Z]{24,}"),
    ("a SendGrid key", r"\bSG\.[\w-]{22}\.[\w-]{43}"),
    ("an npm token", r"\bnpm_[A-Za-z0-9]{36}\b"),
    ("a PyPI token", r"\bpypi-AgEIcHlwaS5vcmc[\w-]{50,}"),
    ("a Vault token", r"\bhv[sb]\.[\w-]{24,}"),
    ("a Terraform Cloud token", r"\b[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,}"),
    ("a DigitalOcean token", r"\bdo[opr]_v1_[a-f0-9]{64}\b"),
    ("an OpenAI key", r"\bsk-[A-Za-z0-9_-]{20,}T3BlbkFJ[A-Za-z0-9_-]{20,}"),
    ("an Anthropic key", r"\bsk-ant-[a-z]+\d\d-[\w-]{80,}"),
    ("a Hugging Face token", r"\bhf_[A-Za-z]{34}\b"),
    ("a Telegram bot token", r"\b\d{8,10}:AA[\w-]{33}(?![\w-])"),
    ("a Docker Hub token", r"\bdckr_[po]at_[\w-]{27,}"),
    ("a Grafana token", r"\b(?:glsa_[A-Za-z0-9]{32}_[a-f0-9]{8}\b|glc_eyJ[A-Za-z0-9+/=]{40,})"),
    ("a Databricks token", r"\bdapi[a-f0-9]{32}\b"),
    ("a Shopify token", r"\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}\b"),
    ("a Linear key", r"\blin_api_[A-Za-z0-9]{40}\b"),
    ("an age secret key", r"\bAGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}\b"),
    ("a Tailscale key", r"\btskey-(?:auth|api|client)-\w{6,}-\w{16,}"),
    ("a Sentry token", r"\bsntrys_eyJ[A-Za-z0-9+/=_]{80,}"),
    ("an Azure storage key", r"\bAccountKey=[A-Za-z0-9+/]{86}=="),
    ("an Atlassian token", r"\bATATT3[\w=-]{150,}"),
)  # fmt: skip
_VENDORS = tuple((name, re.compile(pattern)) for name, pattern in _TOKENS)
_MARKERS = (
    "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "glptt-", "gldt-", "glrt-", "glcbt-", "glft-",
    "glsoat-", "gloas-", "glagent-", "glimt-", "xoxb-", "xoxa-", "xoxp-", "xoxr-", "xoxs-", "xoxe-",
    "hooks.slack.com/", "/api/webhooks/", "k_live_", "SG.", "npm_", "pypi-AgE", "hvs.", "hvb.", ".atlasv1.",
    "dop_v1_", "doo_v1_", "dor_v1_", "T3BlbkFJ", "sk-ant-", "hf_", ":AA", "dckr_", "glsa_", "glc_eyJ", "dapi",
    "shpat_", "shpca_", "shppa_", "shpss_", "lin_api_", "AGE-SECRET-KEY-", "tskey-", "sntrys_", "AccountKey=",
    "ATATT3", "PRIVATE KEY", "LS0tLS1CRUdJTi",
)  # fmt: skip
"""Every credential above and below has one of these in it, but for the two that are found by ``@`` and ``auth``."""
_SHORTEST = 20
_PRIVATE_KEY = re.compile(
    r"-----BEGIN (?:RSA |EC |DSA |OPENSSH |PGP )?PRIVATE KEY(?: BLOCK)?-----(?:\s|\\n)*"
    r"(?P<headers>(?:[A-Z][\w-]+: [^\n]*\n)*)(?:[A-Za-z0-9+/=\s]|\\n){64,}"
)
_ENCODED_PEM = re.compile(r"LS0tLS1CRUdJTi[A-Za-z0-9+/]{64,}={0,2}")
_URL = re.compile(
    r"\b[a-z][a-z0-9+.-]{1,20}://(?P<user>[^\s/:@'\"<>{}$]*):(?P<password>[^\s/@'\"]+)@(?P<host>[^\s/'\"?#]+)"
)
_REGISTRY_AUTH = re.compile(r'"auth"\s*:\s*"([A-Za-z0-9+/]{8,}={0,2})"')
_ENCRYPTED = (
    "ENC[", "$ANSIBLE_VAULT;", "-----BEGIN AGE ENCRYPTED FILE-----", "-----BEGIN PGP MESSAGE-----",
    "-----BEGIN ENCRYPTED PRIVATE KEY-----",
)  # fmt: skip
_REFERENCE = re.compile(
    r"(?:ref\+|vault:|op://|secretref:|secret://|sm://|azurekeyvault|arn:aws:(?:secretsmanager|ssm)|projects/[^/]+/secrets/)",
    re.IGNORECASE,
)
_FILLED_IN = re.compile(
    r"\$\{[^}]*\}|\$\([^)]*\)|\{\{.*?\}\}|<[A-Za-z][^<>\n]*>|<%.*?%>|%\w+%|@[A-Z_]{3,}@|__[A-Z_]+__", re.DOTALL
)
_WORDS_OF_PLACEHOLDERS = re.compile(
    r"change[-_ ]?(?:me|it|this)|replace|place[-_ ]?holder|to[-_ ]be[-_ ]|\byour[-_ ]|[-_]your\b|todo|fixme|redacted|"
    r"insert|dummy|sample|example|fake|put[-_ ]|enter[-_ ]|fill[-_ ]?(?:me|in)|set[-_ ]by|managed[-_ ]by|injected|"
    r"generated|overrid|not[-_ ]?(?:a[-_ ])?(?:real|secret|used|set)|goes[-_ ]here|"
    r"my[-_ ]?(?:secret|password|token|key)|\bfoo\b|\bbar\b|\bdemo\b",
    re.IGNORECASE,
)
_TO_BE_REPLACED = re.compile(r"change[-_]?me|replace[-_]?(?:me|this|with)|placeholder|\btodo\b", re.IGNORECASE)
_NOTHING = re.compile(
    r"(?:none|null|nil|n/?a|empty|default|unset|undefined|true|false|yes|no|on|off|[*.\-_?]+|[xX]{1,7})\Z",
    re.IGNORECASE,
)
_WEAK = frozenset({
    "admin", "administrator", "password", "passw0rd", "p@ssw0rd", "pass", "secret", "root", "toor", "postgres",
    "postgresql", "mysql", "mariadb", "mongo", "redis", "rabbitmq", "user", "username", "guest", "minio",
    "minioadmin", "minio123", "test", "testing", "qwerty", "letmein", "supersecret", "password123", "admin123",
    "changeit", "token", "grafana", "keycloak", "argocd",
})  # fmt: skip
_PUBLIC_BLOCK = re.compile(
    r"-----BEGIN (?:TRUSTED |X509 )?(CERTIFICATE|PUBLIC KEY|RSA PUBLIC KEY|CERTIFICATE REQUEST|X509 CRL)-----"
)
_ANY_BLOCK = re.compile(r"-----BEGIN [A-Z0-9 ]+-----")
_PUBLIC_KEY_LINE = re.compile(r"(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-\S+|age1\w{50,})")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SECRET_WORDS = frozenset({
    "password", "passwd", "pwd", "passphrase", "secret", "secrets", "token", "apikey", "apitoken", "authtoken",
    "credential", "credentials", "privatekey", "secretkey", "clientsecret", "accesstoken", "pass",
})  # fmt: skip
_KEYS = frozenset(
    {
        "api",
        "secret",
        "private",
        "encryption",
        "signing",
        "master",
        "jwt",
        "hmac",
        "license",
        "auth",
        "account",
        "service",
    }
)
_WORDS = re.compile(r"[A-Za-z]?[a-z]+(?:[-_.][a-z0-9]+)*\d{0,4}[!?#.@]?|[A-Z]+(?:[-_.][A-Z0-9]+)*|[A-Za-z]+")
"""What people write when they have to write something: words, with a number behind them."""
_SEALED_RSA_BYTES = (0x0100, 0x0180, 0x0200)
_GCM_TAG = 16


def certain(value: str) -> str:
    """Returns what credential a text holds beyond doubt, such as ``a GitHub token``; empty when there is none."""
    if any(marker in value for marker in _MARKERS):
        if any("ENCRYPTED" not in found["headers"] for found in _PRIVATE_KEY.finditer(value)):
            return "a private key"
        if any(_PRIVATE_KEY.search(decoded(found[0])) for found in _ENCODED_PEM.finditer(value)):
            return "a private key"
        for name, pattern in _VENDORS:
            token = pattern.search(value)
            if token and _is_random(token[0]):
                return name
    if '"auth"' in value and any(_is_registry_login(found) for found in _REGISTRY_AUTH.findall(value)):
        return "a registry's credentials"
    if "://" in value and "@" in value and any(_is_login(found) for found in _URL.finditer(value)):
        return "a URL with a password"
    return ""


def certain_fields(body: Any) -> Iterator[tuple[Route, str]]:
    """Yields the routes of the texts in a body that hold a credential beyond doubt, and what each is.

    Nearly every body has none, so that all of its texts are looked through at once first.
    """
    everything = "\0".join(_long_texts(body))
    if certain(everything):
        for route, value in scalars(body):
            what = certain(value) if isinstance(value, str) else ""
            if what:
                yield route, what


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


def is_harmless(value: str) -> bool:
    """Tells whether a value is no secret by itself: empty, encrypted, a placeholder, a path or a reference."""
    value = value.strip()
    if not value or value.startswith(_ENCRYPTED) or _REFERENCE.match(value) or _NOTHING.match(value):
        return True
    if "\n" in value:
        return False
    if not _FILLED_IN.sub("", value).strip() or re.fullmatch(r"[~.]{0,2}/[\w./-]*", value):
        return True
    return len(value) <= 120 and bool(_FILLED_IN.search(value) or _WORDS_OF_PLACEHOLDERS.search(value))


def is_filled_in_later(value: str) -> bool:
    """Tells whether a text is a template, by marks such as ``${NAME}`` and ``{{ }}`` or words such as REPLACE_ME."""
    return bool(_FILLED_IN.search(value) or _TO_BE_REPLACED.search(value))


def is_public(value: str) -> bool:
    """Tells whether a text is made for everybody to see: certificates, a CA bundle, public keys."""
    blocks = _ANY_BLOCK.findall(value)
    if blocks:
        return len(blocks) == len(_PUBLIC_BLOCK.findall(value))
    lines = [line for line in value.splitlines() if line.strip() and not line.startswith("#")]
    return bool(lines) and all(_PUBLIC_KEY_LINE.search(line) for line in lines)


def decoded(value: str) -> str:
    """Returns what a Secret's ``data`` value stands for: the text, ``""`` when it is no base64 or no text."""
    try:
        return base64.b64decode("".join(value.split()), validate=True).decode()
    except (binascii.Error, ValueError):
        return ""


def is_secret_name(name: str) -> bool:
    """Tells whether a field's or a variable's name says that its value is a credential.

    The last word decides: ``DB_PASSWORD``, ``clientSecret`` and ``API_KEY`` are, ``PASSWORD_FILE``, ``TOKEN_TTL`` and
    ``secretName`` are not.
    """
    words = [word.lower() for part in re.split(r"[^A-Za-z0-9]+", name) for word in _CAMEL.split(part) if word]
    while words and words[-1].isdigit():
        words.pop()
    if not words:
        return False
    last = words[-1].rstrip("0123456789")
    if last in _SECRET_WORDS or last.endswith(("password", "passwd", "secretkey", "apikey")):
        return True
    return last == "key" and len(words) > 1 and (words[-2] in _KEYS or words[-3:-1] == ["secret", "access"])


def credential(name: str, value: str) -> str:
    """Returns what credential stands under a name: a certain one, or a random value whose name says what it is."""
    what = certain(value)
    if what or not is_secret_name(name) or is_harmless(value):
        return what
    return "a credential" if is_strong(value.strip()) else ""


def is_strong(value: str) -> bool:
    """Tells whether a value is random enough to be a credential that was made for real: no word, path, URL or name."""
    if len(value) < 8 or re.search(r"\s", value) or value.lower() in _WEAK:
        return False
    if re.match(r"[./~]|[a-z][a-z0-9+.-]*://", value) or re.fullmatch(r"[\d.,:]+", value):
        return False
    if _WORDS.fullmatch(value):
        return len(value) >= 16 and value.isalpha() and _entropy(value) > 3.5
    inner = decoded(value)
    return _entropy(value) > 2.5 and not (
        inner.isprintable() and inner and (is_harmless(inner) or not is_strong(inner))
    )


def _entropy(value: str) -> float:
    """Returns Shannon's entropy in bits for each character."""
    return -sum(n / len(value) * math.log2(n / len(value)) for n in Counter(value).values())


def _is_random(value: str) -> bool:
    return _entropy(value) > 3 and not re.search(r"(.)\1{7}|EXAMPLE|example|1234567890|abcdefghij", value)


def _is_login(found: re.Match[str]) -> bool:
    user, password, host = found["user"], found["password"], found["host"]
    if is_harmless(password) or password.lower() in _WEAK or password == user or host.startswith(("example.", "<")):
        return False
    return len(password) >= 6 and not _WORDS.fullmatch(password) and _entropy(password) > 2


def _is_registry_login(value: str) -> bool:
    user, colon, password = decoded(value).partition(":")
    return bool(colon) and bool(user) and not is_harmless(password) and password.lower() not in _WEAK


def is_sops(body: Any) -> bool:
    """Tells whether SOPS wrote an object: its metadata has a message authentication code."""
    block = mapping(body, "sops")
    return text(block, "mac").startswith("ENC[") and ("lastmodified" in block or "version" in block)


def sops_unencrypted(body: dict[str, Any]) -> Iterator[Route]:
    """Yields the routes of the values that a SOPS object's own rules want encrypted, and that are not."""
    block = mapping(body, "sops")
    if any(text(block, name) for name in ("encrypted_comment_regex", "unencrypted_comment_regex")):
        return  # comments decide, and rendered objects have none
    for route, value in scalars({key: value for key, value in body.items() if key != "sops"}):
        if value is None or value == "" or not _wants_encryption(block, route):
            continue
        if not (isinstance(value, str) and value.startswith("ENC[AES256_GCM,data:")):
            yield route


def _wants_encryption(block: dict[str, Any], route: Route) -> bool:
    keys = [step for step in route if isinstance(step, str)]
    rules = {
        name: text(block, name)
        for name in ("unencrypted_suffix", "encrypted_suffix", "unencrypted_regex", "encrypted_regex")
    }
    if not any(rules.values()):
        rules["unencrypted_suffix"] = "_unencrypted"
    wanted = True
    if rules["unencrypted_suffix"]:
        wanted = not any(key.endswith(rules["unencrypted_suffix"]) for key in keys)
    if rules["encrypted_suffix"]:
        wanted = any(key.endswith(rules["encrypted_suffix"]) for key in keys)
    if rules["unencrypted_regex"]:
        wanted = not any(_matches(rules["unencrypted_regex"], key) for key in keys)
    if rules["encrypted_regex"]:
        wanted = any(_matches(rules["encrypted_regex"], key) for key in keys)
    return wanted


def _matches(pattern: str, key: str) -> bool:
    try:
        return re.search(pattern, key) is not None
    except re.error:
        return False


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
            if name == "data" and not content and get(body, name, key) and _is_blank(value):
                continue
            if not (content and (is_harmless(content) or is_public(content))):
                yield (name, key), key, content


def _is_blank(value: str) -> bool:
    """Tells whether base64 stands for nothing."""
    try:
        return not base64.b64decode(value, validate=True).strip()
    except (binascii.Error, ValueError):
        return False
