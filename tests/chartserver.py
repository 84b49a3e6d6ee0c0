"""A chart repository and an OCI registry on loopback, honest or not."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import tarfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

USER, PASSWORD = "reader", "kD8vq2LxT0mZ"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


def archive(files: Mapping[str, str], name: str = "web") -> bytes:
    """Returns a chart's archive; names that begin with a slash or dots are taken as they are."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as opened:
        for path, content in files.items():
            member = tarfile.TarInfo(path if path.startswith(("/", "..")) else f"{name}/{path}")
            member.size = len(content.encode())
            opened.addfile(member, io.BytesIO(content.encode()))
    return gzip.compress(packed.getvalue(), mtime=0)


@dataclass
class Server:
    """What is served, by path; ``asked`` counts the requests that were answered."""

    port: int
    answers: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    closed: bool = False
    seconds: float = 0.0
    asked: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/charts"

    @property
    def registry(self) -> str:
        return f"127.0.0.1:{self.port}/charts"

    def offer(self, name: str, version: str, data: bytes, digest: str = "") -> None:
        """Puts a chart into the index, with its own digest or another one."""
        entry = {"name": name, "version": version, "apiVersion": "v2", "urls": [f"{name}-{version}.tgz"]}
        entry["digest"] = digest or hashlib.sha256(data).hexdigest()
        index = f"apiVersion: v1\nentries:\n  {name}:\n  - {json.dumps(entry)}\n"
        self.answers["/charts/index.yaml"] = ("text/yaml", index.encode())
        self.answers[f"/charts/{name}-{version}.tgz"] = ("application/gzip", data)

    def push(self, name: str, version: str, data: bytes, sent: bytes | None = None) -> None:
        """Puts a chart into the registry; ``sent`` is what comes instead of its content."""
        config = json.dumps({"name": name, "version": version, "apiVersion": "v2"}).encode()
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": self._blob(name, config, "application/vnd.cncf.helm.config.v1+json"),
            "layers": [self._blob(name, data, "application/vnd.cncf.helm.chart.content.v1.tar+gzip", sent)],
        }
        content = json.dumps(manifest).encode()
        for reference in (version, _digest(content)):
            self.answers[f"/v2/charts/{name}/manifests/{reference}"] = (MANIFEST, content)
        self.answers["/v2/"] = ("application/json", b"{}")

    def push_artifact(
        self,
        name: str,
        version: str,
        layers: list[tuple[str, bytes]],
        config: str = "application/vnd.oci.empty.v1+json",
    ) -> str:
        """Puts an artifact with layers, each with its media type, into the registry, and returns its digest."""
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": self._blob(name, b"{}", config),
            "layers": [self._blob(name, data, kind) for kind, data in layers],
        }
        content = json.dumps(manifest).encode()
        for reference in (version, _digest(content)):
            self.answers[f"/v2/charts/{name}/manifests/{reference}"] = (MANIFEST, content)
        self.answers["/v2/"] = ("application/json", b"{}")
        return _digest(content)

    def _blob(self, name: str, data: bytes, kind: str, sent: bytes | None = None) -> dict[str, object]:
        digest = _digest(data)
        self.answers[f"/v2/charts/{name}/blobs/{digest}"] = ("application/octet-stream", data if sent is None else sent)
        return {"mediaType": kind, "digest": digest, "size": len(data)}


@contextmanager
def serving() -> Iterator[Server]:
    """Serves nothing yet, until the context is left."""
    server = Server(0)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            time.sleep(server.seconds)
            expected = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
            if server.closed and self.headers.get("Authorization") != expected:
                self._send(401, "text/plain", b"who are you?")
            elif self.path in server.answers:
                server.asked.append(self.path)
                self._send(200, *server.answers[self.path])
            else:
                self._send(404, "application/json", b"{}")

        do_HEAD = do_GET  # noqa: N815 - the name is http.server's

        def _send(self, status: int, kind: str, data: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Docker-Content-Digest", _digest(data))
            if status == 401:
                self.send_header("WWW-Authenticate", 'Basic realm="charts"')
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.port = httpd.server_address[1]
    thread = threading.Thread(target=httpd.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
