"""Waiting until Argo CD runs a commit: what is asked of it, by which way, and what people at the terminal see."""

from __future__ import annotations

import os
import pty
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any, NamedTuple

import pytest

from argocd_api import TOKEN, ArgoCD, Body, KubectlOfArgoCD, served
from argocd_says import application
from checkout import commit, git
from gitopsmith import live
from gitopsmith.application import Application
from gitopsmith.cli import main
from gitopsmith.finding import Failure
from gitopsmith.live import Waited, login
from gitopsmith.live.cluster import Cluster
from gitopsmith.live.server import Server
from gitopsmith.live.stepping import PATIENCE
from gitopsmith.live.waiting import SILENCE
from gitopsmith.states import Reader
from gitopsmith.states.following import Follower
from repository import PROGRAM, URL, WEB, application_of, initialise, write
from waiting import until

NAME, OURS, OTHER, LATER = "web-prod", "a" * 40, "b" * 40, "c" * 40
REFRESH, TERMINATE, SYNC = "refresh", "terminate", "sync"
OVERLAY = 'namespace: {env}\nresources: [../../base]\nimages: [{{name: web, newTag: "{tag}"}}]\n'
SETTINGS = """\
repository: {{urls: ["{url}"]}}
budgets: {{rollback: {seconds}}}
environments:
  - {{name: dev, paths: ["apps/*/overlays/dev"]}}
  - {{name: prod, paths: ["apps/*/overlays/prod"]}}
"""
said_by = partial(application, NAME)


def _overlay(env: str, tag: str) -> dict[str, str]:
    return {f"apps/web/overlays/{env}/kustomization.yaml": OVERLAY.format(env=env, tag=tag)}


def _head(folder: Path) -> str:
    return git(folder, "rev-parse", "main").strip()


def _release(folder: Path, env: str, tag: str) -> str:
    commit(write(folder, _overlay(env, tag)), f"Release {tag} to {env}")
    return _head(folder)


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    """A repository in which one application is in two environments."""
    files = {
        ".gitopsmith.yaml": SETTINGS.format(url=URL, seconds=60),
        "argocd/dev.yaml": application_of("web-dev", "apps/web/overlays/dev"),
        "argocd/prod.yaml": application_of(NAME, "apps/web/overlays/prod"),
        "apps/web/base/kustomization.yaml": "resources: [web.yaml]\n",
        "apps/web/base/web.yaml": WEB,
        **_overlay("dev", "1.0"),
        **_overlay("prod", "1.0"),
    }
    return commit(initialise(write(tmp_path / "fleet", files)), "First")


@pytest.fixture
def web(fleet: Path) -> Application:
    """The Application of prod."""
    return next(one.application for one in Reader(fleet, "main").places(_head(fleet)) if one.application.name == NAME)


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has nobody wait for what a test's Argo CD does at once."""
    monkeypatch.setattr("gitopsmith.live.waiting.LOOK", 0.01)
    monkeypatch.setattr("gitopsmith.live.stepping.START", 0.02)
    monkeypatch.setattr("gitopsmith.live.stepping.AGAIN", 0.05)


class Line(NamedTuple):
    """Which revisions came after our commit, and which of them make the same; where one is lost, nothing is told."""

    after: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    lost: bool = False

    def has(self, revision: str) -> bool:
        if self.lost:
            raise Failure("the remote does not answer")
        return revision in self.after

    def is_same(self, revision: str) -> bool:
        return self.has(revision) and revision in self.same


Told = list[str]
Wait = Callable[..., tuple[Waited, Told]]


@pytest.fixture
def wait(web: Application, quickly: None) -> Wait:
    """Waits for our commit, and returns how far it got, and what was told without the seconds."""

    def waiting(argo_cd: ArgoCD, line: Line | None = None, budget: float = 20) -> Any:
        told: Told = []
        waited = live.wait(argo_cd, web, OURS, line or Line(), budget=budget, tell=told.append, patience=0.02)
        return waited, [line.partition(" s  ")[2] for line in told]

    return waiting


def _then(*bodies: Body) -> list[Callable[[], Body]]:
    return [lambda body=body: body for body in bodies]  # type: ignore[misc]


# --- what is done so that a commit becomes what runs


def test_a_good_change_needs_nothing_but_looks(wait: Wait) -> None:
    begun = said_by(OURS, sync="OutOfSync", phase="Running")
    rolling, well = said_by(OURS, health="Progressing"), said_by(OURS)
    argo_cd = ArgoCD(said_by(OTHER), {REFRESH: _then(begun), "look": _then(said_by(OTHER), begun, rolling, well)})
    waited, told = wait(argo_cd)
    assert (waited.is_done, waited.revision, waited.reason) == (True, OURS, "")
    assert list(waited.phases) == told == ["seen", "synced", "healthy"]
    assert list(waited.phases.values()) == sorted(waited.phases.values())
    assert argo_cd.asked == [REFRESH, REFRESH]


def test_an_operation_that_blocks_is_ended_and_a_sync_is_started(wait: Wait) -> None:
    blocked = said_by(OURS, sync="OutOfSync", phase="Running", about=OTHER, message="waiting for\nDeployment/web")
    ended = said_by(OURS, sync="OutOfSync", phase="Failed", about=OTHER)
    argo_cd = ArgoCD(blocked, {TERMINATE: _then(ended), SYNC: _then(said_by(OURS))})
    waited, told = wait(argo_cd)
    assert waited.is_done
    assert argo_cd.asked == [REFRESH, TERMINATE, SYNC, REFRESH]
    assert told == [
        "seen",
        "ending the operation of bbbbbbb: waiting for Deployment/web",
        "no sync has begun by itself; starting one",
        "synced",
        "healthy",
    ]


def test_a_commit_that_is_not_seen_is_asked_for_again_and_then_synced(wait: Wait) -> None:
    argo_cd = ArgoCD(said_by(OTHER), {SYNC: _then(said_by(OURS))})
    waited, _ = wait(argo_cd)
    assert waited.is_done
    assert argo_cd.asked[0] == REFRESH
    assert set(argo_cd.asked[: argo_cd.asked.index(SYNC)]) == {REFRESH}


def test_syncs_that_fail_twice_are_believed(wait: Wait) -> None:
    failed = said_by(OURS, sync="OutOfSync", phase="Failed", message="one or more objects failed: no such kind")
    argo_cd = ArgoCD(said_by(OURS, sync="OutOfSync"), {SYNC: _then(failed, failed)})
    waited, _ = wait(argo_cd)
    assert not waited.is_done
    assert waited.reason == "OutOfSync, Healthy: one or more objects failed: no such kind"
    assert argo_cd.asked == [REFRESH, SYNC, SYNC]


def test_a_sync_that_is_refused_is_said_and_not_the_end(wait: Wait) -> None:
    argo_cd = ArgoCD(said_by(OURS, sync="OutOfSync"), refused={SYNC: "cannot sync: blocked by sync window"})
    waited, told = wait(argo_cd, budget=0.3)
    assert not waited.is_done
    assert told.count("cannot sync: blocked by sync window") == 2


def test_the_time_runs_out(wait: Wait) -> None:
    waited, _ = wait(ArgoCD(said_by(OURS, health="Progressing")), budget=0.05)
    assert (waited.is_done, list(waited.phases)) == (False, ["seen", "synced"])
    assert waited.reason == "Synced, Progressing"


def test_a_later_revision_that_makes_the_same_is_as_good(wait: Wait) -> None:
    waited, _ = wait(ArgoCD(said_by(LATER)), Line((LATER,), (LATER,)))
    assert (waited.is_done, waited.revision) == (True, LATER)


def test_a_revision_that_cannot_be_told_is_said_once_and_not_ours(wait: Wait) -> None:
    waited, told = wait(ArgoCD(said_by(LATER)), Line(lost=True), budget=0.1)
    assert not waited.is_done
    assert told.count("whether ccccccc is the same cannot be told: the remote does not answer") == 1


def test_a_later_revision_that_makes_something_else_ends_the_wait_and_its_operation_is_left_alone(wait: Wait) -> None:
    fixing = said_by(LATER, sync="OutOfSync", phase="Running", message="waiting for Deployment/web")
    argo_cd = ArgoCD(
        said_by(OURS, health="Progressing"), {"look": _then(*[said_by(OURS, health="Progressing")] * 3, fixing)}
    )
    waited, told = wait(argo_cd, Line((LATER,)))
    assert (waited.is_done, waited.superseded, waited.reason) == (False, LATER, "superseded by cccccccccccc")
    assert list(waited.phases) == told == ["seen", "synced"]
    assert set(argo_cd.asked) == {REFRESH}


def test_an_operation_of_a_later_revision_that_makes_something_else_ends_the_wait(wait: Wait) -> None:
    argo_cd = ArgoCD(said_by(OURS, sync="OutOfSync", phase="Running", about=LATER))
    assert wait(argo_cd, Line((LATER,)))[0].superseded == LATER
    assert argo_cd.asked == [REFRESH]


def test_an_operation_of_which_nothing_can_be_told_is_left_alone(wait: Wait) -> None:
    argo_cd = ArgoCD(said_by(OURS, sync="OutOfSync", phase="Running", about=LATER))
    waited, told = wait(argo_cd, Line(lost=True), budget=0.5)
    assert (waited.is_done, waited.superseded) == (False, "")
    assert "whether ccccccc is the same cannot be told: the remote does not answer" in told
    assert argo_cd.asked == [REFRESH]


def test_some_answers_may_fail_to_come(wait: Wait) -> None:
    assert wait(ArgoCD(said_by(OURS), lost=SILENCE - 1))[0].is_done
    with pytest.raises(Failure, match="no answer"):
        wait(ArgoCD(said_by(OURS), lost=SILENCE))


def test_an_application_that_is_not_there_or_from_elsewhere_is_no_use(wait: Wait) -> None:
    with pytest.raises(Failure, match="a test's Argo CD shows no Application web-prod"):
        wait(ArgoCD(None))
    with pytest.raises(Failure, match="web-prod at a test's Argo CD is built from another repository"):
        wait(ArgoCD(said_by(OURS, url="https://git.example.com/other.git")))


# --- a later commit that makes the same of an application


def test_a_later_commit_is_the_same_where_it_leaves_the_environment_alone(fleet: Path) -> None:
    first, ours = _head(fleet), _release(fleet, "prod", "1.1")
    elsewhere, later = _release(fleet, "dev", "2.0"), _release(fleet, "prod", "1.2")
    follower = Follower(Reader(fleet, "main"), ours, "web", "prod", lambda: None)
    assert [follower.is_same(each) for each in (first, ours, elsewhere, later)] == [False, True, True, False]
    assert [follower.has(each) for each in (first, ours, elsewhere, later, "main")] == [False, True, True, True, False]


def test_a_commit_that_this_clone_lacks_is_fetched(fleet: Path, tmp_path: Path) -> None:
    clone, ours = tmp_path / "clone", _head(fleet)
    git(tmp_path, "clone", "--quiet", str(fleet), str(clone))
    later = _release(fleet, "dev", "2.0")
    fetched = partial(git, clone, "fetch", "--quiet")
    assert Follower(Reader(clone, "main"), ours, "web", "prod", fetched).is_same(later)
    assert not Follower(Reader(clone, "main"), ours, "web", "prod", lambda: None).is_same(LATER)


def test_a_later_commit_is_not_taken_for_another_where_it_cannot_be_fetched(fleet: Path) -> None:
    def fetch() -> None:
        raise Failure("the remote does not answer")

    follower = Follower(Reader(fleet, "main"), _head(fleet), "web", "prod", fetch)
    for ask in (follower.has, follower.is_same):
        with pytest.raises(Failure, match="does not answer"):
            ask(LATER)


# --- Argo CD's own API


def _server(url: str, token: str = TOKEN) -> Server:
    known = login.find({"ARGOCD_SERVER": url, "ARGOCD_AUTH_TOKEN": token})
    assert known is not None
    return Server(known)


def test_the_api_is_read_and_steered() -> None:
    argo_cd = ArgoCD(said_by(OURS))
    with served(argo_cd) as url:
        server = _server(url)
        server.check()
        assert server.applications() == [argo_cd.body]
        assert server.application("argocd", NAME) == argo_cd.body
        assert server.application("argocd", "other") is None
        server.refresh("argocd", NAME)
        server.terminate("argocd", NAME)
        server.sync("argocd", NAME, argo_cd.body)
    assert argo_cd.asked == [REFRESH, TERMINATE, SYNC]


def test_an_operation_that_has_ended_by_itself_is_as_good_as_ended() -> None:
    argo_cd = ArgoCD(said_by(OURS), refused={TERMINATE: "Unable to terminate operation. No operation is in progress"})
    with served(argo_cd) as url:
        _server(url).terminate("argocd", NAME)
        argo_cd.refused = {TERMINATE: "it is broken"}
        with pytest.raises(Failure, match=r"refuses: it is broken \(400\)"):
            _server(url).terminate("argocd", NAME)


def test_a_token_that_is_not_known_is_said_without_showing_it() -> None:
    with served(ArgoCD(None)) as url:
        stranger = _server(url, "an-old-token")
        for ask, words in ((stranger.check, "does not know this token"), (stranger.applications, "no session inf")):
            with pytest.raises(Failure, match=words) as raised:
                ask()
            assert raised.value.status == 3
            assert "an-old-token" not in str(raised.value)


@pytest.mark.parametrize(
    ("status", "answer", "words"),
    [
        (200, "<html>sign in</html>", r"refuses: OK \(200\)"),
        (302, "", r"it sends us elsewhere \(302\); name that address in ARGOCD_SERVER"),
        (403, '{"message": "permission denied"}', r"refuses: permission denied \(403\)"),
        (404, "not found", r"refuses: Not Found \(404\)"),
        (499, "", r"refuses: no reason given \(499\)"),
    ],
    ids=["no JSON", "elsewhere", "forbidden", "missing", "odd"],
)
def test_an_answer_that_is_none_is_told_with_its_reason(status: int, answer: str, words: str) -> None:
    with served(ArgoCD(None), {"applications": (status, answer)}) as url, pytest.raises(Failure, match=words) as raised:
        _server(url).applications()
    assert TOKEN not in str(raised.value)


# --- kubectl

ROUTE = f"namespaces/argocd/applications/{NAME}"
FORBIDDEN = 'Error from server (Forbidden): applications.argoproj.io is forbidden: User "ann" cannot list them'


@pytest.fixture
def cluster(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, Any]], tuple[Cluster, Any]]:
    """Finds the Argo CD of a cluster that says what it is told to say, by kubectl on PATH."""

    def finding(says: dict[str, Any]) -> tuple[Cluster, KubectlOfArgoCD]:
        kubectl = KubectlOfArgoCD(tmp_path / "kubectl", says)
        monkeypatch.setenv("PATH", f"{kubectl.programs}{os.pathsep}{os.environ['PATH']}")
        found = live.find({}, "production")
        assert isinstance(found.access, Cluster)
        return found.access, kubectl

    return finding


def test_the_cluster_is_read_and_steered(cluster: Any) -> None:
    body = said_by(OURS, phase="Running")
    body["spec"]["syncPolicy"] |= {"syncOptions": ["ServerSideApply=true"], "retry": {"limit": 2}}
    access, kubectl = cluster({"": {}, "applications": {"items": [body]}, ROUTE: body})
    assert str(access) == "kubectl, context production, namespace argocd"
    assert access.applications() == [body]
    assert access.application("argocd", NAME) == body
    access.refresh("argocd", NAME)
    access.terminate("argocd", NAME)
    access.sync("argocd", NAME, body)
    asked = {"prune": True, "syncOptions": ["ServerSideApply=true"]}
    assert kubectl.patches == [
        [NAME, "argocd", {"metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}}],
        [NAME, "argocd", {"status": {"operationState": {"phase": "Terminating"}}}],
        [
            NAME,
            "argocd",
            {"operation": {"initiatedBy": {"username": "gitopsmith"}, "sync": asked, "retry": {"limit": 2}}},
        ],
    ]


def test_who_may_look_at_one_namespace_sees_what_is_there(cluster: Any) -> None:
    body = said_by(OURS)
    access, _ = cluster({"": {}, "applications": FORBIDDEN, "namespaces/argocd/applications": {"items": [body]}})
    assert access.applications() == [body]


def test_what_a_cluster_refuses_is_told_in_its_words(cluster: Any) -> None:
    missing = f'Error from server (NotFound): applications.argoproj.io "{NAME}" not found'
    forbidden = dict.fromkeys(("applications", "namespaces/argocd/applications"), FORBIDDEN)
    access, _ = cluster({"": {}, ROUTE: missing} | forbidden)
    assert access.application("argocd", NAME) is None
    with pytest.raises(Failure, match='User "ann" cannot list them') as raised:
        access.applications()
    assert raised.value.status == 3


def test_a_cluster_without_argo_cd_is_told(cluster: Any) -> None:
    with pytest.raises(Failure, match="there is no Argo CD in this cluster") as raised:
        cluster({})
    assert raised.value.status == 3


# --- at the terminal


class Desk(NamedTuple):
    """A clone of a repository that has a bad release of prod, its remote, and the Argo CD that follows it."""

    clone: Path
    remote: Path
    argo_cd: ArgoCD

    def follow(self) -> None:
        """Has Argo CD run what the branch has, from the next look at git on."""
        self.argo_cd.next[REFRESH] = [lambda: said_by(_head(self.remote))] * 9


@pytest.fixture
def desk(fleet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, quickly: None) -> Any:
    bad, remote, clone = _release(fleet, "prod", "1.1"), tmp_path / "remote.git", tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--bare", str(fleet), str(remote))
    git(tmp_path, "clone", "--quiet", remote.as_uri(), str(clone))
    argo_cd = ArgoCD(said_by(bad))
    with served(argo_cd) as url:
        monkeypatch.setenv("ARGOCD_SERVER", url)
        monkeypatch.setenv("ARGOCD_AUTH_TOKEN", TOKEN)
        monkeypatch.chdir(clone)
        yield Desk(clone, remote, argo_cd)


@contextmanager
def _pushing(desk: Desk) -> Iterator[Path]:
    """Yields a clone of somebody else's, and pushes what it has then."""
    other = desk.remote.parent / "other"
    git(desk.remote.parent, "clone", "--quiet", desk.remote.as_uri(), str(other))
    yield other
    git(other, "push", "--quiet", "origin", "main")


ROLLBACK = ("rollback", "web", "--env", "prod", "--wait")


@pytest.mark.slow
def test_a_rollback_is_waited_for_and_recorded(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.follow()
    assert main([*ROLLBACK, "--push"]) == 0
    said = capsys.readouterr()
    head = _head(desk.remote)
    assert f"web in prod runs {head[:12]}, synced and healthy, after " in said.out
    assert "seen after " in said.err
    assert "healthy after " in said.err
    assert head in git(desk.remote, "log", "--all", "--format=%B")
    assert TOKEN not in said.out + said.err


@pytest.mark.slow
def test_a_rollback_that_does_not_come_through_says_what_to_watch(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    write(desk.clone, {".gitopsmith.yaml": SETTINGS.format(url=URL, seconds=1)})
    git(desk.clone, "commit", "--quiet", "--all", "--message=Hurry")
    git(desk.clone, "push", "--quiet", "origin", "main")
    assert main([*ROLLBACK, "--push"]) == 1
    said = capsys.readouterr()
    assert "of 1 s: Synced, Healthy" in said.err
    assert "argocd app get web-prod --refresh" in said.out
    assert '"1.0"' in git(desk.remote, "show", "main:apps/web/overlays/prod/kustomization.yaml")


@pytest.mark.slow
def test_a_rollback_that_is_on_the_branch_already_is_waited_for(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    bad = _head(desk.remote)
    assert main([*ROLLBACK[:-1], "--push"]) == 0
    ours = _head(desk.remote)
    told = partial(said_by, ours, sync="OutOfSync", about=bad)
    desk.argo_cd.body = told(phase="Running", message="waiting for Deployment/web")
    desk.argo_cd.next = {TERMINATE: _then(told(phase="Failed")), SYNC: _then(said_by(ours))}
    assert main([*ROLLBACK, "--dry-run"]) == 0
    assert (desk.argo_cd.asked, capsys.readouterr().err) == ([], "")
    assert main([*ROLLBACK, "--push"]) == 0
    said = capsys.readouterr()
    assert "nothing to push: it is rolled back already" in said.out
    assert f"web in prod runs {ours[:12]}, synced and healthy, after " in said.out
    assert f"ending the operation of {bad[:7]}: waiting for Deployment/web" in said.err
    assert desk.argo_cd.asked[:3] == [REFRESH, TERMINATE, SYNC]
    assert _head(desk.remote) == ours
    assert ours in git(desk.remote, "log", "--all", "--format=%B")


@pytest.mark.slow
def test_the_operation_of_a_rollback_is_left_alone_where_others_have_pushed_since(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*ROLLBACK[:-1], "--push"]) == 0
    ours = _head(desk.remote)
    with _pushing(desk) as other:
        later = _release(other, "dev", "2.0")
    rolling = said_by(later, sync="OutOfSync", phase="Running", about=ours)

    def after_a_while() -> Body:
        time.sleep(PATIENCE)
        return rolling

    desk.argo_cd.body = rolling
    desk.argo_cd.next["look"] = [*_then(rolling), after_a_while, *_then(rolling, said_by(later))]
    assert main([*ROLLBACK, "--push"]) == 0
    assert f"web in prod runs {ours[:12]}, synced and healthy" in capsys.readouterr().out
    assert set(desk.argo_cd.asked) == {REFRESH}


@pytest.mark.slow
def test_the_state_of_now_is_waited_for_where_it_is_asked_for(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*ROLLBACK, "--to", "HEAD"]) == 0
    said = capsys.readouterr()
    assert "nothing to push: it is what is there now" in said.out
    assert f"web in prod runs {_head(desk.remote)[:12]}, synced and healthy" in said.out


@pytest.mark.slow
def test_a_fix_that_others_push_behind_a_rollback_ends_the_wait(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    def fix() -> Body:
        with _pushing(desk) as other:
            _release(other, "prod", "1.2")
        return said_by(_head(desk.remote), sync="OutOfSync", phase="Running")

    desk.argo_cd.next["look"] = [fix]
    assert main([*ROLLBACK, "--push"]) == 1
    said, ours = capsys.readouterr(), git(desk.remote, "rev-parse", "main^")
    assert f"superseded by {_head(desk.remote)[:12]} after " in said.err
    assert f"gitopsmith rollback web --env prod --to {ours[:12]} --push --wait" in said.err
    assert f"Synced at {_head(desk.remote)[:12]}" in said.out
    assert desk.argo_cd.asked == [REFRESH]
    assert not git(desk.remote, "for-each-ref", "refs/deployed")


@pytest.mark.slow
def test_without_an_argo_cd_the_rollback_is_pushed_all_the_same(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ARGOCD_AUTH_TOKEN", "an-old-token")
    assert main([*ROLLBACK, "--push"]) == 3
    said = capsys.readouterr()
    assert "Argo CD cannot be asked: Argo CD's API at 127.0.0.1" in said.err
    assert "an-old-token" not in said.out + said.err
    assert "argocd app get web-prod --refresh" in said.out
    assert '"1.0"' in git(desk.remote, "show", "main:apps/web/overlays/prod/kustomization.yaml")


def _by_fast_forward(desk: Desk, branch: str) -> None:
    git(desk.remote, "update-ref", "refs/heads/main", branch)


def _squashed_behind_another(desk: Desk, branch: str) -> None:
    with _pushing(desk) as other:
        _release(other, "dev", "2.0")
        git(other, "merge", "--quiet", "--squash", branch.replace("refs/heads", "origin"))
        commit(other, "Squashed")


def _merged_behind_another(desk: Desk, branch: str) -> None:
    """Merges a branch once somebody else has changed what the application is beside its image."""
    with _pushing(desk) as other:
        commit(write(other, {"apps/web/base/web.yaml": _noted("later")}), "Note it later")
        git(other, "merge", "--quiet", "--no-ff", "--message=Merged", branch.replace("refs/heads", "origin"))


def _noted(words: str) -> str:
    return WEB.replace("  name: web\n", f'  name: web\n  annotations: {{note: "{words}"}}\n', 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("way", "merge"),
    [
        ("exact", _by_fast_forward),
        ("image", _by_fast_forward),
        ("image", _squashed_behind_another),
        ("image", _merged_behind_another),
    ],
    ids=["exact", "image", "image, squashed", "image, merged"],
)
def test_a_rollback_by_pull_request_is_waited_for_once_it_is_merged(
    desk: Desk,
    way: str,
    merge: Callable[[Desk, str], None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("gitopsmith.cli.waiting.BETWEEN_LOOKS", 0.05)
    monkeypatch.setattr("gitopsmith.cli.waiting.LONGEST_REVIEW", 60.0)
    if way == "image":
        commit(write(desk.clone, {"apps/web/base/web.yaml": _noted("now")}), "Note it")
        git(desk.clone, "push", "--quiet", "origin", "main")
    first = git(desk.clone, "rev-list", "--max-parents=0", "HEAD").strip()
    desk.follow()

    def branches() -> list[str]:
        listed = git(desk.remote, "for-each-ref", "--format=%(refname)", "refs/heads/rollback-*")
        return listed.split()

    def merging() -> None:
        assert until(lambda: bool(branches()))
        merge(desk, branches()[0])

    thread = Thread(target=merging)
    thread.start()
    status = main([*ROLLBACK, "--pr", "--way", way, "--to", first])
    thread.join()
    said = capsys.readouterr()
    assert status == 0, said.err
    head = _head(desk.remote)[:12]
    assert f"merged as {head} after " in said.err
    assert f"web in prod runs {head}, synced and healthy" in said.out


@pytest.mark.slow
def test_a_pull_request_that_nobody_merges_is_given_up(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("gitopsmith.cli.waiting.BETWEEN_LOOKS", 0.05)
    monkeypatch.setattr("gitopsmith.cli.waiting.LONGEST_REVIEW", 0.2)
    assert main([*ROLLBACK, "--pr"]) == 1
    assert "not merged within " in capsys.readouterr().err


@pytest.mark.slow
def test_status_shows_what_the_api_says(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--env", "prod", "--fail"]) == 0
    assert f"prod  web  {_head(desk.remote)[:7]}  {_head(desk.remote)[:7]}  Synced  Healthy" in capsys.readouterr().out
    assert main(["status", "--fail"]) == 1
    assert main(["status", "--watch", "--format", "json"]) == 2


@pytest.mark.slow
def test_status_with_a_token_that_is_not_known_is_refused(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ARGOCD_AUTH_TOKEN", "an-old-token")
    assert main(["status"]) == 3
    said = capsys.readouterr()
    assert "does not know this token" in said.err
    assert "an-old-token" not in said.out + said.err


@pytest.mark.slow
def test_status_watched_prints_what_changes_until_it_is_interrupted(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    head = _head(desk.remote)

    def interrupt() -> Body:
        os.kill(os.getpid(), signal.SIGINT)
        return desk.argo_cd.body

    bodies = _then(said_by(head), said_by(head), said_by(head, health="Degraded"))
    desk.argo_cd.next["look"] = [*bodies, interrupt]
    monkeypatch.setattr("gitopsmith.cli.status.EVERY", 0.01)
    assert main(["status", "--env", "prod", "--watch"]) == 130
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert "web-prod: Synced, Healthy" in lines[0]
    assert "web-prod: Synced, Degraded" in lines[1]


# --- at a terminal, where it asks


class Terminal(NamedTuple):
    """A command that runs at a terminal, and our end of that."""

    running: subprocess.Popen[bytes]
    end: int

    def until(self, words: str) -> str:
        """Reads until some words are there, or the command has ended; returns what was read."""
        said = b""
        while words.encode() not in said:
            try:
                read = os.read(self.end, 65536)
            except OSError:  # so Linux says that nobody has the other end any more
                break
            said += read
        return said.decode()

    def answer(self, text: str) -> None:
        os.write(self.end, f"{text}\n".encode())

    def finish(self) -> tuple[int, str]:
        """Returns the exit code, and what was said to the end."""
        said = self.until("there is nothing like this")
        return self.running.wait(timeout=60), said


@contextmanager
def _at_terminal(*arguments: str) -> Iterator[Terminal]:
    ours, theirs = pty.openpty()
    with subprocess.Popen((*PROGRAM, *arguments), stdin=theirs, stdout=theirs, stderr=theirs) as running:
        os.close(theirs)
        try:
            yield Terminal(running, ours)
        finally:
            running.kill()
            os.close(ours)


@pytest.mark.slow
@pytest.mark.parametrize("ways", [("--push",), ()], ids=["one question", "two questions"])
def test_the_time_of_who_reads_a_question_does_not_count(desk: Desk, ways: tuple[str, ...]) -> None:
    marked = WEB.replace("  name: web\n", '  name: web\n  annotations: {gitops/migration: "true"}\n', 1)
    commit(write(desk.clone, {"apps/web/base/web.yaml": marked}), "Schema")
    git(desk.clone, "push", "--quiet", "origin", "main")
    desk.follow()
    with _at_terminal(*ROLLBACK, *ways) as terminal:
        for words, answer in (("Go on? [y/N]: ", "y"), ("leave it (no) (push, pr, no)", "push"))[: 2 - len(ways)]:
            terminal.until(words)
            time.sleep(2)
            terminal.answer(answer)
            answered = time.monotonic()
        status, said = terminal.finish()
        took = time.monotonic() - answered
    assert status == 0, said
    after = re.findall(r"synced and healthy, after ([0-9.]+) s", said)
    assert float(*after) <= took + 0.1
    assert float(*re.findall(r"healthy after ([0-9.]+) s", said)) <= float(*after)


@pytest.mark.slow
def test_a_rollback_that_somebody_else_pushed_first_is_waited_for(desk: Desk) -> None:
    with _at_terminal(*ROLLBACK) as terminal:
        terminal.until("leave it (no) (push, pr, no)")
        assert main([*ROLLBACK[:-1], "--push"]) == 0
        desk.follow()
        terminal.answer("push")
        status, said = terminal.finish()
    assert status == 0, said
    assert "nothing to do: somebody did it" in said
    assert f"web in prod runs {_head(desk.remote)[:12]}, synced and healthy" in said
