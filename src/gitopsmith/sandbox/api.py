"""The API server of a sandbox, spoken to directly: a kubectl process for each look would cost more than the look."""

from __future__ import annotations

import http.client
import json
import ssl
from pathlib import Path
from typing import Any

from gitopsmith.finding import Failure

LOOPBACK = "127.0.0.1"


class Refused(Failure):
    """The API server answered, and not with what was asked for; ``code`` is its HTTP status."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message, status=3)
        self.code = code


class Api:
    """Requests as the administrator of a sandbox."""

    def __init__(self, port: int, keys: Path) -> None:
        self._port = port
        self._context = ssl.create_default_context(cafile=str(keys / "ca.crt"))
        self._context.load_cert_chain(keys / "admin.crt", keys / "admin.key")

    def request(self, method: str, path: str, body: Any = None, content: str = "application/json") -> Any:
        """Returns the JSON of an answer, or its text. Raises Refused for a status of 400 and more, OSError for none."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        connection = http.client.HTTPSConnection(LOOPBACK, self._port, context=self._context, timeout=30)
        try:
            connection.request(method, path, data, {"Content-Type": content, "Accept": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        found = json.loads(text) if text[:1] in {b"{", b"["} else text.decode("utf-8", "replace")
        if answer.status >= 400:
            message = found.get("message") if isinstance(found, dict) else found
            raise Refused(f"{method} {path}: {answer.status} {message}", answer.status)
        return found

    def get(self, path: str) -> Any:
        """Returns an object, None where there is none."""
        try:
            return self.request("GET", path)
        except Refused as error:
            if error.code == 404:
                return None
            raise

    def apply(self, path: str, body: dict[str, Any]) -> Any:
        """Applies an object on the server's side."""
        route = f"{path}?fieldManager=gitopsmith-sandbox&force=true"
        return self.request("PATCH", route, body, "application/apply-patch+yaml")


def answers(port: int, path: str) -> bool:
    """Tells whether a server on loopback answers a path with 200."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    finally:
        connection.close()
