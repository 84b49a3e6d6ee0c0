"""Manifests with secrets in them, and manifests that only look so: every value is made on the spot.

No literal here is a secret or looks like one: values are drawn by lot from a fixed seed, and put together from parts.
A case is one file of a repository; ``# !`` in it marks the line that is to be found.
"""

from __future__ import annotations

import base64
import json
import random
import string
import zlib
from typing import NamedTuple

ERROR, WARNING = "error", "warning"
LETTERS = string.ascii_letters + string.digits
BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
LOT = random.Random(20260110)
MARK = "# !"
DASHES = "-" * 5
VALUES: list[str] = []
"""Every secret that was made."""


class Case(NamedTuple):
    """One file, and what is to be found in it: a rule, a severity, and the marked line; nothing where there is no rule.

    ``kind`` is where it stands: ``object``, ``application``, ``kustomization`` or ``file``. ``beside`` are more files.
    """

    name: str
    text: str
    rule: str = ""
    severity: str = ""
    kind: str = "object"
    beside: tuple[tuple[str, str], ...] = ()

    @property
    def line(self) -> int:
        return next((n for n, line in enumerate(self.text.splitlines(), 1) if line.endswith(MARK)), 0)


def drawn(length: int, of: str = LETTERS) -> str:
    """Makes a random text in which there is a letter and a digit, and remembers it."""
    while True:
        value = "".join(LOT.choices(of, k=length))
        if any(map(str.isdigit, value)) and any(map(str.isalpha, value)) and len(set(value)) > min(length // 4, 8):
            VALUES.append(value)
            return value


def made(*parts: str) -> str:
    """Puts a value together, and remembers the whole."""
    VALUES.append("".join(parts))
    return VALUES[-1]


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def checked(prefix: str) -> str:
    """Makes a token that ends in the CRC-32 of its random part in base 62."""
    value = drawn(30)
    number = zlib.crc32(value.encode())
    return made(prefix, value, "".join(BASE62[number // 62**place % 62] for place in reversed(range(6))))


def of_grafana() -> str:
    named = f"{'gl'}sa_{drawn(32)}"
    return made(named, "_", zlib.crc32(named.encode()).to_bytes(4, "little").hex())


def pem(kind: str, first: str = "MII", lines: int = 3) -> str:
    body = "\n".join(first + drawn(61) if n == 0 else drawn(64) for n in range(lines))
    return f"{DASHES}BEGIN {kind}{DASHES}\n{body}\n{DASHES}END {kind}{DASHES}\n"


def jwt(**claims: str) -> str:
    head, body = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({"alg": "RS256"}, claims)
    )
    return made(head, ".", body, ".", drawn(86))


def hexadecimal(length: int) -> str:
    return drawn(length, "0123456789abcdef")


def indented(text: str, by: int) -> str:
    return "".join(f"{' ' * by}{line}\n" for line in text.splitlines())


def secret(name: str, body: str, more: str = "") -> str:
    return f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: {name}\n{more}{body}"


def data(name: str, key: str, value: str) -> str:
    return secret(name, f"data:\n  {key}: {encoded(value)}  {MARK}\n")


def string_data(name: str, key: str, value: str, more: str = "") -> str:
    return secret(name, f"stringData:\n  {key}: {value}  {MARK}\n", more)


def block(name: str, key: str, value: str, kind: str = "Secret", field: str = "stringData") -> str:
    head = f"apiVersion: v1\nkind: {kind}\nmetadata:\n  name: {name}\n"
    return f"{head}{field}:\n  {key}: |  {MARK}\n{indented(value, 4)}"


def config(name: str, key: str, value: str) -> str:
    head = f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n"
    return f"{head}data:\n  {key}: {value}  {MARK}\n"


def config_file(name: str, key: str, value: str) -> str:
    return block(name, key, value, "ConfigMap", "data")


def pod(name: str, container: str) -> str:
    return (
        f"apiVersion: v1\nkind: Pod\nmetadata:\n  name: {name}\nspec:\n  containers:\n    - name: web\n"
        f"      image: registry.example.com/web:1.4.2\n{indented(container, 6)}"
    )


def variable(name: str, key: str, value: str) -> str:
    return pod(name, f"env:\n  - name: {key}\n    value: {value}  {MARK}\n")


def argument(name: str, value: str, field: str = "args") -> str:
    return pod(name, f"{field}:\n  - serve\n  - {value}  {MARK}\n")


def application(name: str, source: str) -> str:
    return (
        f"apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: {name}\n  namespace: argocd\n"
        f"spec:\n  project: shop\n  source:\n{indented(source, 4)}"
        "  destination:\n    name: production\n    namespace: web\n"
    )


def chart(name: str, helm: str) -> str:
    source = f"repoURL: https://charts.example.com\nchart: web\ntargetRevision: 1.2.3\nhelm:\n{indented(helm, 2)}"
    return application(name, source)


def external(name: str, template: str) -> str:
    return (
        f"apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata:\n  name: {name}\nspec:\n"
        "  secretStoreRef:\n    name: vault\n    kind: ClusterSecretStore\n"
        "  data:\n    - secretKey: user\n      remoteRef:\n        key: shop/web\n"
        f"  target:\n    template:\n{indented(template, 6)}"
    )


def sealed_value(length: int = 512) -> str:
    return base64.b64encode(length.to_bytes(2, "big") + LOT.randbytes(length + 64)).decode()


def sealed(name: str, value: str, template: str = "") -> str:
    return (
        f"apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  name: {name}\nspec:\n"
        f"  encryptedData:\n    password: {value}\n{indented(template, 2)}"
    )


CIPHERTEXT = f"ENC[AES256_GCM,data:{encoded('something')},iv:{encoded('iv')},tag:{encoded('tag')},type:str]"
RECIPIENT = "  age:\n    - recipient: age1somebody\n      enc: something\n"


def sops(body: str, keys: str = RECIPIENT, rule: str = "encrypted_regex: ^(data|stringData)$") -> str:
    return (
        f"{body}sops:\n{keys}  lastmodified: '2026-01-10T10:00:00Z'\n  mac: {CIPHERTEXT}\n  {rule}\n  version: 3.9.0\n"
    )
