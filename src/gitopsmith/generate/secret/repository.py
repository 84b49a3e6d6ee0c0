"""The credential that Argo CD reads the repository with, kept in git by the operator for secrets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from gitopsmith import answers
from gitopsmith.answers import IN_CLUSTER, Answers
from gitopsmith.bootstrap import credential
from gitopsmith.finding import Failure
from gitopsmith.generate.add import Changes
from gitopsmith.generate.secret import external, files, operators
from gitopsmith.generate.secret.external import Entry
from gitopsmith.generate.secret.sealed import Certificate, Identity
from gitopsmith.generate.secret.values import Value

_FOLDER = f"clusters/{IN_CLUSTER}"
_ANNOTATIONS = {
    "argocd.argoproj.io/sync-options": "SkipDryRunOnMissingResource=true",
    "argocd.argoproj.io/sync-wave": "5",
}
"""Behind the operator, which brings the definition of the kind, and before the environments."""
_STORED = {
    "token": ("password",),
    "deploy-key": ("sshPrivateKey",),
    "github-app": ("githubAppID", "githubAppInstallationID", "githubAppPrivateKey"),
}
"""What a store has to hold: properties of the entry, called as Argo CD calls them."""


def repository(
    root: Path, environment: Mapping[str, str], certificate: Certificate, entry: Entry, *, replace: bool = False
) -> Changes:
    """Returns the credential, and the folder of Argo CD's own cluster with it in its list.

    The Secret that `gitopsmith bootstrap` made has the same name, and the operator takes it over. What is sealed comes
    from the same variables. Raises Failure as ``add`` does.
    """
    given = answers.read(root / answers.FILE_NAME)
    if given.credential == "none":
        raise Failure("the answer credential is none: Argo CD reads this repository without one")
    path = f"{_FOLDER}/{credential.SECRET}.yaml"
    identity = Identity(credential.SECRET, credential.NAMESPACE, credential.LABELS, credential.ADOPTABLE)
    if operators.chosen(given) == operators.SEALED:
        operators.require_certificate(certificate)
        found = _found(given, environment)
        made = files.seal(root, path, identity, found, certificate, replace=replace, annotations=_ANNOTATIONS)
    else:
        operators.require_entry(entry)
        body = external.manifest(identity.name, identity.namespace, _STORED[given.credential], entry)
        body = external.templated(body, identity.labels, _public(given, environment), _ANNOTATIONS)
        made = files.name_entries(root, path, body, replace=replace)
    return files.changes(root, f"{_FOLDER}/kustomization.yaml", path, made)


def _found(given: Answers, environment: Mapping[str, str]) -> tuple[Value, ...]:
    found = credential.from_environment(given.credential, given.repo_url, environment)
    if found is None:
        names = " and ".join(credential.VARIABLES[given.credential])
        raise Failure(f"set {names} in the environment: the answer credential is {given.credential}")
    return tuple(Value(key, value.encode("utf-8", "surrogateescape")) for key, value in found.fields.items())


def _public(given: Answers, environment: Mapping[str, str]) -> dict[str, str]:
    """Returns the fields of the credential that are no secret, and that the store need not hold."""
    fields = {"type": "git", "url": given.repo_url}
    if given.credential == "token":
        return fields | {"username": environment.get("GITOPSMITH_USERNAME") or "git"}
    return fields | (credential.enterprise(given.repo_url) if given.credential == "github-app" else {})
