"""What the user has configured for a chart repository: in Helm's own file, else in .netrc."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gitopsmith import documents, tools
from gitopsmith.finding import Failure
from gitopsmith.helm import Helm
from gitopsmith.manifest import items, text

_USER = re.compile(r"(?<=://)[^/@\s]*@")
_KEPT = ("username", "password", "certFile", "keyFile", "caFile", "insecure_skip_tls_verify", "pass_credentials_all")


def without(said: str) -> str:
    """Takes users and passwords out of the URLs in a text."""
    return _USER.sub("", said)


def repository(helm: Helm, url: str) -> dict[str, Any]:
    """Returns what Helm's file of repositories says about a URL, else what .netrc says about its host."""
    path = _asked(helm, "HELM_REPOSITORY_CONFIG")
    found = documents.load(_read(path)) if path is not None else None
    for _, item in items(found, "repositories"):
        if text(item, "url").rstrip("/") == url.rstrip("/"):
            return {name: item[name] for name in _KEPT if item.get(name)}
    return _from_netrc(url)


def registry(helm: Helm) -> Path | None:
    """Returns Helm's file of registry logins, None where there is none."""
    path = _asked(helm, "HELM_REGISTRY_CONFIG")
    return path if path is not None and path.is_file() else None


def logins(helm: Helm | None) -> tuple[Path, ...]:
    """Returns the files of registry logins that Helm and docker have, as far as they are there."""
    docker = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker") / "config.json"
    found = (registry(helm) if helm is not None else None, docker)
    return tuple(path for path in found if path is not None and path.is_file())


def _asked(helm: Helm, name: str) -> Path | None:
    try:
        said = tools.run(helm.path, "env", name, timeout=20).stdout.decode("utf-8", "replace").strip()
    except Failure:
        return None
    return Path(said) if said else None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _from_netrc(url: str) -> dict[str, Any]:
    import netrc  # noqa: PLC0415 - most runs fetch nothing

    try:
        found = netrc.netrc().authenticators(urlsplit(url).hostname or "")
    except (OSError, netrc.NetrcParseError):
        return {}
    return {"username": found[0], "password": found[2]} if found is not None else {}
