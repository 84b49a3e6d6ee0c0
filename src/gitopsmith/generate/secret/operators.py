"""What each operator for secrets must be told."""

from __future__ import annotations

from gitopsmith.answers import Answers
from gitopsmith.finding import Failure
from gitopsmith.generate.secret.external import Entry
from gitopsmith.generate.secret.sealed import Certificate

SEALED, EXTERNAL = "sealed-secrets", "external-secrets"


def chosen(given: Answers) -> str:
    """Returns the operator of a repository. Raises Failure when it has none."""
    if given.secrets not in {SEALED, EXTERNAL}:
        raise Failure(
            "the answer secrets is none: this repository has no operator that could make a Secret, and a plain one does"
            f" not belong in git; make the repository with {SEALED} or {EXTERNAL}"
        )
    return given.secrets


def require_certificate(certificate: Certificate) -> None:
    """Raises Failure when nobody said whose key to seal with."""
    if not certificate.file and not certificate.context:
        raise Failure("give --cert FILE, the certificate of the cluster, or --context NAME, to fetch it from there")


def require_entry(entry: Entry) -> None:
    """Raises Failure when nobody said where the values lie."""
    if not entry.store:
        raise Failure("give --store NAME, the store in the cluster that holds the values")
    if not entry.key:
        raise Failure("give --remote-key KEY, the name of the entry in the store")
