"""Fixtures that several test modules share."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
TOOLS = ROOT / ".tools"


def _shared(name: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"needs the measuring data in ../shared/{name}, which is not here")
    return folder


@pytest.fixture(scope="session")
def corpora() -> Path:
    """Six real repositories with checked truth about them."""
    return _shared("corpora")


@pytest.fixture(scope="session")
def conformance() -> Path:
    """The peers' own cases."""
    return _shared("conformance")


def program(name: str) -> str:
    """Returns a program built into ``.tools/bin`` or found on PATH; skips where there is none."""
    built = TOOLS / "bin" / name
    found = str(built) if built.is_file() else shutil.which(name)
    if found is None:
        pytest.skip(f"needs {name}: run `make tools` (Go) or put it on PATH")
    return found


@pytest.fixture(scope="session")
def kustomize() -> str:
    """The kustomize program."""
    return program("kustomize")


@pytest.fixture(scope="session")
def kubeconform() -> str:
    """The kubeconform program."""
    return program("kubeconform")
