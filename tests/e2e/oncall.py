"""Somebody who is on call: an account of Argo CD's with the role that a generated project gives to their group."""

from __future__ import annotations

import http.client
import json
from typing import Any, NamedTuple

from e2e.beginning import ON_CALL
from e2e.live import Live
from gitopsmith.sandbox.api import LOOPBACK


class OnCall(NamedTuple):
    """Where Argo CD's API is, and a token of the account."""

    server: str
    token: str

    @property
    def environment(self) -> dict[str, str]:
        return {"ARGOCD_SERVER": f"http://{self.server}", "ARGOCD_AUTH_TOKEN": self.token}

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Returns the status and the JSON of an answer."""
        return _ask(self.server, self.token, method, path, body)


def on_call(live: Live) -> OnCall:
    """Returns an account that is called as the group is: Argo CD's rules take either for the same subject."""
    live.merge("/api/v1/namespaces/argocd/configmaps/argocd-cm", {"data": {f"accounts.{ON_CALL}": "apiKey"}})
    server = f"{LOOPBACK}:{live.state.ports['server']}"
    kept = json.loads((live.folder / "argocd" / "config").read_text(encoding="utf-8"))
    admin, found = kept["users"][0]["auth-token"], {}

    def is_given() -> bool:
        status, body = _ask(server, admin, "POST", f"account/{ON_CALL}/token", {"expiresIn": 3600})
        found.update(body)
        return status == 200

    live.wait("a token for the account", is_given, timeout=30)
    return OnCall(server, found["token"])


def _ask(server: str, token: str, method: str, path: str, body: Any) -> tuple[int, Any]:
    connection = http.client.HTTPConnection(server, timeout=30)
    try:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        connection.request(method, f"/api/v1/{path}", None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read() or b"{}")
    finally:
        connection.close()
