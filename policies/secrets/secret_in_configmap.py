"""A ConfigMap holds no credential.

Everybody who may read ConfigMaps in the namespace sees it, and it stands in git in plain text; Argo CD masks the data
of Secrets alone (https://kubernetes.io/docs/concepts/configuration/configmap/: it "does not provide secrecy").

Looked at: the value of each key, and what a file in it assigns, in JSON, YAML, properties, INI, `.env` or XML: a
random value under a name such as `password`. Only the name and the shape tell, so it is a warning; a secret key of
AWS under its own name is an error. Private keys, vendors' tokens and URLs with a password are the rule
`secret-token`.
Exempt: placeholders, `${NAME}`, words and default passwords, numbers, paths, hashes, the names of objects, and keys
that only begin like a credential, such as `password_validation.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import secrets
from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, mapping
from gitopsmith.policy import Violation

SEVERITY = Severity.ERROR
KINDS = frozenset({"ConfigMap"})


def check_resource(resource: Resource) -> Iterator[Violation]:
    for key, value in mapping(resource.body, "data").items():
        if not isinstance(value, str) or secrets.certain(value):
            continue
        found = secrets.credential(key, value)
        if found:
            message = f"ConfigMap {resource.name!r} has {found.what} in plain text in {key!r}"
            hint = "replace it, and keep the new one in a Secret"
            yield Violation(("data", key), f"{message}; {hint}", severity=found.severity)


GOOD = [
    """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
data:
  passwordFile: /run/secrets/password
  application.properties: |
    spring.datasource.username=shop
    spring.datasource.password=${DB_PASSWORD}
"""
]
BAD = [
    """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
data:
  clientSecret: kD8vq2LxT0mZ  # <- here
  application.properties: |  # <- here
    spring.datasource.username=shop
    spring.datasource.password=kD8vq2LxT0mZ
"""
]
