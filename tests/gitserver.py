"""A private git repository over https, as a host has it: git's own server behind a login, and GitHub's API for Apps."""

from __future__ import annotations

import base64
import contextlib
import http.server
import json
import os
import re
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any

from conftest import program

USERNAME, PASSWORD = "argocd", "tok-5ecret-of-a-test"  # nobody's
APP, INSTALLATION, APP_TOKEN = "12", "34", "ghs-5ecret-of-a-test"


@dataclass(slots=True)
class GitServer:
    """A running server; ``authority`` is the certificate to trust, ``app_key`` the public key of the GitHub App.

    Where ``is_open`` is set, nobody needs a login. It waits ``seconds`` before it answers, and sends ``lie`` for what
    git would send of a repository's content. ``pages`` are files by their path.
    """

    url: str
    folder: Path
    authority: Path
    app_key: Path | None = None
    requests: list[str] = field(default_factory=list)
    is_open: bool = False
    seconds: float = 0.0
    lie: bytes | None = None
    pages: dict[str, bytes] = field(default_factory=dict)

    @property
    def trust(self) -> dict[str, str]:
        """What makes git and Python trust the server's certificate."""
        return {"GIT_SSL_CAINFO": str(self.authority), "SSL_CERT_FILE": str(self.authority)}


@contextlib.contextmanager
def running(folder: Path) -> Iterator[GitServer]:
    """Serves the bare repositories in a folder, below ``https://localhost:PORT/``."""
    certificate = _certificate(folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, folder / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    found = GitServer(f"https://localhost:{server.server_port}", folder, certificate)
    server.git = found  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _certificate(folder: Path) -> Path:
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", str(folder / "key.pem"))
    name = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2")
    command = (program("openssl"), "req", "-x509", *key, *name, "-out", str(folder / "cert.pem"))
    subprocess.run(command, check=True, capture_output=True)
    return folder / "cert.pem"


class _Handler(http.server.BaseHTTPRequestHandler):
    """Lets git's own ``http-backend`` answer whoever has a login."""

    def do_GET(self) -> None:
        page = self._server.pages.get(self.path)
        if page is None:
            self._git(b"")
        else:
            time.sleep(self._server.seconds)
            self._answer(HTTPStatus.OK, page, {})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        match = re.fullmatch(r"/api/v3/app/installations/(\d+)/access_tokens", self.path)
        if match:
            self._token(match[1])
        else:
            self._git(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is that of the standard library
        self._server.requests.append(format % args)

    @property
    def _server(self) -> GitServer:
        found: GitServer = self.server.git  # type: ignore[attr-defined]
        return found

    def _git(self, body: bytes) -> None:
        logins = {f"{USERNAME}:{PASSWORD}", f"x-access-token:{APP_TOKEN}"}
        time.sleep(self._server.seconds)
        known = {f"Basic {base64.b64encode(one.encode()).decode()}" for one in logins}
        if not self._server.is_open and self.headers.get("Authorization") not in known:
            self._answer(HTTPStatus.UNAUTHORIZED, b"", {"WWW-Authenticate": 'Basic realm="git"'})
            return
        path, _, query = self.path.partition("?")
        environment = os.environ | {
            "GIT_PROJECT_ROOT": str(self._server.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "REMOTE_USER": USERNAME,
        }
        command = ("git", "-c", "safe.directory=*", "http-backend")
        done = subprocess.run(command, input=body, env=environment, capture_output=True, check=False)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        if self._server.lie is not None and b"packfile" in content:
            content = self._server.lie
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n"))
        self._answer(int(headers.pop("Status", "200").split()[0]), content, headers)

    def _token(self, installation: str) -> None:
        """Answers as GitHub does: a token for whoever signed with the App's key."""
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if installation != INSTALLATION or not self._signed(token):
            self._answer(HTTPStatus.UNAUTHORIZED, b'{"message": "A JSON web token could not be decoded"}', {})
        else:
            self._answer(HTTPStatus.CREATED, json.dumps({"token": APP_TOKEN}).encode(), {})

    def _signed(self, token: str) -> bool:
        head, body, signature = (_decoded(part) for part in token.split("."))
        claims = json.loads(body)
        if json.loads(head)["alg"] != "RS256" or claims["iss"] != APP or not claims["iat"] < claims["exp"]:
            return False
        folder, key = self._server.folder, self._server.app_key
        (folder / "signature").write_bytes(signature)
        verify = ("openssl", "dgst", "-sha256", "-verify", str(key), "-signature", str(folder / "signature"))
        return (
            subprocess.run(verify, input=token.rpartition(".")[0].encode(), check=False, capture_output=True).returncode
            == 0
        )

    def _answer(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
