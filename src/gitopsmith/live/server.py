"""Argo CD through its own API, over https, as the holder of a token: what the role of who is on call allows."""

from __future__ import annotations

import contextlib
import http.client
import json
import ssl
from typing import Any
from urllib.parse import quote, urlencode

from gitopsmith.finding import Failure
from gitopsmith.live.login import Login
from gitopsmith.live.reading import Seen
from gitopsmith.manifest import get, sequence, text

TIMEOUT = 30.0
"""Seconds that the server has for one answer."""
LOOK = 1.0
"""Seconds that are waited for a look at git to be over; it goes on without us."""
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Server:
    """The API of one Argo CD. The token goes to its host alone, in a header, and into no message."""

    def __init__(self, login: Login) -> None:
        if login.is_plain and login.host not in _LOOPBACK:
            raise Failure(f"{login}: a token is not sent without TLS; use https", status=2)
        self._login = login

    def __str__(self) -> str:
        return f"Argo CD's API at {self._login}"

    def check(self) -> None:
        if get(self._ask("GET", "session/userinfo"), "loggedIn") is not True:
            raise Failure(f"{self} does not know this token; sign in anew with `argocd login`", status=3)

    def applications(self) -> list[Any]:
        return sequence(self._ask("GET", "applications"), "items")

    def application(self, namespace: str, name: str) -> Any | None:
        """Returns an Application, None where there is none; one that the role may not see looks the same."""
        return self._ask("GET", _path(name), {"appNamespace": namespace}, missing=True)

    def refresh(self, namespace: str, name: str) -> None:
        """Has Argo CD look at the newest commit, and waits a moment until it has."""
        with contextlib.suppress(TimeoutError):
            self._ask("GET", _path(name), {"appNamespace": namespace, "refresh": "normal"}, timeout=LOOK)

    def terminate(self, namespace: str, name: str) -> None:
        try:
            self._ask("DELETE", f"{_path(name)}/operation", {"appNamespace": namespace})
        except Failure as error:
            if "No operation is in progress" not in str(error):
                raise

    def sync(self, namespace: str, name: str, body: Any) -> None:
        """Starts a sync without naming a revision: naming one is a right of its own in generated repositories."""
        self._ask("POST", f"{_path(name)}/sync", body={"appNamespace": namespace, "prune": Seen(body).prunes})

    def _ask(
        self,
        method: str,
        path: str,
        query: dict[str, str] | None = None,
        body: Any = None,
        *,
        missing: bool = False,
        timeout: float = TIMEOUT,
    ) -> Any:
        """Returns the answer as JSON; with ``missing``, None for what is not there. Raises Failure and TimeoutError."""
        route = f"{self._login.root}/api/v1/{path}{f'?{urlencode(query)}' if query else ''}"
        try:
            status, answer = self._request(method, route, body, timeout)
        except TimeoutError:
            if timeout < TIMEOUT:
                raise
            raise Failure(f"{self} does not answer within {timeout:g} s", status=3) from None
        except (OSError, http.client.HTTPException) as error:
            raise Failure(f"{self} cannot be reached: {error}", status=3) from error
        found = _json(answer)
        if status == 200 and found is not None:
            return found
        if missing and status in {403, 404}:
            return None
        raise Failure(f"{self} refuses: {_refusal(status, found)}", status=3)

    def _request(self, method: str, route: str, body: Any, timeout: float) -> tuple[int, bytes]:
        login = self._login
        connection: http.client.HTTPConnection
        if login.is_plain:
            connection = http.client.HTTPConnection(login.host, login.port, timeout=timeout)
        else:
            context = ssl.create_default_context(cadata=login.authority or None)
            connection = http.client.HTTPSConnection(login.host, login.port, timeout=timeout, context=context)
        headers = {"Authorization": f"Bearer {login.token}", "Content-Type": "application/json"}
        with contextlib.closing(connection):
            connection.request(method, route, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            return answer.status, answer.read()


def _path(name: str) -> str:
    return f"applications/{quote(name, safe='')}"


def _json(answer: bytes) -> Any:
    try:
        return json.loads(answer)
    except ValueError:
        return None


def _refusal(status: int, found: Any) -> str:
    if status in {301, 302, 307, 308}:
        return f"it sends us elsewhere ({status}); name that address in ARGOCD_SERVER"
    said = text(found, "message") or text(found, "error") or http.client.responses.get(status, "no reason given")
    return f"{said} ({status})"
