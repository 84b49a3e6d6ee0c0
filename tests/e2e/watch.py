"""Argo CD's Applications as the API server tells of them, each change at the moment that it happens."""

from __future__ import annotations

import http.client
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gitopsmith.manifest import get, items, mapping, text
from gitopsmith.sandbox.api import LOOPBACK

RETRYING = "Retrying attempt"
PATH = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications"


@dataclass(frozen=True, slots=True)
class Seen:
    """One Application at one moment. ``running`` is the revision that its operation is about."""

    at: float
    name: str
    sync: str
    revision: str
    health: str
    phase: str
    running: str
    retries: int
    message: str
    conditions: tuple[str, ...]
    is_refreshing: bool
    failed: tuple[str, ...] = ()
    """What its operation could not do, each with Argo CD's reason."""

    @property
    def is_done(self) -> bool:
        return (self.sync, self.health) == ("Synced", "Healthy") and self.phase not in {"Running", "Terminating"}

    def is_done_at(self, revision: str) -> bool:
        return self.is_done and self.revision == revision

    def is_blocked_at(self, revision: str) -> bool:
        """Tells whether an operation about a revision waits for something to become healthy."""
        return self.phase == "Running" and self.revision == revision and "waiting for healthy state" in self.message

    def is_retried_at(self, revision: str) -> bool:
        """Tells whether a try of a revision has failed, and another one is to follow."""
        return self.revision == revision and RETRYING in self.message

    @property
    def has_failed(self) -> bool:
        """Tells whether an operation, or a try of it that another follows, has just failed."""
        return self.phase in {"Failed", "Error"} or (self.phase == "Running" and RETRYING in self.message)

    @property
    def said(self) -> str:
        return " | ".join((*self.conditions, self.message))

    def __str__(self) -> str:
        states = f"{self.sync or '-'}, {self.health or '-'}, {self.phase or 'no operation'}"
        return f"{self.name}: {states} at {self.revision[:7]}: {' '.join(self.said.split())}"


def seen(body: Any) -> Seen:
    """Reads one Application."""
    state = mapping(body, "status", "operationState")
    return Seen(
        at=time.monotonic(),
        name=text(body, "metadata", "name"),
        sync=text(body, "status", "sync", "status"),
        revision=text(body, "status", "sync", "revision"),
        health=text(body, "status", "health", "status"),
        phase=text(state, "phase"),
        running=text(state, "syncResult", "revision") or text(state, "operation", "sync", "revision"),
        retries=get(state, "retryCount") or 0,
        message=text(state, "message"),
        conditions=tuple(
            f"{text(one, 'type')}: {text(one, 'message')}" for _, one in items(body, "status", "conditions")
        ),
        is_refreshing=get(body, "metadata", "annotations", "argocd.argoproj.io/refresh") is not None,
        failed=tuple(_failed(state)),
    )


def _failed(state: Mapping[str, Any]) -> Iterator[str]:
    for _, task in items(state, "syncResult", "resources"):
        if text(task, "status") == "SyncFailed" or text(task, "hookPhase") in {"Failed", "Error"}:
            yield f"{text(task, 'kind')}/{text(task, 'name')}: {' '.join(text(task, 'message').split())}"


class Watch:
    """Follows all Applications in a thread of its own, and remembers everything that it saw."""

    def __init__(self, port: int, keys: Path) -> None:
        self.now: dict[str, Seen] = {}
        self.history: list[Seen] = []
        self._changed = threading.Condition()
        self._context = ssl.create_default_context(cafile=str(keys / "ca.crt"))
        self._context.load_cert_chain(keys / "admin.crt", keys / "admin.key")
        self._port = port
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._ended.is_set():
            # Half a minute without a word is not rare, and then the watch begins anew.
            connection = http.client.HTTPSConnection(LOOPBACK, self._port, context=self._context, timeout=30)
            try:
                connection.request("GET", f"{PATH}?watch=1", headers={"Accept": "application/json"})
                with connection.getresponse() as answer:
                    while not self._ended.is_set() and answer.status == 200 and (line := answer.readline()):
                        self._take(json.loads(line))
            except (OSError, ValueError, http.client.HTTPException):
                pass
            finally:
                connection.close()
            self._ended.wait(0.1)

    def _take(self, event: Any) -> None:
        if event["type"] == "ERROR":
            return
        one = seen(event["object"])
        with self._changed:
            self.history.append(one)
            if event["type"] == "DELETED":
                self.now.pop(one.name, None)
            else:
                self.now[one.name] = one
            self._changed.notify_all()

    def until(self, is_so: Callable[[Mapping[str, Seen]], bool], since: float, timeout: float = 180.0) -> float:
        """Waits for something to be so, and returns the seconds since a moment; fails with what is so instead."""
        with self._changed:
            if not self._changed.wait_for(lambda: is_so(self.now), timeout):
                there = "\n  ".join(str(one) for one in self.now.values() if not one.is_done) or "everything is done"
                pytest.fail(f"not so after {timeout:g} s:\n  {there}")
            return time.monotonic() - since

    def end(self) -> None:
        self._ended.set()
