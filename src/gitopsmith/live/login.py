"""Where Argo CD's API is, and the token for it: from variables, else from what `argocd login` has left."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gitopsmith import documents
from gitopsmith.finding import Failure
from gitopsmith.manifest import items, text


@dataclass(frozen=True, slots=True)
class Login:
    """A server and a token. ``authority`` is a certificate in PEM, ``is_named`` tells whether variables name it."""

    host: str
    port: int
    root: str
    token: str = field(repr=False)
    is_plain: bool = False
    authority: str = ""
    is_named: bool = False

    def __str__(self) -> str:
        usual = 80 if self.is_plain else 443
        return f"{self.host}{'' if self.port == usual else f':{self.port}'}{self.root}"


def find(environment: Mapping[str, str]) -> Login | None:
    """Returns the login that a user has, None for none, or one that talks to Kubernetes (``--core``).

    Raises Failure where ARGOCD_SERVER is no address.
    """
    server, token = environment.get("ARGOCD_SERVER", ""), environment.get("ARGOCD_AUTH_TOKEN", "")
    if server and token:
        return _login(server, token, is_named=True)
    configured = _configuration(environment)
    server = server or text(_named(configured, "contexts", "name", text(configured, "current-context")), "server")
    settings = _named(configured, "servers", "server", server)
    user = text(_named(configured, "contexts", "server", server), "user")
    token = token or text(_named(configured, "users", "name", user), "auth-token")
    if not server or not token or settings.get("core") is True:
        return None
    return _login(
        server,
        token,
        root=text(settings, "grpc-web-root-path"),
        is_plain=settings.get("plain-text") is True,
        authority=_authority(text(settings, "certificate-authority-data")),
    )


def _login(
    server: str, token: str, *, root: str = "", is_plain: bool = False, authority: str = "", is_named: bool = False
) -> Login:
    address = urlsplit(server if "://" in server else f"{'http' if is_plain else 'https'}://{server}")
    try:
        host, port = address.hostname, address.port
    except ValueError:
        host = port = None
    if not host or address.scheme not in {"http", "https"}:
        raise Failure(f"{server!r} is no address of Argo CD; write HOST or HOST:PORT into ARGOCD_SERVER")
    plain = address.scheme == "http"
    path = (root or address.path).strip("/")
    return Login(host, port or (80 if plain else 443), f"/{path}" if path else "", token, plain, authority, is_named)


def _configuration(environment: Mapping[str, str]) -> Any:
    """Reads what the argocd program keeps, from where it looks for it (``util/localconfig``)."""
    home = Path(environment.get("HOME", "~")).expanduser()
    kept = environment.get("XDG_CONFIG_HOME") or str(home / ".config")
    named = environment.get("ARGOCD_CONFIG_DIR")
    folders = [Path(named)] if named else [home / ".argocd", Path(kept) / "argocd"]
    for folder in folders:
        try:
            return documents.load((folder / "config").read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            continue
    return {}


def _named(configured: Any, where: str, key: str, name: str) -> dict[str, Any]:
    """Returns the item of a list that is called something, an empty one where none is."""
    return next((one for _, one in items(configured, where) if name and text(one, key) == name), {})


def _authority(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        return ""
