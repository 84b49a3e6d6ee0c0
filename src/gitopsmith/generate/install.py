"""Argo CD's own installation: one pinned file, known by its digest."""

from __future__ import annotations

import hashlib
import json
import urllib.error
import urllib.request
from pathlib import Path

from gitopsmith import content
from gitopsmith.finding import Failure

PATH = "bootstrap/argocd/install.yaml"
_TIMEOUT = 20.0
_LARGEST = 16 * 1024 * 1024


class Unreachable(Failure):
    """Nothing answers where an installation is published."""


def url(version: str) -> str:
    """Returns where a release's installation is published."""
    return f"https://raw.githubusercontent.com/argoproj/argo-cd/v{version}/manifests/install.yaml"


def is_url(entry: str) -> bool:
    """Tells whether an entry of a kustomization is Argo CD's installation, in whatever version."""
    return "argoproj/argo-cd" in entry and "install.yaml" in entry


def digest(version: str) -> str:
    """Returns the recorded sha256 of a release's installation, empty for a release that is not recorded."""
    known: dict[str, str] = json.loads((content.GENERATOR / "installs.json").read_text(encoding="utf-8"))
    return known.get(version, "")


def read(path: Path, version: str) -> tuple[bytes, str]:
    """Reads an installation from a file; returns it, and a note where nothing is recorded that it could be checked by.

    Raises Failure when it is not that of ``version``.
    """
    try:
        found = path.read_bytes()
    except OSError as error:
        raise Failure(f"argocd-install: cannot read {path}: {error.strerror}") from error
    return found, _check(found, version, str(path))


def fetch(version: str) -> tuple[bytes, str]:
    """Downloads an installation; returns it, and a note as ``read`` does.

    Raises Unreachable when it cannot be had, Failure when it is another one than what is recorded.
    """
    try:
        with urllib.request.urlopen(url(version), timeout=_TIMEOUT) as response:  # noqa: S310 - https, written above
            found: bytes = response.read(_LARGEST)
    except (urllib.error.URLError, OSError) as error:
        raise Unreachable(f"cannot download {url(version)}: {error}", status=3) from error
    return found, _check(found, version, url(version))


def _check(found: bytes, version: str, source: str) -> str:
    if f"argoproj/argocd:v{version}\n".encode() not in found:
        raise Failure(f"argocd-install: {source} is not the install.yaml of Argo CD {version}")
    actual, recorded = hashlib.sha256(found).hexdigest(), digest(version)
    if recorded and actual != recorded:
        raise Failure(
            f"argocd-install: {source} is not what Argo CD {version} was released with:"
            f" its sha256 is {actual}, and {recorded} is recorded"
        )
    return "" if recorded else f"no digest of Argo CD {version} is recorded: compare {actual} with the release's own"
