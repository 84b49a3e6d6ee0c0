"""A git host on loopback: repositories over https, behind a login, with the webhook that GitHub would send.

It is run as ``python -m gitopsmith.sandbox.gitserver FOLDER``, for the sandbox of that folder. A push makes the
repository that it names. Everybody may read what is under ``/public/``; ``/private/``, and every push, asks for the
password in the file ``git-password``, with any name of a user.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import http.client
import json
import re
import secrets
import ssl
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BufferedIOBase
from pathlib import Path
from typing import Any

from gitopsmith import tools
from gitopsmith.finding import Failure
from gitopsmith.manifest import mapping
from gitopsmith.sandbox import state
from gitopsmith.sandbox.api import LOOPBACK, Api

PASSWORD = "git-password"  # noqa: S105 - the name of a file
SECRET = "/api/v1/namespaces/argocd/secrets/argocd-secret"  # noqa: S105 - a path
_PATH = re.compile(r"/(?P<part>public|private)/(?P<name>[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.git)/(?P<what>[\w./-]+)")
_NOTHING = "0" * 40
_CGI = {"Content-Type": "CONTENT_TYPE", "Content-Encoding": "HTTP_CONTENT_ENCODING", "Git-Protocol": "GIT_PROTOCOL"}
"""What git's own server wants to know of a request, by the header that says it."""


@dataclass(frozen=True, slots=True)
class Host:
    """The repositories of one sandbox, and who hears of a push: Argo CD's server, signed with what its Secret holds."""

    root: Path
    password: str = field(repr=False)
    port: int
    argocd: int
    api: Api
    pushing: threading.Lock = field(default_factory=threading.Lock)


class Handler(BaseHTTPRequestHandler):
    """Lets git's own ``http-backend`` answer who may ask."""

    protocol_version = "HTTP/1.1"
    server_version = "gitopsmith"
    host: Host

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(body(self.headers, self.rfile))

    def _answer(self, sent: bytes) -> None:
        path, _, query = self.path.partition("?")
        asked = _PATH.fullmatch(path)
        pushes = "git-receive-pack" in self.path
        known = is_known(self.headers.get("Authorization", ""), self.host.password)
        if asked is None or ".." in path:
            self._send(HTTPStatus.NOT_FOUND, b"write /public/NAME.git or /private/NAME.git\n", {})
        elif not known and (pushes or asked["part"] == "private"):
            self._send(HTTPStatus.UNAUTHORIZED, b"", {"WWW-Authenticate": 'Basic realm="sandbox"'})
        elif not pushes:
            self._send(*self._git(path, query, sent, known=known))
        else:
            self._push(self.host.root / asked["part"] / asked["name"], path, query, sent)

    def _push(self, repository: Path, path: str, query: str, sent: bytes) -> None:
        with self.host.pushing:
            make(repository)
            before = branches(repository)
            answer = self._git(path, query, sent, known=True)
            after = branches(repository)
        self._send(*answer)
        url = f"https://{LOOPBACK}:{self.host.port}/{repository.parent.name}/{repository.stem}"
        for branch in sorted(name for name in after if after[name] != before.get(name)):
            payload = event(repository, url, branch, before.get(branch, _NOTHING), after[branch])
            self.log_message("%s of %s: webhook %s", branch, repository.name, notify(self.host, payload))

    def _git(self, path: str, query: str, sent: bytes, *, known: bool) -> tuple[int, bytes, dict[str, str]]:
        environment = {
            "GIT_PROJECT_ROOT": str(self.host.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": "*",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "REMOTE_ADDR": LOOPBACK,
            "CONTENT_LENGTH": str(len(sent)),
            **{name: self.headers.get(header, "") for header, name in _CGI.items()},
            # It takes pushes from whoever has a name.
            **({"REMOTE_USER": "git"} if known else {}),
        }
        output = tools.run("git", "http-backend", stdin=sent, environment=environment, timeout=300)
        head, _, content = output.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode("latin-1").split("\r\n") if ": " in line)
        status = headers.pop("Status", "200" if headers else "500")
        return int(status.split()[0]), content, headers

    def _send(self, status: int, content: bytes, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()


def body(headers: Any, stream: BufferedIOBase) -> bytes:
    """Returns what was sent with a request, by its length or in chunks, as git sends what is large."""
    if "chunked" not in headers.get("Transfer-Encoding", "").lower():
        return stream.read(int(headers.get("Content-Length") or 0))
    found = bytearray()
    while size := int(stream.readline().split(b";")[0], 16):
        found += stream.read(size)
        stream.readline()
    while stream.readline().strip():
        pass
    return bytes(found)


def is_known(authorization: str, password: str) -> bool:
    """Tells whether a header ``Authorization`` has the password, with any name."""
    kind, _, value = authorization.partition(" ")
    try:
        login = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False
    return kind.lower() == "basic" and hmac.compare_digest(login.partition(b":")[2], password.encode())


def make(repository: Path) -> None:
    """Makes an empty repository, unless it is there. Raises Failure with git's complaint."""
    if not (repository / "HEAD").is_file():
        output = tools.run("git", "init", "--quiet", "--bare", "--initial-branch=main", str(repository))
        if output.status != 0:
            raise Failure(f"git init: {output.complaint}", status=3)


def branches(repository: Path) -> dict[str, str]:
    """Returns the commit of each branch, by its full name."""
    said = _ask(repository, "for-each-ref", "--format=%(refname) %(objectname)", "refs/heads")
    return dict(line.split(" ", 1) for line in said.splitlines())


def event(repository: Path, url: str, branch: str, before: str, after: str) -> bytes:
    """Returns GitHub's ``push`` event, with what Argo CD reads of it: branch, commits, and the files that changed."""
    if before == _NOTHING:
        names = _ask(repository, "ls-tree", "-r", "--name-only", "-z", after)
    else:
        names = _ask(repository, "diff", "--name-only", "--no-renames", "-z", before, after)
    files = [name for name in names.split("\0") if name]
    commit = {"id": after, "added": [], "removed": [], "modified": files}
    about = {"html_url": url, "clone_url": f"{url}.git", "default_branch": "main", "name": repository.stem}
    found = {"ref": branch, "before": before, "after": after, "commits": [commit], "repository": about}
    return json.dumps(found).encode()


def notify(host: Host, payload: bytes) -> str:
    """Sends an event to Argo CD, and returns what it answers, or why it does not; a push never fails by that."""
    try:
        data = mapping(host.api.get(SECRET), "data")
        secret = base64.b64decode(data.get("webhook.github.secret") or "")
        signature = {"X-Hub-Signature-256": f"sha256={hmac.new(secret, payload, hashlib.sha256).hexdigest()}"}
        headers = {"Content-Type": "application/json", "X-GitHub-Event": "push", **(signature if secret else {})}
        connection = http.client.HTTPConnection(LOOPBACK, host.argocd, timeout=10)
        connection.request("POST", "/api/webhook", payload, headers)
        answer = connection.getresponse()
        connection.close()
    except (OSError, http.client.HTTPException, Failure) as error:
        return f"is not heard: {error}"
    return f"is answered {answer.status}"


def _ask(repository: Path, *arguments: str) -> str:
    output = tools.run("git", "-c", "safe.directory=*", f"--git-dir={repository}", *arguments)
    return output.stdout.decode("utf-8", "surrogateescape")


def password_of(folder: Path) -> str:
    """Returns the password of a sandbox's git host; it is made when there is none."""
    path = folder / PASSWORD
    if not path.is_file():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(24), encoding="ascii")
    return path.read_text(encoding="ascii")


def serve(folder: Path) -> None:
    """Serves the repositories of a sandbox until the process ends, as the host that its certificates are for."""
    ports, keys = state.read(folder).ports, folder / "keys"
    api = Api(ports["kube-apiserver"], keys)
    Handler.host = Host(folder / "git", password_of(folder), ports["git"], ports["server"], api)
    server = ThreadingHTTPServer((LOOPBACK, ports["git"]), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(keys / "admin.crt", keys / "admin.key")
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
