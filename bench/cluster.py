"""The API server of a sandbox, asked what it thinks of objects: dry runs only, over connections that stay open."""

from __future__ import annotations

import http.client
import json
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import quote

from gitopsmith import sandbox
from gitopsmith.finding import Failure
from gitopsmith.manifest import get, items, mapping, sequence, text
from gitopsmith.sandbox.api import LOOPBACK

MANAGER = "argocd-controller"
NAMESPACE = "default"
"""Where objects go that name no namespace, as the destination of an Application does for them."""
DRY = f"dryRun=All&fieldManager={MANAGER}&fieldValidation=Strict"
APPLY = "application/apply-patch+yaml"
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
TIMEOUT = 60


class Answer(NamedTuple):
    """What the API server said: ``code`` is 0 where nobody was asked, because it does not serve the kind."""

    code: int
    message: str = ""
    by: str = ""

    @property
    def accepted(self) -> bool:
        return 200 <= self.code < 300 or self.code == http.client.CONFLICT

    @property
    def served(self) -> bool:
        return self.code != 0


class Kind(NamedTuple):
    """Where objects of a kind are found."""

    path: str
    plural: str
    namespaced: bool

    def collection(self, namespace: str) -> str:
        middle = f"/namespaces/{quote(namespace or NAMESPACE, safe='')}" if self.namespaced else ""
        return f"{self.path}{middle}/{self.plural}"


@dataclass(slots=True)
class Cluster:
    """A running API server, and what it serves; used by several threads, none of which shares a connection."""

    port: int
    context: ssl.SSLContext
    kinds: dict[str, Kind] = field(default_factory=dict)
    _idle: list[http.client.HTTPSConnection] = field(default_factory=list)

    def send(self, method: str, path: str, body: Any = None, content: str = "application/json") -> tuple[int, Any]:
        """Returns the status and the JSON of an answer."""
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogateescape")
        headers = {"Content-Type": content, "Accept": "application/json"}
        for last in (False, True):
            connection = self._connection()
            try:
                connection.request(method, path, data, headers)
                answer = connection.getresponse()
                found = answer.read()
            except (OSError, http.client.HTTPException):
                connection.close()
                if last:
                    raise
            else:
                self._idle.append(connection)
                return answer.status, json.loads(found) if found[:1] in {b"{", b"["} else found.decode()
        raise AssertionError

    def _connection(self) -> http.client.HTTPSConnection:
        try:
            return self._idle.pop()
        except IndexError:
            return http.client.HTTPSConnection(LOOPBACK, self.port, context=self.context, timeout=TIMEOUT)

    def close(self) -> None:
        """Closes the connections."""
        while self._idle:
            self._idle.pop().close()

    def discover(self) -> None:
        """Reads which kinds are served."""
        groups = sequence(self.send("GET", "/apis")[1], "groups")
        versions = [text(version, "groupVersion") for group in groups for version in sequence(group, "versions")]
        for version in ("v1", *versions):
            path = f"/api/{version}" if "/" not in version else f"/apis/{version}"
            for _, row in items(self.send("GET", path)[1], "resources"):
                if "/" not in text(row, "name"):
                    kind = Kind(path, text(row, "name"), get(row, "namespaced") is True)
                    self.kinds[f"{version} {text(row, 'kind')}"] = kind

    def install(self, definitions: Iterable[dict[str, Any]]) -> list[str]:
        """Installs definitions and returns, by name, why the API server does not take them or serve their kinds."""
        refused, waiting = [], set()
        for body in definitions:
            code, said = self.send("POST", f"{DEFINITIONS}?fieldManager={MANAGER}", body)
            if code >= http.client.BAD_REQUEST:
                refused.append(f"{text(body, 'metadata', 'name')}: {text(said, 'message')[:300]}")
            else:
                waiting.add(text(body, "metadata", "name"))
        end = time.monotonic() + TIMEOUT
        while waiting and time.monotonic() < end:
            time.sleep(0.2)
            listed = self.send("GET", DEFINITIONS)[1]
            waiting -= {text(body, "metadata", "name") for _, body in items(listed, "items") if _is_established(body)}
        self._until_served()
        return [*refused, *(f"{name}: not established" for name in sorted(waiting))]

    def _until_served(self) -> None:
        """Waits until every established kind is in discovery, which follows a moment later."""
        end = time.monotonic() + TIMEOUT
        wanted = {
            f"{text(body, 'spec', 'group')}/{text(version, 'name')} {text(body, 'spec', 'names', 'kind')}"
            for _, body in items(self.send("GET", DEFINITIONS)[1], "items")
            for version in sequence(body, "spec", "versions")
            if get(version, "served") and _is_established(body)
        }
        self.discover()
        while wanted - self.kinds.keys() and time.monotonic() < end:
            time.sleep(0.5)
            self.discover()

    def make_namespaces(self, names: Iterable[str]) -> None:
        for name in names:
            self.send("POST", "/api/v1/namespaces", {"metadata": {"name": name}})

    def ask(self, body: dict[str, Any]) -> Answer:
        """Says whether an object could be created, and applied by the server; refused by one of them is refused."""
        kind = self.kinds.get(f"{body['apiVersion']} {body['kind']}")
        if kind is None:
            return Answer(0)
        placed = _placed(body, kind)
        collection = kind.collection(text(placed, "metadata", "namespace"))
        created = self._answer("create", "POST", f"{collection}?{DRY}", placed)
        name = text(placed, "metadata", "name")
        if not created.accepted or created.code == http.client.CONFLICT or not name:
            return created
        return self._answer("apply", "PATCH", f"{collection}/{quote(name, safe='')}?{DRY}&force=true", placed, APPLY)

    def _answer(self, by: str, method: str, path: str, body: Any, content: str = "application/json") -> Answer:
        code, said = self.send(method, path, body, content)
        return Answer(code, "" if code < http.client.BAD_REQUEST else text(said, "message") or str(said), by)


def start(name: str) -> Cluster:
    """Starts an empty sandbox. Raises Failure where its programs are not built, or do not come up."""
    sandbox.reset(name)
    state = sandbox.up(name, print)
    keys = sandbox.folder_of(name) / "keys"
    context = ssl.create_default_context(cafile=str(keys / "ca.crt"))
    context.load_cert_chain(keys / "admin.crt", keys / "admin.key")
    cluster = Cluster(state.ports["kube-apiserver"], context)
    cluster.discover()
    if not cluster.kinds:
        raise Failure("the sandbox serves no kinds", status=3)
    return cluster


def _placed(body: dict[str, Any], kind: Kind) -> dict[str, Any]:
    """Returns an object where Argo CD puts it: one without a namespace into the destination's, others into none."""
    given = mapping(body, "metadata")
    metadata = {name: value for name, value in given.items() if name != "namespace"}
    if kind.namespaced:
        metadata["namespace"] = given.get("namespace") or NAMESPACE
    return {**body, "metadata": metadata}


def _is_established(body: dict[str, Any]) -> bool:
    conditions = [row for _, row in items(body, "status", "conditions")]
    return any(row.get("type") == "Established" and row.get("status") == "True" for row in conditions)
