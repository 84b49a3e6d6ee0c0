"""Reads helm's complaint: what is wrong, in which file of the chart, and whether only a cluster could tell."""

from __future__ import annotations

import re
from pathlib import Path

from gitopsmith.finding import Location
from gitopsmith.render import Failed

MAX_COMPLAINT = 20_000
_PLACE = re.compile(r"(?P<file>[\w.-]+/[^\s:()\"<>]+):(?P<line>\d+)(?::(?P<column>\d+))?")
_FILE = re.compile(r"parse error on (?P<file>[\w.-]+/[^\s:()\"<>]+)")
_DEPENDENCY = re.compile(r"found in (?:requirements|Chart)\.yaml, but missing in charts")
_NETWORK = re.compile(r"proxyconnect|dial tcp|no such host|connection refused|i/o timeout")
_INCOMPATIBLE = re.compile(r"which is incompatible with Kubernetes")
_ASKS_CLUSTER = re.compile(r"\{\{[^}]*(?:\blookup\b|\.Capabilities\b)")
_NOISE = (
    (re.compile(r"^Error: "), ""),
    (re.compile(r"^INSTALLATION FAILED: "), ""),
    (re.compile(r"\s*Use --debug flag to render out invalid YAML\s*"), ""),
    (re.compile(r"execution error at \([^)]*\): "), ""),
    (re.compile(r"template: [^\s]+: (?=executing )"), ""),
    (re.compile(r"executing \"[^\"]*\" at (<[^>]*>)"), r"at \1"),
    (re.compile(r"error calling include: (?=at )"), ""),
)


def explain(complaint: str, chart: Path, entry: str | None) -> Failed:
    """Turns what helm wrote on stderr into a failure, with its place where helm names a file of the chart.

    ``entry`` is the chart's folder relative to the root, None for a chart that is not in this repository.
    """
    said = _said(complaint)
    if _DEPENDENCY.search(said):
        return Failed("dependency", _shorten(said, chart), entry or "")
    if _NETWORK.search(said):
        return Failed("remote", "a values schema is fetched from elsewhere", entry or "")
    if _INCOMPATIBLE.search(said) or _asks_cluster(said, chart):
        return Failed("cluster", _shorten(said, chart), entry or "")
    location = _location(said, chart, entry) if entry is not None else None
    return Failed("error", _shorten(said, chart), entry or "", location=location)


def _said(complaint: str) -> str:
    """Returns the error alone: helm warns on stderr too."""
    lines = complaint[-MAX_COMPLAINT:].splitlines()
    start = next((index for index, line in enumerate(lines) if line.startswith("Error: ")), 0)
    return "\n".join(lines[start:]).strip()


def _asks_cluster(said: str, chart: Path) -> bool:
    """Tells whether a template that helm names asks what only a cluster knows."""
    for match in (*_PLACE.finditer(said), *_FILE.finditer(said)):
        path = chart / match["file"].partition("/")[2]
        try:
            if _ASKS_CLUSTER.search(path.read_text(encoding="utf-8", errors="replace")):
                return True
        except OSError:
            continue
    return False


def _location(said: str, chart: Path, entry: str) -> Location | None:
    """Returns the innermost place that helm names, in a file that is there."""
    for match in reversed([*_FILE.finditer(said), *_PLACE.finditer(said)]):
        inside = match["file"].partition("/")[2]
        if (chart / inside).is_file():
            path = f"{entry}/{inside}" if entry else inside
            found = match.groupdict()
            line, column = int(found.get("line") or 1), int(found.get("column") or 0) + 1
            return Location(path, line, column, line, column + 1)
    return None


def _shorten(said: str, chart: Path) -> str:
    for pattern, replacement in _NOISE:
        said = pattern.sub(replacement, said)
    return " ".join(said.replace(f"{chart}/", "").replace(str(chart), ".").split())[:600]
