"""Finds credentials in text: those with a form of their own, and random values whose name says what they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gitopsmith.finding import Route
from gitopsmith.manifest import scalars
from gitopsmith.secrets.shapes import decoded, entropy, is_harmless, is_secret_name, is_strong, is_weak, is_words

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
_PRIVATE_KEY = (
    r"-----BEGIN (?:RSA |EC |DSA |OPENSSH |PGP )?PRIVATE KEY(?: BLOCK)?-----(?:\s|\\n)*"
    r"(?P<headers>(?:[A-Z][\w-]+: [^\n]*\n)*)(?:[A-Za-z0-9+/=\s]|\\n){64,}"
)
_ENCODED_PEM = r"LS0tLS1CRUdJTi[A-Za-z0-9+/]{64,}={0,2}"
_URL = r"\b[a-z][a-z0-9+.-]{1,20}://(?P<user>[^\s/:@'\"<>{}$]*):(?P<password>[^\s/@'\"]+)@(?P<host>[^\s/'\"?#]+)"
_REGISTRY_AUTH = r'"auth"\s*:\s*"([A-Za-z0-9+/]{8,}={0,2})"'


def certain(value: str) -> str:
    """Returns what credential a text holds beyond doubt, such as ``a GitHub token``; empty when there is none."""
    if any(marker in value for marker in _MARKERS):
        if any("ENCRYPTED" not in found["headers"] for found in re.finditer(_PRIVATE_KEY, value)):
            return "a private key"
        if any(re.search(_PRIVATE_KEY, decoded(found[0])) for found in re.finditer(_ENCODED_PEM, value)):
            return "a private key"
        for name, pattern in _TOKENS:
            if any(_is_random(token[0]) for token in re.finditer(pattern, value)):
                return name
    if '"auth"' in value and any(_is_registry_login(found) for found in re.findall(_REGISTRY_AUTH, value)):
        return "a registry's credentials"
    if "://" in value and "@" in value and any(_is_login(found) for found in re.finditer(_URL, value)):
        return "a URL with a password"
    return ""


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


def credential(name: str, value: str) -> str:
    """Returns what credential stands under a name: a certain one, or a random value whose name says what it is."""
    what = certain(value)
    if what or not is_secret_name(name) or is_harmless(value):
        return what
    return "a credential" if is_strong(value.strip()) else ""


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


def _is_random(value: str) -> bool:
    return entropy(value) > 3 and not re.search(r"(.)\1{7}|EXAMPLE|example|1234567890|abcdefghij", value)


def _is_login(found: re.Match[str]) -> bool:
    user, password, host = found["user"], found["password"], found["host"]
    if is_harmless(password) or is_weak(password) or password == user or host.startswith(("example.", "<")):
        return False
    return len(password) >= 6 and not is_words(password) and entropy(password) > 2


def _is_registry_login(value: str) -> bool:
    user, colon, password = decoded(value).partition(":")
    return bool(colon) and bool(user) and not is_harmless(password) and not is_weak(password)
