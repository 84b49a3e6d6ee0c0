"""Finds tokens by the structure that their vendors publish, with the checksum where there is one.

GitHub's and npm's end in the CRC-32 of what stands before it
(https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/), Grafana's too
(``pkg/components/satokengen``): what does not add up was never issued.
"""

from __future__ import annotations

import re
import string
import zlib
from collections.abc import Callable
from typing import NamedTuple

from gitopsmith.secrets.shapes import entropy

_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_MADE_UP = r"(.)\1{7}|EXAMPLE|example|1234567890|abcdefghij"


def is_random(value: str) -> bool:
    """Tells whether a token looks drawn by lot, and not made up to show what one looks like."""
    return entropy(value) > 3 and not re.search(_MADE_UP, value)


def _ends_in_crc(value: str) -> bool:
    drawn, checksum = value.partition("_")[2][:-6], value[-6:]
    number, written = zlib.crc32(drawn.encode()), ""
    while number:
        number, digit = divmod(number, 62)
        written = _BASE62[digit] + written
    return written.rjust(6, "0") == checksum and is_random(value)


def _is_of_grafana(value: str) -> bool:
    named, _, checksum = value.rpartition("_")
    return zlib.crc32(named.encode()).to_bytes(4, "little").hex() == checksum and is_random(value)


class Token(NamedTuple):
    """What a vendor issues. Every one has one of the ``markers`` in it, which are looked for first."""

    what: str
    markers: tuple[str, ...]
    pattern: str
    is_real: Callable[[str], bool] = is_random


TOKENS = (
    Token("a GitHub token", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"\bgh[pousr]_[A-Za-z0-9]{36}\b", _ends_in_crc),
    Token("a GitHub token", ("github_pat_",), r"\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b"),
    Token(
        "a GitLab token",
        ("glpat-", "glptt-", "gldt-", "glrt-", "glcbt-", "glft-", "glsoat-", "gloas-", "glagent-", "glimt-"),
        r"\bgl(?:pat|ptt|dt|rt|cbt|ft|soat|oas|agent|imt)-[0-9A-Za-z_-]{20,}",
    ),
    Token(
        "a Slack token",
        ("xoxb-", "xoxa-", "xoxp-", "xoxr-", "xoxs-", "xoxe-"),
        r"\bxox[baprse]-\d{8,}-[0-9A-Za-z-]{10,}",
    ),
    Token("a Slack token", ("xapp-",), r"\bxapp-\d-[A-Z0-9]{9,}-\d{10,}-[a-f0-9]{32,}\b"),
    Token(
        "a Slack webhook",
        ("hooks.slack.com/",),
        r"hooks\.slack\.com/(?:services|workflows|triggers)/T[A-Z0-9]{8,}/[A-Z0-9]{8,}/[\w/]{20,}",
    ),
    Token("a Discord webhook", ("/api/webhooks/",), r"discord(?:app)?\.com/api/webhooks/\d{17,20}/[\w-]{60,}"),
    Token(
        "a Teams webhook",
        (".webhook.office.com/",),
        r"\.webhook\.office\.com/webhookb2/[\w-]{36}@[\w-]{36}/IncomingWebhook/[a-f0-9]{32}/",
    ),
    Token("a Stripe key", ("k_live_",), r"\b[sr]k_live_[0-9a-zA-Z]{24,}"),
    Token("a SendGrid key", ("SG.",), r"\bSG\.[\w-]{22}\.[\w-]{43}"),
    Token("an npm token", ("npm_",), r"\bnpm_[A-Za-z0-9]{36}\b", _ends_in_crc),
    Token("a PyPI token", ("pypi-AgE",), r"\bpypi-AgEIcHlwaS5vcmc[\w-]{50,}"),
    Token("a RubyGems key", ("rubygems_",), r"\brubygems_[a-f0-9]{48}\b"),
    Token("a Vault token", ("hvs.", "hvb."), r"\bhv[sb]\.[\w-]{24,}"),
    Token("a Terraform Cloud token", (".atlasv1.",), r"\b[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,}"),
    Token("a Pulumi token", ("pul-",), r"\bpul-[a-f0-9]{40}\b"),
    Token("a Doppler token", ("dp.",), r"\bdp\.(?:pt|ct|sa|scim|audit|st(?:\.[\w-]{2,35})?)\.[A-Za-z0-9]{40,44}\b"),
    Token("a 1Password token", ("ops_eyJ",), r"\bops_eyJ[A-Za-z0-9+/]{250,}={0,3}"),
    Token("a Google API key", ("AIza",), r"\bAIza[\w-]{35}(?![\w-])"),
    Token("a Google client secret", ("GOCSPX-",), r"\bGOCSPX-[\w-]{28}(?![\w-])"),
    Token("an Azure client secret", ("Q~",), r"(?<![\w.~-])[\w.~-]{3}\dQ~[\w.~-]{31,34}(?![\w.~-])"),
    Token("an Azure storage key", ("AccountKey=",), r"\bAccountKey=[A-Za-z0-9+/]{86}=="),
    Token("an Azure access key", ("SharedAccessKey=",), r"\bSharedAccessKey=[A-Za-z0-9+/]{43}="),
    Token("a DigitalOcean token", ("dop_v1_", "doo_v1_", "dor_v1_"), r"\bdo[opr]_v1_[a-f0-9]{64}\b"),
    Token("an OpenAI key", ("T3BlbkFJ",), r"\bsk-[A-Za-z0-9_-]{20,}T3BlbkFJ[A-Za-z0-9_-]{20,}"),
    Token("an Anthropic key", ("sk-ant-",), r"\bsk-ant-[a-z]+\d\d-[\w-]{80,}"),
    Token("a Hugging Face token", ("hf_",), r"\bhf_[A-Za-z]{34}\b"),
    Token("a Telegram bot token", (":AA",), r"\b\d{8,10}:AA[\w-]{33}(?![\w-])"),
    Token("a Docker Hub token", ("dckr_",), r"\bdckr_[po]at_[\w-]{27,}"),
    Token("a Grafana token", ("glsa_",), r"\bglsa_[A-Za-z0-9]{32}_[a-f0-9]{8}\b", _is_of_grafana),
    Token("a Grafana token", ("glc_eyJ",), r"\bglc_eyJ[A-Za-z0-9+/=]{40,}"),
    Token("a New Relic key", ("NRAK-",), r"\bNRAK-[A-Z0-9]{27}\b"),
    Token("a Dynatrace token", ("dt0",), r"\bdt0[a-z]\d\d\.[A-Z2-7]{24}\.[A-Z2-7]{64}\b"),
    Token("a Databricks token", ("dapi",), r"\bdapi[a-f0-9]{32}\b"),
    Token("a Shopify token", ("shpat_", "shpca_", "shppa_", "shpss_"), r"\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}\b"),
    Token("a Linear key", ("lin_api_",), r"\blin_api_[A-Za-z0-9]{40}\b"),
    Token("a Postman key", ("PMAK-",), r"\bPMAK-[a-f0-9]{24}-[a-f0-9]{34}\b"),
    Token("a SonarQube token", ("squ_", "sqp_", "sqa_"), r"\bsq[upa]_[a-f0-9]{40}\b"),
    Token("a Tailscale key", ("tskey-",), r"\btskey-(?:auth|api|client)-\w{6,}-\w{16,}"),
    Token("a Sentry token", ("sntrys_",), r"\bsntrys_eyJ[A-Za-z0-9+/=_]{80,}"),
    Token("an Atlassian token", ("ATATT3",), r"\bATATT3[\w=-]{150,}"),
    Token("an age secret key", ("AGE-SECRET-KEY-",), r"\bAGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}\b"),
    Token(
        "an AWS secret key",
        ("ecret_access_key", "ECRET_ACCESS_KEY", "ecretAccessKey"),
        r"(?i:secret_?access_?key)['\"]?\s*[:=]\s*['\"]?[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])",
    ),
)


def token(text: str) -> str:
    """Returns what vendor's token a text holds, such as ``a GitHub token``; empty when there is none."""
    for kind in TOKENS:
        if any(marker in text for marker in kind.markers) and any(
            kind.is_real(found[0]) for found in re.finditer(kind.pattern, text)
        ):
            return kind.what
    return ""
