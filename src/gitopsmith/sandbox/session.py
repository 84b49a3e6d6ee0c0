"""A configuration of the ``argocd`` command line, signed in as admin, in the folder of the sandbox."""

from __future__ import annotations

import base64
import http.client
import json
from pathlib import Path
from typing import Any

from gitopsmith.finding import Failure
from gitopsmith.manifest import mapping
from gitopsmith.sandbox.api import LOOPBACK, Api

FOLDER = "argocd"
"""Where the configuration is, as ``ARGOCD_CONFIG_DIR`` names it."""
SECRET = "/api/v1/namespaces/argocd/secrets/argocd-initial-admin-secret"  # noqa: S105 - a path


def write(folder: Path, port: int, api: Api) -> None:
    """Signs in with the first password, and writes the configuration; without a session where that is not let in.

    Raises Failure with the reason after that, and OSError.
    """
    path = folder / FOLDER / "config"
    _replace(path, configuration(port, ""))
    data = mapping(api.get(SECRET), "data")
    if "password" not in data:
        raise Failure("argocd-initial-admin-secret is not there: admin is disabled, or has another password")
    _replace(path, configuration(port, _token(port, base64.b64decode(data["password"]).decode())))


def _replace(path: Path, body: dict[str, Any]) -> None:
    waiting = path.with_suffix(".new")
    waiting.touch(mode=0o600)
    waiting.write_text(json.dumps(body), encoding="utf-8")
    waiting.replace(path)


def _token(port: int, password: str) -> str:
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=30)
    try:
        login = json.dumps({"username": "admin", "password": password})
        connection.request("POST", "/api/v1/session", login, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    if answer.status != 200:
        raise Failure(f"argocd-server does not let admin in: {body.decode('utf-8', 'replace')}")
    return str(json.loads(body)["token"])


def configuration(port: int, token: str) -> dict[str, Any]:
    """Returns a configuration for Argo CD's server on loopback."""
    address = f"{LOOPBACK}:{port}"
    return {
        "current-context": "sandbox",
        "contexts": [{"name": "sandbox", "server": address, "user": "sandbox"}],
        "servers": [{"server": address, "plain-text": True, "grpc-web-root-path": ""}],
        "users": [{"name": "sandbox", "auth-token": token}],
    }
