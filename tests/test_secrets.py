"""Credentials are found in whatever they are wrapped, what only looks like one is left alone, and no value is shown.

Every credential here is made up on the spot: the parts are put together at run time, so that no scanner takes this file
for a leak.
"""

from __future__ import annotations

import base64
import json
import string
import zlib
from typing import Any

import pytest

from gitopsmith import secrets

RANDOM = "kD8vq2LxT0mZ7Rw4Yb1NcP6sHf3JgA9eUo5iQtXa"
BODY = "\n".join(["MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQC7"] * 3)
ENCRYPTED = "ENC[AES256_GCM,data:c29tZXRoaW5n,iv:aXY=,tag:dGFn,type:str]"


def pem(kind: str, body: str = BODY, headers: str = "") -> str:
    return f"-----BEGIN {kind}-----\n{headers}{body}\n-----END {kind}-----\n"


def checked(prefix: str) -> str:
    """Makes a token that ends in the CRC-32 of its random part, as GitHub's and npm's do."""
    number, digits = zlib.crc32(RANDOM[:30].encode()), string.digits + string.ascii_uppercase + string.ascii_lowercase
    places = [number // 62**place % 62 for place in reversed(range(6))]
    return prefix + RANDOM[:30] + "".join(digits[place] for place in places)


def of_grafana() -> str:
    named = "glsa_" + RANDOM[:32]
    return f"{named}_{zlib.crc32(named.encode()).to_bytes(4, 'little').hex()}"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def login(password: str) -> str:
    return json.dumps({"auths": {"registry.example.com": {"auth": encoded(f"robot:{password}")}}})


CERTAIN = {
    "private key": (pem("PRIVATE KEY"), "a private key"),
    "RSA private key": (pem("RSA PRIVATE KEY"), "a private key"),
    "OpenSSH private key": (pem("OPENSSH PRIVATE KEY"), "a private key"),
    "private key in JSON": (json.dumps({"private_key": pem("PRIVATE KEY")}), "a private key"),
    "private key in a kubeconfig": (f"client-key-data: {encoded(pem('EC PRIVATE KEY'))}", "a private key"),
    "GitHub": ("token: " + checked("ghp_"), "a GitHub token"),
    "fine-grained GitHub": ("github_pat_" + RANDOM[:22] + "_" + (RANDOM * 2)[:59], "a GitHub token"),
    "GitLab": ("glpat-" + RANDOM[:20], "a GitLab token"),
    "Slack": ("xoxb-" + "482910573816-" + RANDOM[:24], "a Slack token"),
    "Slack webhook": ("https://hooks.slack.com/services/T0" + "A9K2M4Q7/B0Z8X6C4V2/" + RANDOM[:24], "a Slack webhook"),
    "Stripe": ("sk_" + "live_" + RANDOM[:24], "a Stripe key"),
    "npm": (checked("npm_"), "an npm token"),
    "Vault": ("hvs." + RANDOM[:28], "a Vault token"),
    "Grafana": (of_grafana(), "a Grafana token"),
    "Docker Hub": ("dckr_pat_" + RANDOM[:27], "a Docker Hub token"),
    "age": ("AGE-SECRET-KEY-1" + ("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L" * 2)[:58], "an age secret key"),
    "Azure storage": ("AccountName=shop;AccountKey=" + (RANDOM * 3)[:86] + "==;", "an Azure storage key"),
    "registry login": (login(RANDOM), "a registry's credentials"),
    "database URL": (f"postgres://shop:{RANDOM}@database:5432/shop", "a URL with a password"),
    "Redis URL without a user": (f"redis://:{RANDOM}@cache:6379/0", "a URL with a password"),
    "URL inside a text": (f"# old\nremote = https://bot:{RANDOM}@git.example.com/fleet.git\n", "a URL with a password"),
}  # fmt: skip
UNCERTAIN = {
    "nothing": "",
    "certificate": pem("CERTIFICATE"),
    "encrypted key": pem("ENCRYPTED PRIVATE KEY"),
    "key with a passphrase": pem("RSA PRIVATE KEY", headers="Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,0F3A\n\n"),
    "header of a key in a script": "grep -q -- '-----BEGIN PRIVATE KEY-----' \"$file\" || exit 1",
    "key to be filled in": "-----BEGIN PRIVATE KEY-----\n{{ .Values.key }}\n-----END PRIVATE KEY-----",
    "token of one letter": "ghp_" + "x" * 36,
    "token of an example": "ghp_" + "1234567890abcdefghijklmnopqrstuvwxyz",
    "URL without a password": "https://git.example.com/team/fleet.git",
    "URL with a user": "ssh://git@git.example.com:22/team/fleet.git",
    "URL with a variable": "postgres://shop:$(PASSWORD)@database:5432/shop",
    "URL with braces": "postgres://shop:{{ .password }}@database/shop",
    "URL with a default password": "postgresql://postgres:postgres@database/shop",
    "URL with a word": "postgresql://shop:mypass@database/shop",
    "image with a digest": "registry.example.com:5000/shop/web:1.4@sha256:" + "4bcd3f0d" * 8,
    "mail address after a URL": "see https://example.com:8080/docs or write to team@example.com",
    "registry login to be filled in": login("changeme"),
    "token whose checksum does not add up": "ghp_" + RANDOM[:36],
    "word with a prefix in it": "the graph_hops_to_follow and skhub settings",
}


@pytest.mark.parametrize(("text", "what"), CERTAIN.values(), ids=CERTAIN)
def test_a_credential_with_a_form_of_its_own_is_certain(text: str, what: str) -> None:
    assert secrets.certain(text) == what
    assert secrets.certain(f"first: line\nthen: {text}") == what


@pytest.mark.parametrize("text", UNCERTAIN.values(), ids=UNCERTAIN)
def test_what_only_looks_like_a_credential_is_not_certain(text: str) -> None:
    assert secrets.certain(text) == ""


def test_a_credential_is_found_in_the_field_that_holds_it() -> None:
    body = {
        "data": {"motto": "all is well, and long enough", "url": f"redis://:{RANDOM}@cache:6379"},
        "list": [1, None],
    }
    assert list(secrets.certain_fields(body)) == [(("data", "url"), "a URL with a password")]


def test_a_placeholder_before_a_credential_does_not_hide_it() -> None:
    assert secrets.certain("old: ghp_" + "x" * 36 + "\nnew: " + checked("ghp_")) == "a GitHub token"


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("password", "kD8vq2LxT0mZ", "a credential"),
        ("clientSecret", "f3a9c2e17b40", "a credential"),
        ("API_KEY", "kD8vq2LxT0mZ", "a credential"),
        ("anything", f"redis://:{RANDOM}@cache:6379", "a URL with a password"),
        ("username", "kD8vq2LxT0mZ", ""),
        ("password", "changeme", ""),
        ("password", "postgres", ""),
        ("password", "testpassword1", ""),
        ("password", "hunter2", ""),
        ("password", "Y2hhbmdlbWU=", ""),
        ("password", "x" * 20, ""),
        ("token", "my-service-token", ""),
        ("secret", "web-tls", ""),
        ("password", "${DB_PASSWORD}", ""),
        ("password", "/run/secrets/password", ""),
        ("password", "two words here", ""),
        ("token", "31536000000", ""),
    ],
)
def test_a_random_value_under_a_telling_name_is_a_credential(name: str, value: str, what: str) -> None:
    found = secrets.credential(name, value)
    assert (found.what if found else "") == what


@pytest.mark.parametrize(
    "name",
    [
        "DB_PASSWORD", "password", "clientSecret", "API_KEY", "apiKey", "AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN",
        "mysql-root-password", "SECRET_KEY", "MINIO_ROOT_PASSWORD", "TOKEN_2", "dbPassword1", "PRIVATE_KEY",
        "ENCRYPTION_KEY", "keyStorePassword",
    ],
)  # fmt: skip
def test_a_name_that_ends_in_a_credential_is_telling(name: str) -> None:
    assert secrets.is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "PASSWORD_FILE", "TOKEN_TTL", "secretName", "SECRETS_DIR", "PASSWORD_RESET_ENABLED", "existingSecretKey",
        "CACHE_KEY", "KEY", "PUBLIC_KEY", "tokenUrl", "AWS_ACCESS_KEY_ID", "username", "", "_", "COMPASS_MODE",
        "bypass_cache",
    ],
)  # fmt: skip
def test_a_name_that_is_about_a_credential_is_not_telling(name: str) -> None:
    assert not secrets.is_secret_name(name)


HARMLESS = [
    "", "  ", ENCRYPTED, "$ANSIBLE_VAULT;1.1;AES256\n3163", "${PASSWORD}", "$(PASSWORD)", "{{ .Values.password }}",
    "<path:secret/data/web#password>", "<password>", "ref+vault://secret/web#password",
    "vault:secret/data/web#password",
    "op://vault/item/field", "changeme", "CHANGE_ME", "REPLACE_ME", "__REPLACE_ME__", "your-password", "TODO", "xxxx",
    "****", "...", "none", "true", "n/a", "dummy", "%PASSWORD%", "@PASSWORD@", "/etc/tls/tls.key", "set-by-pipeline",
    "-----BEGIN PGP MESSAGE-----\n",
]  # fmt: skip


@pytest.mark.parametrize("value", HARMLESS)
def test_placeholders_references_and_ciphertext_are_harmless(value: str) -> None:
    assert secrets.is_harmless(value)


@pytest.mark.parametrize(
    "value", ["kD8vq2LxT0mZ", "admin", "shop", "x" * 20, "a\nb", "http://web.shop.svc:80", "12345"]
)
def test_other_values_are_not_harmless(value: str) -> None:
    assert not secrets.is_harmless(value)


@pytest.mark.parametrize(
    "hostile", ["${" * 200_000, "{{" * 200_000, "<a" * 200_000, "://a:" * 200_000, "-----BEGIN " * 50_000]
)
def test_no_text_keeps_the_search_busy(hostile: str) -> None:
    secrets.certain(hostile)
    secrets.is_harmless(hostile)
    secrets.is_filled_in_later(hostile)
    secrets.is_public(hostile)


def test_certificates_and_public_keys_are_public() -> None:
    assert secrets.is_public(pem("CERTIFICATE") * 2)
    assert secrets.is_public("# deploy key\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKp bot@example.com\n")
    assert not secrets.is_public(pem("CERTIFICATE") + pem("PRIVATE KEY"))
    assert not secrets.is_public("kD8vq2LxT0mZ")


def test_values_of_a_secret_are_seen_through_base64() -> None:
    body = {
        "data": {
            "password": encoded("kD8vq2LxT0mZ"),
            "empty": encoded("\n"),
            "filled-in-later": "${PASSWORD}",
            "placeholder": encoded("changeme"),
            "ca.crt": encoded(pem("CERTIFICATE")),
            "keystore": base64.b64encode(b"\xfe\xed\xfe\xed" * 8).decode(),
            "null": None,
        },
        "stringData": {"port": "5432", "sealed": ENCRYPTED},
    }
    assert list(secrets.plain_values(body)) == [
        (("data", "password"), "password", "kD8vq2LxT0mZ"),
        (("data", "keystore"), "keystore", ""),
        (("stringData", "port"), "port", "5432"),
    ]


def sops(**rules: str) -> dict[str, Any]:
    return {"sops": {"mac": ENCRYPTED, "lastmodified": "2026-01-10T10:00:00Z", "version": "3.9.0", **rules}}


DATA = {
    "kind": "Secret",
    "data": {"a": ENCRYPTED, "b": "plain", "c_unencrypted": "plain", "d": ""},
    "other": ["plain", 1],
}


@pytest.mark.parametrize(
    ("rules", "plain"),
    [
        ({}, [("kind",), ("data", "b"), ("other", 0), ("other", 1)]),
        ({"encrypted_regex": "^(data|stringData)$"}, [("data", "b"), ("data", "c_unencrypted")]),
        ({"encrypted_suffix": "b"}, [("data", "b")]),
        ({"unencrypted_regex": "^(kind|other)$"}, [("data", "b"), ("data", "c_unencrypted")]),
        ({"unencrypted_suffix": "b"}, [("kind",), ("data", "c_unencrypted"), ("other", 0), ("other", 1)]),
        ({"encrypted_comment_regex": "secret"}, []),
        ({"unencrypted_regex": "(unreadable"}, []),
    ],
    ids=str,
)
def test_what_sops_should_encrypt_is_what_the_file_says(
    rules: dict[str, str], plain: list[tuple[str | int, ...]]
) -> None:
    assert list(secrets.sops_unencrypted({**DATA, **sops(**rules)})) == plain


@pytest.mark.parametrize(
    ("body", "is_one"),
    [
        (sops(), True),
        ({"sops": {"mac": ENCRYPTED}}, False),
        ({"sops": {"mac": "none", "version": "3.9.0"}}, False),
        ({"sops": "no"}, False),
        ({}, False),
        (None, False),
    ],
    ids=["real", "no date", "no code", "no map", "none", "no object"],
)
def test_a_sops_file_has_a_message_authentication_code(body: Any, is_one: bool) -> None:
    assert secrets.is_sops(body) is is_one


@pytest.mark.parametrize("length", [256, 384, 512])
def test_a_sealed_value_has_an_rsa_block_and_a_tag(length: int) -> None:
    head = length.to_bytes(2, "big")
    assert secrets.is_sealed(base64.b64encode(head + bytes(length) + bytes(16)).decode())
    assert not secrets.is_sealed(base64.b64encode(head + bytes(length) + bytes(15)).decode())


@pytest.mark.parametrize("value", ["", "REPLACEME", encoded("kD8vq2LxT0mZ"), "not base64!", encoded("AgBy" * 200)])
def test_other_values_are_not_sealed(value: str) -> None:
    assert not secrets.is_sealed(value)
