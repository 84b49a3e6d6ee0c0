"""An environment variable takes a secret from a Secret.

A `value` under a name such as `DB_PASSWORD` stands in git in plain text, and in the cluster everybody sees it who may
read pods. `valueFrom.secretKeyRef` takes it from a Secret
(https://kubernetes.io/docs/concepts/configuration/secret/#using-secrets-as-environment-variables).

The last word of the name decides: `API_KEY`, `clientSecret` and `DB_PASSWORD` are looked at, `PASSWORD_FILE`,
`TOKEN_TTL` and `SECRET_NAME` are not. Exempt: placeholders, `$(NAME)`, empty values, numbers, paths, URLs, and the
names of objects, such as a value that a Secret in the same build has as its name. A secret key of AWS under its own
name is an error, all else is a warning: only the name and the shape tell. Private keys, vendors' tokens and URLs with
a password are the rule `secret-token`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitopsmith import secrets
from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, items
from gitopsmith.policy import Violation
from gitopsmith.workload import WORKLOADS, containers

SEVERITY = Severity.ERROR
SIBLINGS = True
KINDS = WORKLOADS
NO_CREDENTIAL = re.compile(r"[./~].*|[a-z][a-z0-9+.-]*://.*|[\d.,:]+|\$\(.*|.*\s.*")
NAME_OF_AN_OBJECT = re.compile(
    r"[a-z0-9]+([-.][a-z0-9]+)*[-.](secrets?|credentials?|creds|token|password|key|auth|config|tls)(-[a-z0-9]{8,10})?"
)


def check_resource(resource: Resource) -> Iterator[Violation]:
    names: frozenset[str] | None = None
    for route, container in containers(resource):
        for where, variable in items(container, "env"):
            name, value = variable.get("name"), variable.get("value")
            if not (isinstance(name, str) and isinstance(value, str) and _is_suspect(name, value)):
                continue
            names = names if names is not None else frozenset(sibling.name for sibling in resource.siblings)
            if value not in names:
                message = f"variable {name!r} has its value in plain text; take it from a Secret with secretKeyRef"
                yield Violation((*route, *where, "value"), message, severity=_severity(name, value))


def _is_suspect(name: str, value: str) -> bool:
    """Tells whether a value may be a credential; one that shows by itself is another rule's."""
    if not secrets.is_secret_name(name) or secrets.is_harmless(value) or secrets.certain(value):
        return False
    return not (NO_CREDENTIAL.fullmatch(value) or NAME_OF_AN_OBJECT.fullmatch(value))


def _severity(name: str, value: str) -> Severity:
    found = secrets.credential(name, value)
    return found.severity if found else Severity.WARNING


GOOD = [
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: shop/web:1.4.2
      env:
        - name: DB_PASSWORD
          valueFrom:
            secretKeyRef:
              name: web
              key: password
        - name: DB_PASSWORD_FILE
          value: /run/secrets/password
        - name: TOKEN_TTL
          value: 15m
"""
]
BAD = [
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: shop/web:1.4.2
      env:
        - name: DB_PASSWORD
          value: kD8vq2LxT0mZ  # <- here
"""
]
