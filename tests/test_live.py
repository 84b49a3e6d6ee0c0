"""What Argo CD says, the way to it, and what is done next so that a commit becomes what runs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from argocd_says import application, deployed
from gitopsmith import live
from gitopsmith.finding import Failure
from gitopsmith.live import Seen, login
from gitopsmith.live.server import Server
from gitopsmith.live.stepping import Moment, Step, next_step

OURS, OTHER = "a" * 40, "b" * 40


def _step(seen: Seen, *, foreign: float | None = None, idle: float | None = None, **more: object) -> Step:
    told = {"is_ours": True, "refreshed": 1.0} | more
    return next_step(Moment(seen, foreign=foreign, idle=idle, **told))  # type: ignore[arg-type]


def test_what_is_in_order_is_believed_once_argo_cd_has_looked_again() -> None:
    seen = Seen(application("web", OURS))
    assert _step(seen, idle=0.0) is Step.CONFIRM
    assert _step(seen, idle=0.0, is_confirming=True) is Step.DONE
    body = application("web", OURS)
    body["metadata"]["annotations"] = {"argocd.argoproj.io/refresh": "normal"}
    assert _step(Seen(body), idle=0.0, is_confirming=True) is Step.LOOK


def test_what_was_compared_before_its_operation_ended_is_not_believed() -> None:
    body = application("web", OURS)
    body["status"]["reconciledAt"] = "2026-11-28T10:00:04Z"
    assert _step(Seen(body), idle=0.0, is_confirming=True) is Step.LOOK


def test_an_old_failure_does_not_matter_where_all_is_in_order() -> None:
    seen = Seen(application("web", OURS, phase="Failed", about=OTHER))
    assert _step(seen, idle=0.0, is_confirming=True) is Step.DONE


def test_an_operation_of_another_revision_is_ended_after_a_moment_and_once_ours_is_seen() -> None:
    seen = Seen(application("web", OURS, sync="OutOfSync", phase="Running", about=OTHER))
    assert _step(seen, foreign=0.5) is Step.LOOK
    assert _step(seen, foreign=2.5) is Step.TERMINATE
    assert _step(seen, foreign=2.5, is_ours=False) is Step.LOOK
    assert _step(seen, foreign=2.5, is_ours=False, refreshed=6.0) is Step.REFRESH
    ending = Seen(application("web", OURS, sync="OutOfSync", phase="Terminating", about=OTHER))
    assert _step(ending, foreign=9.0) is Step.LOOK


def test_an_operation_of_ours_is_left_alone() -> None:
    assert _step(Seen(application("web", OURS, phase="Running"))) is Step.LOOK


def test_a_sync_is_started_where_none_begins_by_itself() -> None:
    seen = Seen(application("web", OURS, sync="OutOfSync"))
    assert _step(seen, idle=1.0) is Step.LOOK
    assert _step(seen, idle=3.5) is Step.SYNC
    failed = Seen(application("web", OURS, sync="OutOfSync", phase="Failed"))
    assert _step(failed, idle=3.5, syncs=1) is Step.SYNC
    assert _step(failed, idle=3.5, syncs=2) is Step.FAIL


def test_a_commit_that_is_not_seen_is_asked_for_again_and_then_synced() -> None:
    seen = Seen(application("web", OTHER))
    assert _step(seen, is_ours=False, idle=4.0, refreshed=5.5) is Step.REFRESH
    assert _step(seen, is_ours=False, idle=11.0) is Step.SYNC


def test_health_is_waited_for_without_another_sync() -> None:
    assert _step(Seen(application("web", OURS, health="Progressing")), idle=60.0) is Step.LOOK


def test_reading_takes_whatever_is_there() -> None:
    for body in (None, {}, {"metadata": 3, "status": []}, {"status": {"history": [1, {"revision": 2}]}, "spec": "x"}):
        seen = Seen(body)
        assert (seen.sync, seen.health, seen.revisions) == ("Unknown", "Unknown", ())
        assert not seen.is_done
        assert seen.reason == ""
    body = application("web", OURS, history=(deployed(OURS, "2026-11-28T10:00:00Z", "ann"), deployed(OTHER, "never")))
    assert [(one.user, one.is_automated, one.when is None) for one in Seen(body).history] == [
        ("ann", False, False),
        ("", True, True),
    ]


def test_an_operation_that_was_asked_for_counts_as_running() -> None:
    body = application("web", OURS) | {"operation": {"sync": {"revision": OTHER}}}
    assert Seen(body).operation.is_under_way
    assert Seen(body).operation.revisions == (OTHER,)


def test_variables_name_the_server_and_the_token() -> None:
    found = login.find({"ARGOCD_SERVER": "argocd.example.com", "ARGOCD_AUTH_TOKEN": "t0ken"})
    assert found is not None
    assert (found.host, found.port, found.is_plain, found.is_named) == ("argocd.example.com", 443, False, True)
    assert "t0ken" not in f"{found} {found!r}"
    found = login.find({"ARGOCD_SERVER": "https://example.com:8443/argo", "ARGOCD_AUTH_TOKEN": "t0ken"})
    assert found is not None
    assert str(found) == "example.com:8443/argo"


def test_an_address_that_is_none_is_said() -> None:
    for odd in ("https://", "host:port", "ftp://example.com"):
        with pytest.raises(Failure, match="no address of Argo CD"):
            login.find({"ARGOCD_SERVER": odd, "ARGOCD_AUTH_TOKEN": "t0ken"})


def test_a_token_is_not_sent_without_tls() -> None:
    found = login.find({"ARGOCD_SERVER": "http://argocd.example.com", "ARGOCD_AUTH_TOKEN": "t0ken"})
    assert found is not None
    with pytest.raises(Failure, match="not sent without TLS") as raised:
        Server(found)
    assert "t0ken" not in str(raised.value)


def test_what_argocd_login_left_is_used_and_core_is_not(tmp_path: Path) -> None:
    kept = {
        "current-context": "one",
        "contexts": [{"name": "one", "server": "argocd.example.com:444", "user": "me"}],
        "servers": [{"server": "argocd.example.com:444", "grpc-web-root-path": "cd"}],
        "users": [{"name": "me", "auth-token": "t0ken"}],
    }
    (tmp_path / "config").write_text(json.dumps(kept), encoding="utf-8")
    environment = {"ARGOCD_CONFIG_DIR": str(tmp_path), "HOME": str(tmp_path)}
    found = login.find(environment)
    assert found is not None
    assert (str(found), found.token, found.is_named) == ("argocd.example.com:444/cd", "t0ken", False)
    kept["servers"] = [{"server": "argocd.example.com:444", "core": True}]
    (tmp_path / "config").write_text(json.dumps(kept), encoding="utf-8")
    assert login.find(environment) is None
    assert login.find({"HOME": str(tmp_path)}) is None
    for odd in ("]", "- 3", "contexts: {}\ncurrent-context: [one]"):
        (tmp_path / "config").write_text(odd, encoding="utf-8")
        assert login.find(environment) is None


def test_a_server_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Failure, match=r"127\.0\.0\.1:1 cannot be reached") as raised:
        live.find({"ARGOCD_SERVER": "127.0.0.1:1", "ARGOCD_AUTH_TOKEN": "t0ken"})
    assert "t0ken" not in str(raised.value)
    assert raised.value.status == 3
