"""The credential that Argo CD reads the repository with: from the environment to the cluster, and nowhere else.

Field names of the Secret and its label are those of Argo CD's ``docs/operator-manual/declarative-setup.md``.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gitopsmith.finding import Failure
from gitopsmith.manifest import mapping

NAMESPACE = "argocd"
SECRET = "repository"  # noqa: S105 - a name
LABELS = {"argocd.argoproj.io/secret-type": "repository"}
ADOPTABLE = {"sealedsecrets.bitnami.com/managed": "true"}
"""Lets a SealedSecret of the same name take over a Secret that it did not make; without it, its controller refuses."""
VARIABLES = {
    "token": ("GITOPSMITH_TOKEN",),
    "deploy-key": ("GITOPSMITH_SSH_KEY_FILE",),
    "github-app": (
        "GITOPSMITH_GITHUB_APP_ID",
        "GITOPSMITH_GITHUB_APP_INSTALLATION_ID",
        "GITOPSMITH_GITHUB_APP_KEY_FILE",
    ),
}
"""What has to be in the environment for each answer to ``credential``; GITOPSMITH_USERNAME may go with a token."""
PRIVATE_FIELDS = ("password", "sshPrivateKey", "githubAppPrivateKey")


@dataclass(frozen=True, slots=True)
class Credential:
    """The fields of Argo CD's repository Secret, and where they come from; its values are in no representation."""

    kind: str
    source: str
    fields: Mapping[str, str] = field(repr=False)
    key_file: Path | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown: each private value, its single lines, and the way in which a Secret holds it."""
        values = [self.fields[name] for name in PRIVATE_FIELDS if name in self.fields]
        lines = [line for value in values for line in value.splitlines() if len(line) > 7]
        return tuple(dict.fromkeys((*values, *lines, *map(encoded, values))))


def encoded(value: str) -> str:
    """Returns a value as the ``data`` of a Secret holds it."""
    return base64.b64encode(value.encode("utf-8", "surrogateescape")).decode()


def from_environment(kind: str, url: str, environment: Mapping[str, str]) -> Credential | None:
    """Returns the credential that the environment holds for a repository, None when none of its variables is set.

    Raises Failure that names the variable when one is missing, or its file holds no key that Argo CD can use.
    """
    wanted = VARIABLES[kind]
    if not any(environment.get(name) for name in wanted):
        return None
    missing = [name for name in wanted if not environment.get(name)]
    if missing:
        raise Failure(f"{' and '.join(missing)} must be set too, for credential {kind}")
    fields = {"type": "git", "url": url}
    if kind == "token":
        fields |= {
            "username": environment.get("GITOPSMITH_USERNAME") or "git",
            "password": environment[wanted[0]].strip(),
        }
        return Credential(kind, wanted[0], fields)
    variable = wanted[-1]
    path = Path(environment[variable]).expanduser()
    key = read_key(path, variable)
    if kind == "deploy-key":
        return Credential(kind, variable, fields | {"sshPrivateKey": key}, path)
    fields |= {"githubAppID": environment[wanted[0]], "githubAppInstallationID": environment[wanted[1]]}
    return Credential(kind, variable, fields | enterprise(url) | {"githubAppPrivateKey": key}, path)


def from_secret(kind: str, secret: Any) -> Credential | None:
    """Returns the credential that a cluster's repository Secret holds, None when it is not one of this kind."""
    fields = {name: decoded(value) for name, value in mapping(secret, "data").items() if isinstance(value, str)}
    private = {"token": "password", "deploy-key": "sshPrivateKey", "github-app": "githubAppPrivateKey"}[kind]
    return Credential(kind, f"Secret {NAMESPACE}/{SECRET}", fields) if fields.get(private) else None


def decoded(value: str) -> str:
    """Returns what the ``data`` of a Secret holds in one field; nothing when it is not base64."""
    try:
        return base64.b64decode(value, validate=True).decode("utf-8", "surrogateescape")
    except binascii.Error:
        return ""


def read_key(path: Path, variable: str) -> str:
    """Returns a private key with one line break at its end. Raises Failure when it is none, or has a passphrase."""
    try:
        text = path.read_text(encoding="utf-8").replace("\r\n", "\n").strip() + "\n"
    except UnicodeDecodeError as error:
        raise Failure(f"{variable} names {path}, which holds no private key") from error
    except OSError as error:
        raise Failure(f"{variable} names {path}, which cannot be read: {error.strerror}") from error
    if not text.startswith("-----BEGIN ") or "PRIVATE KEY-----" not in text.partition("\n")[0]:
        raise Failure(
            f"{variable} names {path}, which holds no private key; give the private half, in PEM or OpenSSH form"
        )
    if _has_passphrase(text):
        raise Failure(f"{variable} names {path}, which asks for a passphrase; Argo CD can use only a key without one")
    return text


def _has_passphrase(text: str) -> bool:
    head, _, rest = text.partition("\n")
    if "ENCRYPTED" in head or rest.startswith("Proc-Type: 4,ENCRYPTED"):
        return True
    body = decoded("".join(line for line in rest.split("\n") if not line.startswith("-----")))
    # OpenSSH's own form begins with the cipher's name, as a string with its length in front (its PROTOCOL.key).
    return body.startswith("openssh-key-v1\0") and not body.startswith("openssh-key-v1\0\0\0\0\4none")


def enterprise(url: str) -> dict[str, str]:
    """Returns the field that tells Argo CD where GitHub's API is, when the repository is not on github.com."""
    parts = urlsplit(url)
    if parts.hostname in {"github.com", None}:
        return {}
    return {"githubAppEnterpriseBaseUrl": f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}/api/v3"}


def manifest(credential: Credential) -> str:
    """Returns the Secret as JSON, which is YAML too. It is for kubectl's or kubeseal's stdin alone."""
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": SECRET, "namespace": NAMESPACE, "labels": LABELS, "annotations": ADOPTABLE},
        "type": "Opaque",
        "data": {name: encoded(value) for name, value in credential.fields.items()},
    }
    return json.dumps(body)
