"""An Argo CD with one Application, as far as who waits for it can tell: by its own API over HTTP, and by kubectl."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from gitopsmith.finding import Failure
from repository import executable

TOKEN = "not-a-real-token"
Body = dict[str, Any] | None


@dataclass
class ArgoCD:
    """What it says, and what that becomes once somebody did something.

    ``next`` has what the Application is after each look, refresh, terminate and sync, in turn; ``refused`` the words
    with which one of them is refused; ``lost`` is how many looks in a row stay unanswered; ``asked`` all but the looks.
    """

    body: Body
    next: dict[str, list[Callable[[], Body]]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    lost: int = 0
    asked: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return "a test's Argo CD"

    def check(self) -> None:
        """Knows everybody."""

    def applications(self) -> list[Any]:
        self._go_on("look")
        return [self.body]

    def application(self, namespace: str, name: str) -> Any | None:
        if self.lost:
            self.lost -= 1
            raise Failure("no answer", status=3)
        there = self.body
        self._go_on("look")
        return there if _is(there, namespace, name) else None

    def refresh(self, namespace: str, name: str) -> None:
        self._do("refresh", namespace, name)

    def terminate(self, namespace: str, name: str) -> None:
        self._do("terminate", namespace, name)

    def sync(self, namespace: str, name: str, body: Any) -> None:
        assert _is(body, namespace, name)
        self._do("sync", namespace, name)

    def _do(self, what: str, namespace: str, name: str) -> None:
        assert _is(self.body, namespace, name)
        self.asked.append(what)
        if what in self.refused:
            raise Failure(self.refused[what], status=3)
        self._go_on(what)

    def _go_on(self, what: str) -> None:
        if self.next.get(what):
            self.body = self.next[what].pop(0)()


def _is(body: Body, namespace: str, name: str) -> bool:
    return body is not None and (body["metadata"]["namespace"], body["metadata"]["name"]) == (namespace, name)


@contextmanager
def served(argo_cd: ArgoCD, odd: dict[str, tuple[int, str]] | None = None) -> Iterator[str]:
    """Yields the URL at which an Argo CD answers who has the token; ``odd`` has other answers to give, by path."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = self._query()
            if self._path == "session/userinfo":
                self._answer(200, {"loggedIn": self._is_known})
            elif self._path == "applications":
                self._answer(200, {"items": argo_cd.applications()})
            elif query.get("refresh") == "normal":
                self._do(argo_cd.refresh, query["appNamespace"])
            else:
                found = argo_cd.application(query["appNamespace"], self._name)
                self._answer(*((403, {"message": "permission denied"}) if found is None else (200, found)))

        def do_DELETE(self) -> None:
            assert self._path == f"applications/{self._name}/operation"
            self._do(argo_cd.terminate, self._query()["appNamespace"])

        def do_POST(self) -> None:
            assert self._path == f"applications/{self._name}/sync"
            sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            assert set(sent) == {"appNamespace", "prune"}
            self._do(lambda namespace, name: argo_cd.sync(namespace, name, argo_cd.body), sent["appNamespace"])

        @property
        def _name(self) -> str:
            return self._path.split("/")[1]

        @property
        def _path(self) -> str:
            return urlsplit(self.path).path.removeprefix("/api/v1/")

        @property
        def _is_known(self) -> bool:
            return self.headers["Authorization"] == f"Bearer {TOKEN}"

        def _query(self) -> dict[str, str]:
            return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}

        def _do(self, what: Callable[[str, str], None], namespace: str) -> None:
            try:
                what(namespace, self._name)
            except Failure as error:
                self._answer(400, {"message": str(error)})
            else:
                self._answer(200, argo_cd.body)

        def _answer(self, status: int, body: Any) -> None:
            written = json.dumps(body)
            if self._path != "session/userinfo" and not self._is_known:
                status, written = 401, json.dumps({"error": "no session information"})
            status, written = (odd or {}).get(self._path, (status, written))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(written.encode())

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


_KUBECTL = """\
import json, pathlib, sys
folder = pathlib.Path({folder!r})
arguments = [one for one in sys.argv[1:] if not one.startswith("--context=")]
if arguments[0] == "patch":
    flags = dict(one[2:].split("=", 1) for one in arguments if one.startswith("--"))
    with (folder / "patches").open("a") as patches:
        patches.write(json.dumps([arguments[2], flags["namespace"], json.loads(flags["patch"])]) + "\\n")
    sys.exit()
route = arguments[2].partition("?")[0].removeprefix("/apis/argoproj.io/v1alpha1").strip("/")
said = json.loads((folder / "says.json").read_text()).get(route)
if not isinstance(said, dict):
    sys.exit(said or "Error from server (NotFound): the server could not find the requested resource")
print(json.dumps(said))
"""


class KubectlOfArgoCD:
    """A ``kubectl`` in a folder for PATH, which says by route below the API of Applications what it is told to say.

    What is a text is a complaint.
    """

    def __init__(self, folder: Path, says: dict[str, Any]) -> None:
        folder.mkdir()
        self.folder = folder
        (folder / "says.json").write_text(json.dumps(says))
        script = folder / "kubectl.py"
        script.write_text(_KUBECTL.format(folder=str(folder)))
        self.programs = executable(folder / "programs" / "kubectl", f'exec {sys.executable} {script} "$@"').parent

    @property
    def patches(self) -> list[Any]:
        """What was patched: the name, the namespace, and the patch."""
        return [json.loads(line) for line in (self.folder / "patches").read_text().splitlines()]
