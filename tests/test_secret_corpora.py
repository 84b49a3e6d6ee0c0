"""In real repositories nothing is found inside of what is encrypted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gitopsmith import documents, secrets
from gitopsmith.finding import Finding
from gitopsmith.lint import Options, lint
from gitopsmith.manifest import mapping, scalars, text

MOST_OF_THEM = 60
"""Of the 63 encrypted values and keys that the two repositories have."""
ENCRYPTED = ("eoepca-plus", "operate-first-apps")
pytestmark = pytest.mark.slow


def ciphertext(body: Any) -> Iterator[tuple[str, str]]:
    """Yields (name, value) of each encrypted value of an object: of SOPS, of a SealedSecret, and those of a key."""
    if text(body, "kind") == "SealedSecret":
        yield from ((key, value) for key, value in mapping(body, "spec", "encryptedData").items() if value)
    for route, value in scalars(body):
        if isinstance(value, str) and value.startswith(("ENC[", "-----BEGIN PGP MESSAGE", "-----BEGIN AGE ENCRYPTED")):
            yield str(route[-1]), value


def bodies(folder: Path) -> Iterator[Any]:
    for path in sorted(folder.rglob("*.y*ml")):
        data = path.read_bytes()
        if b"SealedSecret" in data or b"ENC[" in data:
            yield from (document.body for document in documents.read(data).documents)


def test_no_ciphertext_is_taken_for_a_secret(corpora: Path) -> None:
    values = [pair for name in ENCRYPTED for body in bodies(corpora / name) for pair in ciphertext(body)]
    assert len(values) >= MOST_OF_THEM
    assert sum(secrets.credential(name, value) is not None for name, value in values) == 0


@pytest.mark.parametrize("name", ENCRYPTED)
def test_no_finding_points_into_ciphertext(corpora: Path, name: str) -> None:
    root = corpora / name
    findings = lint(Options(paths=(root,), select=("secrets",))).findings
    assert [finding.location for finding in findings if is_in_ciphertext(root, finding)] == []


def is_in_ciphertext(root: Path, finding: Finding) -> bool:
    line = (root / finding.location.path).read_text(encoding="utf-8").splitlines()[finding.location.line - 1]
    return "ENC[" in line or any(secrets.is_sealed(word) for word in line.split())
