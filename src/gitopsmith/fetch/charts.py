"""Has helm bring one version of a chart, from a chart repository or an OCI registry, and checks its digest."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import NamedTuple

from gitopsmith import documents, tools
from gitopsmith.fetch import credentials
from gitopsmith.fetch.refusal import Refused
from gitopsmith.helm import Helm, isolated
from gitopsmith.manifest import items, text

MEMORY = 2 * 1024 * 1024
"""KiB that helm may take: it reads what a server sends into memory, however much that is."""
_BOUND = f'ulimit -v {MEMORY} 2>/dev/null; exec "$@"'
_NAME = "fetched"
_EXACT = re.compile(r"v?\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?\Z")
_DIGEST = re.compile(r"Digest: (sha256:[0-9a-f]{64})")
_LOOPBACK = re.compile(r"(127\.\d+\.\d+\.\d+|localhost|\[::1\])(:\d+)?\Z")


class Chart(NamedTuple):
    """One version of a chart. ``repository`` is a URL, or the host and path of an OCI registry without a scheme."""

    repository: str
    name: str
    version: str

    @property
    def is_exact(self) -> bool:
        return _EXACT.match(self.version) is not None

    @property
    def is_oci(self) -> bool:
        return not self.repository.startswith(("http://", "https://"))

    @property
    def place(self) -> str:
        """The repository without any credential."""
        return credentials.without(self.repository)

    def __str__(self) -> str:
        return f"{self.name} {self.version} from {self.place}"


class Brought(NamedTuple):
    """What came: the archive, its SHA-256, and the digest that the server gives for it."""

    archive: Path
    sha256: str
    digest: str


def bring(chart: Chart, helm: Helm, folder: Path) -> Brought:
    """Downloads a chart into an empty folder.

    Raises Refused where it cannot be had, or is not what its repository says it is.
    """
    (folder / "config").mkdir(parents=True)
    (folder / "archive").mkdir()
    return _from_registry(chart, helm, folder) if chart.is_oci else _from_repository(chart, helm, folder)


def _from_registry(chart: Chart, helm: Helm, folder: Path) -> Brought:
    place = chart.repository.removeprefix("oci://").rstrip("/")
    known = credentials.registry(helm)
    login = ("--registry-config", str(known)) if known is not None else ()
    plain = ("--plain-http",) if _LOOPBACK.match(place.partition("/")[0]) else ()
    said = _run(chart, helm, folder, "pull", f"oci://{place}/{chart.name}", *_wanted(chart, folder), *login, *plain)
    match = _DIGEST.search(said)
    archive = _archive(chart, folder)
    return Brought(archive, _sha256(archive), match[1] if match is not None else "")


def _from_repository(chart: Chart, helm: Helm, folder: Path) -> Brought:
    entry = {"name": _NAME, "url": chart.repository, **credentials.repository(helm, chart.repository)}
    config = folder / "config" / "repositories.yaml"
    config.touch(mode=0o600)
    config.write_text(json.dumps({"apiVersion": "", "repositories": [entry]}), encoding="utf-8")
    _run(chart, helm, folder, "repo", "update", _NAME)
    _run(chart, helm, folder, "pull", f"{_NAME}/{chart.name}", *_wanted(chart, folder))
    archive = _archive(chart, folder)
    found, promised = _sha256(archive), _promised(chart, folder / "cache" / "repository" / f"{_NAME}-index.yaml")
    if promised and promised.removeprefix("sha256:") != found:
        raise Refused(f"{chart} is not what the repository's index says: its sha256 is {found}, not {promised}")
    return Brought(archive, found, promised)


def _wanted(chart: Chart, folder: Path) -> tuple[str, ...]:
    return ("--version", chart.version, "--destination", str(folder / "archive"))


def _run(chart: Chart, helm: Helm, folder: Path, *arguments: str) -> str:
    environment = isolated(folder, network=True)
    try:
        command = ("sh", "-c", _BOUND, "sh", helm.path, *arguments)
        output = tools.run(*command, cwd=folder, timeout=helm.timeout, environment=environment)
    except tools.TimedOut as error:
        raise Refused(f"{chart} did not come within {helm.timeout:g} seconds") from error
    said = output.stdout.decode("utf-8", "replace") + output.complaint
    if output.status != 0:
        raise Refused(f"{chart}: {_reason(chart, said)}")
    return said


def _reason(chart: Chart, said: str) -> str:
    """Says in a few words why helm failed."""
    if re.search(r"\b401\b|\b403\b|nauthorized|denied|credential not found", said):
        login = "helm registry login" if chart.is_oci else "helm repo add --username"
        return f"access is denied; give your credentials to helm ({login}) or .netrc"
    if "out of memory" in said or "cannot allocate" in said:
        return "what the server sends is too much"
    if re.search(r"\b404\b|not found", said):
        return "there is no such chart or version"
    lines = [line for line in said.splitlines() if line.startswith("Error: ")] or said.splitlines()[-1:]
    return credentials.without(" ".join(" ".join(lines).removeprefix("Error: ").split()))[:300]


def _archive(chart: Chart, folder: Path) -> Path:
    found = list((folder / "archive").glob("*.tgz"))
    if len(found) != 1:
        raise Refused(f"{chart}: helm brought {len(found)} archives")
    return found[0]


def _promised(chart: Chart, index: Path) -> str:
    """Returns the digest that an index gives for a version, empty where it gives none."""
    written = index.read_text(encoding="utf-8", errors="replace")
    body = documents.load(_entry(written, chart.name) or written)
    for _, item in items(body, "entries", chart.name):
        if str(item.get("version")).removeprefix("v") == chart.version.removeprefix("v"):
            return text(item, "digest")
    return ""


def _entry(index: str, name: str) -> str:
    """Returns the part of an index that is about one chart: whole ones are many megabytes of YAML."""
    match = re.search(rf"^  {re.escape(name)}:\n((?:(?:  [ -].*)?\n)+)", index, re.MULTILINE)
    return f"entries:\n{match[0]}" if match is not None and "\nentries:\n" in f"\n{index}" else ""


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
