"""The helm program, and the empty homes that it runs in."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from gitopsmith import tools
from gitopsmith.finding import Failure

MINIMUM = (3, 0)
MISSING = "put helm (3 or 4) on PATH to have charts rendered"
_VERSION = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
_NOWHERE = "http://127.0.0.1:9"
"""A proxy that nobody listens at: port 9 is the one to discard what is sent."""


@dataclass(frozen=True, slots=True)
class Helm:
    """The helm program. ``timeout`` is in seconds, for each call."""

    path: str
    version: str
    timeout: float

    def __str__(self) -> str:
        return f"helm {self.version}"


def find_helm(timeout: float) -> Helm | None:
    """Returns the helm on PATH, None when there is none, or one that is too old."""
    path = tools.find("helm")
    if path is None:
        return None
    try:
        said = tools.run(path, "version", "--short", timeout=120).stdout.decode("utf-8", "replace")
    except Failure:
        return None
    match = _VERSION.search(said)
    if match is None or (int(match[1]), int(match[2])) < MINIMUM:
        return None
    return Helm(path, ".".join(part for part in match.groups() if part), timeout)


def isolated(folder: Path, *, network: bool) -> dict[str, str]:
    """Returns an environment in which helm finds nothing of the user's, no cluster, and mostly no network either."""
    homes = {f"XDG_{kind}_HOME": str(folder / kind.lower()) for kind in ("CACHE", "CONFIG", "DATA")}
    homes |= {f"HELM_{kind}_HOME": str(folder / kind.lower()) for kind in ("CACHE", "CONFIG", "DATA")}
    homes |= {"HELM_REPOSITORY_CACHE": str(folder / "cache" / "repository")}
    homes |= {"HELM_REPOSITORY_CONFIG": str(folder / "config" / "repositories.yaml")}
    homes |= {"HELM_REGISTRY_CONFIG": str(folder / "config" / "registry.json")}
    homes |= {"HELM_CONTENT_CACHE": str(folder / "cache" / "content"), "HELM_PLUGINS": str(folder / "plugins")}
    blocked = {} if network else {**dict.fromkeys(_PROXIES, _NOWHERE), "NO_PROXY": "", "no_proxy": ""}
    return {**homes, "HELM_NAMESPACE": "", "HELM_DEBUG": "", "KUBECONFIG": os.devnull, **blocked}
