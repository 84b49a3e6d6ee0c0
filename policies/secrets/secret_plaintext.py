"""A Secret in git is encrypted, or is not in git.

Base64 is no encryption: whoever can read the repository, today or in its history, has every value of a plain Secret
(https://kubernetes.io/docs/concepts/configuration/secret/; docs/operator-manual/secret-management.md of Argo CD). A
value that was pushed is known for good: replace it where it is used, then keep the new one in a SealedSecret, an
ExternalSecret or a SOPS file.

An error where a value is a credential: a private key, a token as its vendor makes them, a password in a URL or in a
registry's login, or a random value under a name such as `password`; also inside of a file that a value holds (JSON,
YAML, properties, INI, `.env`), in base64 within base64, and in annotations such as kubectl's
`last-applied-configuration`. A warning, once for a Secret, for all other plain values.
Exempt: values that SOPS encrypted, placeholders (`<path:...>`, `${NAME}`, `changeme`), references to a vault,
certificates and public keys, hashes of passwords, empty values, service-account tokens that the cluster fills,
settings of Argo CD that hold no credential, and files of settings in which no name is that of a credential. Of what a
generator of a kustomization makes only the credentials in whole files are reported here; the rest are the rules
`secret-generator-literal` and `secret-generator-file`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from gitopsmith import secrets
from gitopsmith.finding import Route, Severity
from gitopsmith.manifest import Resource, text
from gitopsmith.policy import Violation

SEVERITY = Severity.ERROR
SIBLINGS = True  # where an object comes from counts, and its text does not tell
KINDS = frozenset({"Secret"})
ARGO_CD_TYPE = "argocd.argoproj.io/secret-type"
SETTINGS_OF_ARGO_CD = frozenset(
    {"url", "type", "name", "project", "server", "namespaces", "clusterResources", "shard", "insecure", "enableLfs"}
    | {"enableOCI", "proxy", "noProxy", "forceHttpBasicAuth", "githubAppID", "githubAppInstallationID", "username"}
    | {"githubAppEnterpriseBaseUrl", "useAzureWorkloadIdentity", "insecureOCIForceHttp", "depth"}
)
SETTINGS_OF_ARGOCD_SECRET = frozenset({"admin.passwordMtime"})
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def check_resource(resource: Resource) -> Iterator[Violation]:
    if secrets.is_sops(resource.body):
        return
    is_generated = bool(resource.origin.configured_in)
    others = []
    for route, key, value in secrets.plain_values(resource.body):
        if is_generated and "\n" not in value:
            continue
        found = secrets.credential(key, value)
        if found:
            message = f"Secret {resource.name!r} has {found.what} in plain text under {key!r}"
            yield Violation(route, f"{message}; replace it, and keep the new one encrypted")
        elif not (is_generated or _is_setting(resource, key) or secrets.is_configuration(value)):
            others.append((route, key))
    if others:
        keys = ", ".join(repr(key) for _, key in others[:5]) + (" and more" if len(others) > 5 else "")
        message = f"Secret {resource.name!r} has values in plain text: {keys}; encrypt them, or use a ConfigMap"
        yield Violation(others[0][0], message, severity=Severity.WARNING)
    yield from _annotations(resource)


def _annotations(resource: Resource) -> Iterator[Violation]:
    found: dict[Route, str] = dict(secrets.certain_fields({"metadata": {"annotations": resource.annotations}}))
    for _, key, value in secrets.plain_values(_last_applied(resource)):
        if one := secrets.credential(key, value):
            found.setdefault(("metadata", "annotations", LAST_APPLIED), one.what)
    for route, what in found.items():
        message = f"an annotation of Secret {resource.name!r} has {what} in plain text"
        yield Violation(route, f"{message}; replace it, and leave the annotation out")


def _last_applied(resource: Resource) -> dict[str, Any]:
    with suppress(ValueError, RecursionError):
        body = json.loads(text(resource.annotations, LAST_APPLIED))
        return body if isinstance(body, dict) else {}
    return {}


def _is_setting(resource: Resource, key: str) -> bool:
    """Tells whether a key of a Secret of Argo CD is that of a setting."""
    of_argo_cd = ARGO_CD_TYPE in resource.labels and key in SETTINGS_OF_ARGO_CD
    return of_argo_cd or (resource.name == "argocd-secret" and key in SETTINGS_OF_ARGOCD_SECRET)


GOOD = [
    """\
apiVersion: v1
kind: Secret
metadata:
  name: web
stringData:
  password: <path:secret/data/web#password>
  ca.crt: |
    -----BEGIN CERTIFICATE-----
    MIIBszCCAVmgAwIBAgIUQGRlbW8wCgYIKoZIzj0EAwIwFDESMBAGA1UEAwwJZGVt
    -----END CERTIFICATE-----
""",
    """\
apiVersion: v1
kind: Secret
metadata:
  name: repository
  labels:
    argocd.argoproj.io/secret-type: repository
stringData:
  type: git
  url: https://git.example.com/team/fleet.git
""",
]
BAD = [
    """\
apiVersion: v1
kind: Secret
metadata:
  name: web
stringData:
  username: shop  # <- here
  password: kD8vq2LxT0mZ  # <- here
data:
  url: cG9zdGdyZXM6Ly9zaG9wOmtEOHZxMkx4VDBtWkBkYXRhYmFzZTo1NDMyL3Nob3A=  # <- here
"""
]
