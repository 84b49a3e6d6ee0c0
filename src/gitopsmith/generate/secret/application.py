"""The secret of one application in one environment."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gitopsmith import answers, documents
from gitopsmith.answers import Answers
from gitopsmith.answers.names import label
from gitopsmith.answers.text import nearest
from gitopsmith.finding import Failure
from gitopsmith.generate.add import Changes
from gitopsmith.generate.secret import external, files, operators, values
from gitopsmith.generate.secret.external import Entry
from gitopsmith.generate.secret.sealed import Certificate, Identity
from gitopsmith.generate.secret.values import Sources
from gitopsmith.manifest import text


@dataclass(frozen=True, slots=True)
class Request:
    """A Secret for one application in one environment; ``keys`` are KEY, or KEY=SOURCE for what is sealed."""

    name: str
    application: str
    environment: str
    keys: tuple[str, ...]
    certificate: Certificate
    entry: Entry
    replace: bool = False


def application(root: Path, request: Request, sources: Sources) -> Changes:
    """Returns the secret, and the application's overlay with it in its list.

    Raises Failure when the repository has no operator for secrets, something in the request is missing or does not fit
    its operator, a value cannot be read, or a file is in the way.
    """
    given = answers.read(root / answers.FILE_NAME)
    operator = operators.chosen(given)
    overlay = _overlay(root, given, request)
    identity = Identity(_name(request.name), f"{request.application}-{request.environment}")
    _refuse_renaming(overlay, identity.namespace, documents.load(files.read(root, overlay)))
    path = f"{Path(overlay).parent.as_posix()}/{identity.name}.yaml"
    if operator == operators.SEALED:
        operators.require_certificate(request.certificate)
        found = values.read(request.keys, sources)
        made = files.seal(root, path, identity, found, request.certificate, replace=request.replace)
    else:
        operators.require_entry(request.entry)
        keys = _without_values(request.keys, request.entry)
        body = external.manifest(identity.name, identity.namespace, keys, request.entry)
        made = files.name_entries(root, path, body, replace=request.replace)
    return files.changes(root, overlay, path, made)


def _overlay(root: Path, given: Answers, request: Request) -> str:
    for flag, name, known in (
        ("--app", request.application, [one.name for one in given.applications]),
        ("--env", request.environment, [one.name for one in given.environments]),
    ):
        if name not in known:
            hint = nearest(name, known) or f"there are {', '.join(known)}"
            raise Failure(f"{flag} {name!r} is not in {answers.FILE_NAME}; {hint}")
    path = f"apps/{request.application}/overlays/{request.environment}/kustomization.yaml"
    if not (root / path).is_file():
        raise Failure(f"{path} is missing: {request.application} is not deployed to {request.environment}")
    return path


def _name(name: str) -> str:
    problem = label(name) or ("is what the overlay's own file is called" if name == "kustomization" else "")
    if problem:
        raise Failure(f"NAME {problem}")
    return name


def _refuse_renaming(overlay: str, namespace: str, body: Any) -> None:
    """Refuses an overlay that changes names or namespace: a secret is sealed for one name in one namespace."""
    for field in ("namePrefix", "nameSuffix"):
        if text(body, field):
            raise Failure(f"{overlay} has a {field}: the secret would get another name than it is sealed for")
    if text(body, "namespace") not in {"", namespace}:
        raise Failure(f"{overlay} puts everything into namespace {text(body, 'namespace')}, not into {namespace}")


def _without_values(keys: tuple[str, ...], entry: Entry) -> tuple[str, ...]:
    found = tuple(values.key(one) for one in keys)
    for key, one in zip(found, keys, strict=True):
        if "=" in one:
            raise Failure(f"--key {key}: with {operators.EXTERNAL} the value is in the store; write the key alone")
    if entry.whole and len(keys) > 1:
        raise Failure("--whole takes an entry of the store as one value, and there are several keys")
    return found
