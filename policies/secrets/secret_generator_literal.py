"""A secretGenerator has no secrets in its literals.

Whatever stands in `literals` is in git in plain text, and kustomize only writes it down as base64
(https://kubernetes.io/docs/tasks/configmap-secret/managing-secret-using-kustomize/). Keep it in a SealedSecret, an
ExternalSecret or a SOPS file.

An error where a literal is a credential beyond doubt, or a random value under a name such as `password`; a warning,
once for a generator, for its other literals.
Exempt: placeholders, empty values, paths, and references to a vault. Files are the rule `secret-generator-file`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitopsmith import secrets
from gitopsmith.finding import Route, Severity
from gitopsmith.kustomization import Kustomization
from gitopsmith.manifest import items, sequence
from gitopsmith.policy import Violation

SEVERITY = Severity.ERROR


def check_kustomization(kustomization: Kustomization) -> Iterator[Violation]:
    key = kustomization.key("secretGenerator")
    for route, generator in items(kustomization.body, key) if key is not None else ():
        yield from _literals(route, generator)


def _literals(route: Route, generator: dict[str, Any]) -> Iterator[Violation]:
    others = []
    for index, literal in enumerate(sequence(generator, "literals")):
        name, _, value = literal.partition("=") if isinstance(literal, str) else ("", "", "")
        where, value = (*route, "literals", index), value.strip("\"'")
        found = secrets.credential(name, value)
        if not (found and found.certain) and _is_harmless(value):
            continue
        if found:
            message = f"secretGenerator has {found.what} in plain text under {name!r}"
            yield Violation(where, f"{message}; replace it, and keep the new one encrypted")
        else:
            others.append((where, name))
    if others:
        names = ", ".join(repr(name) for _, name in others[:5]) + (" and more" if len(others) > 5 else "")
        message = f"secretGenerator has values in plain text: {names}; encrypt them, or use a configMapGenerator"
        yield Violation(others[0][0], message, severity=Severity.WARNING)


def _is_harmless(value: str) -> bool:
    """Tells whether a value is no secret, as it is or in the base64 that people write who take it for needed."""
    return secrets.is_harmless(secrets.decoded(value) or value) or secrets.is_public(value)


GOOD = [
    """\
secretGenerator:
  - name: web
    literals:
      - password=${PASSWORD}
"""
]
BAD = [
    """\
secretGenerator:
  - name: web
    literals:
      - username=shop  # <- here
      - password=kD8vq2LxT0mZ  # <- here
"""
]
