"""``gitopsmith status``, and waiting for a rollback, with the role of who is on call and with kubectl."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from e2e.live import Live, gitopsmith
from e2e.oncall import OnCall, on_call
from e2e.watch import PATH
from gitopsmith import live as argocd
from gitopsmith.application import Application
from gitopsmith.states import Follower, Reader

pytestmark = pytest.mark.slow
GENERATE = "argocd.argoproj.io/manifest-generate-paths"


@pytest.fixture(scope="module")
def somebody(live: Live) -> OnCall:
    return on_call(live)


def _status(live: Live, *arguments: str, environment: dict[str, str], status: int | None = 0) -> Any:
    told = ("status", "--format", "json", *arguments)
    return json.loads(gitopsmith(*told, cwd=live.fleet.root, environment=environment, status=status))


def _application(live: Live, name: str) -> tuple[Application, Reader]:
    reader = Reader(live.fleet.root, "main")
    places = reader.places(live.fleet.git("rev-parse", "HEAD"))
    return next(place.application for place in places if place.application.name == name), reader


def _kinds(found: Any, name: str) -> list[str]:
    return [one["kind"] for row in found["applications"] if row["name"] == name for one in row["problems"]]


def test_the_role_of_who_is_on_call_may_do_what_waiting_needs_and_no_more(live: Live, somebody: OnCall) -> None:
    web = "applications/web-prod"
    assert somebody.ask("GET", f"{web}?refresh=normal")[0] == 200
    assert somebody.ask("POST", f"{web}/sync", {"prune": True})[0] == 200
    assert somebody.ask("DELETE", f"{web}/operation")[0] in {200, 400}  # 400 where it is over already
    assert somebody.ask("POST", f"{web}/sync", {"revision": "0" * 40})[0] == 403
    assert somebody.ask("PATCH", web, {"patch": "{}", "patchType": "merge"})[0] == 403
    assert somebody.ask("DELETE", web)[0] == 403
    assert somebody.ask("POST", "applications/argocd/sync", {})[0] == 403
    live.until("web-prod", lambda one: one.is_done)


@pytest.mark.parametrize("paths", ["", "."], ids=["as generated", "with manifest-generate-paths"])
def test_a_blocked_release_is_rolled_back_and_waited_for_with_that_role(
    live: Live, somebody: OnCall, paths: str
) -> None:
    """With ``manifest-generate-paths`` no sync begins by itself once the operation was ended: one is started."""
    tag, name = {"": "1.7.0", ".": "1.8.0"}[paths], "shop-prod"
    live.merge(f"{PATH}/{name}", {"metadata": {"annotations": {GENERATE: paths or None}}})
    application, reader = _application(live, name)
    live.until_done(name, live.fleet.release("shop", "prod", tag))
    with live.failing(name):
        bad = live.fleet.release("shop", "prod", "bad")
        live.until(name, lambda one: one.is_blocked_at(bad))
        found = _status(live, "--env", "prod", "--fail", environment=somebody.environment, status=1)
        assert "syncing" in _kinds(found, name)
        assert _kinds(found, "web-prod") == []
        start = time.monotonic()
        commit = live.fleet.restore("shop", "prod", quietly=True)
        follower = Follower(reader, commit, "shop", "prod", fetch=lambda: None)
        said: list[str] = []
        access = argocd.find(somebody.environment).access
        waited = argocd.wait(access, application, commit, follower, budget=120, tell=said.append, begun=start)
    live.merge(f"{PATH}/{name}", {"metadata": {"annotations": {GENERATE: None}}})
    assert waited.is_done, (waited.reason, said)
    assert list(waited.phases) == ["seen", "synced", "healthy"]
    assert live.tags(name) == {tag}
    note = "annotated with manifest-generate-paths" if paths else ""
    live.report.promise("rollback: blocked on a wave, waited for as on-call", waited.phases["healthy"], 30, note)


def test_a_later_commit_that_changes_nothing_of_it_counts(live: Live) -> None:
    application, reader = _application(live, "web-prod")
    commit = live.fleet.release("web", "prod", "6.17.0")
    live.until_done("web-prod", commit)
    later = live.fleet.release("web", "dev", "6.18.0")
    live.until_done("web-dev", later)
    environment = {"KUBECONFIG": str(live.folder / "kubeconfig")}
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("KUBECONFIG", environment["KUBECONFIG"])
        access = argocd.find({"HOME": str(live.folder)}).access
        live.refresh("web-prod")
        live.until("web-prod", lambda one: one.is_done_at(later))
        follower = Follower(reader, commit, "web", "prod", fetch=lambda: None)
        waited = argocd.wait(access, application, commit, follower, budget=60, tell=lambda _: None)
    assert waited.is_done, waited.reason
    assert waited.revision == later
    found = _status(live, environment=environment)
    assert "kubectl" in found["cluster"]
    assert {row["name"] for row in found["applications"]} >= {"web-dev", "web-prod", "argocd", "platform-in-cluster"}
    assert _kinds(found, "web-prod") == []
