"""``gitopsmith status``: what the cluster says beside what git says, over real git histories."""

from __future__ import annotations

import json
import os
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from argocd_says import application, deployed
from checkout import commit, git
from gitopsmith import live, status
from gitopsmith.states import Reader
from gitopsmith.status import Row, Status, written
from gitopsmith.status.comparing import compare
from repository import URL, WEB, application_of, initialise, run, write

NOW = datetime.fromisoformat("2026-11-28T12:00:00+00:00")
OVERLAY = "namespace: {name}\nresources: [../../base]\nimages: [{{name: web, newTag: '{tag}'}}]\n"
FLEET = {
    ".gitopsmith.yaml": f"""\
repository: {{urls: ["{URL}"]}}
environments:
  - {{name: dev, paths: ["web/overlays/dev"]}}
  - {{name: prod, protected: true, paths: ["web/overlays/prod"]}}
""",
    "apps/dev.yaml": application_of("web-dev", "web/overlays/dev"),
    "apps/prod.yaml": application_of("web-prod", "web/overlays/prod"),
    "web/base/kustomization.yaml": "resources: [web.yaml]\n",
    "web/base/web.yaml": WEB,
    "web/overlays/dev/kustomization.yaml": OVERLAY.format(name="dev", tag="2.0"),
    "web/overlays/prod/kustomization.yaml": OVERLAY.format(name="prod", tag="1.0"),
}


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in {"NAME": "Ann", "EMAIL": "ann@example.com"}.items():
        monkeypatch.setenv(f"GIT_AUTHOR_{name}", value)
    folder = initialise(write(tmp_path / "fleet", FLEET))
    commit(folder, "First")
    return folder


def _head(folder: Path) -> str:
    return git(folder, "rev-parse", "HEAD").strip()


def _release(folder: Path, environment: str, tag: str, message: str = "Release") -> str:
    write(folder, {f"web/overlays/{environment}/kustomization.yaml": OVERLAY.format(name=environment, tag=tag)})
    commit(folder, message)
    return _head(folder)


def _compare(folder: Path, *bodies: dict[str, Any], environment: str = "") -> Status:
    reader = Reader(folder, "main")
    here = written.read(reader, _head(folder), environment)
    return compare(here, live.read(bodies), "a test", environment)


def _row(found: Status, name: str) -> Row:
    return next(row for row in found.rows if row.name == name)


def _kinds(row: Row) -> list[str]:
    return [problem.kind for problem in row.problems]


def test_everything_is_in_order_where_nothing_is_lacking(fleet: Path) -> None:
    head = _head(fleet)
    later = _release(fleet, "dev", "2.1")
    found = _compare(
        fleet,
        application("web-dev", later, images=("web:2.1",)),
        application("web-prod", head, images=("web:1.0",), history=(deployed(head, "2026-11-28T10:00:00Z"),)),
    )
    assert found.is_in_order
    prod = _row(found, "web-prod")
    assert (prod.app, prod.environment, prod.is_protected, prod.behind) == ("web", "prod", True, 0)
    assert prod.deployed is not None
    assert (prod.deployed.who, prod.deployed.is_automatic) == ("Ann", True)
    shown = status.text(found, NOW, width=120)
    assert f"prod  web  {head[:7]}  {head[:7]}  Synced  Healthy  1.0    2 h ago, Ann" in shown
    assert "all 2 in order" in shown
    assert "deployments: 1 of 1 by themselves; failed last syncs: 0 of 2" in shown


def test_a_commit_that_the_cluster_lacks_counts_where_it_changes_the_application(fleet: Path) -> None:
    head = _head(fleet)
    _release(fleet, "dev", "2.1")
    _release(fleet, "dev", "2.2")
    found = _compare(fleet, application("web-dev", head), application("web-prod", head))
    assert (_row(found, "web-dev").behind, _row(found, "web-prod").behind) == (2, 0)
    assert _kinds(_row(found, "web-dev")) == ["behind"]
    assert "2 commits are not seen yet" in status.text(found, NOW, width=120)


def test_what_is_wrong_is_told_by_its_kind(fleet: Path) -> None:
    head = _head(fleet)
    failed = application("web-dev", head, sync="OutOfSync", phase="Failed", message="no such\nkind")
    assert _kinds(_row(_compare(fleet, failed), "web-dev")) == ["sync-failed", "drift"]
    drifted = application("web-dev", head, sync="OutOfSync", health="Degraded")
    assert _kinds(_row(_compare(fleet, drifted), "web-dev")) == ["drift", "degraded"]
    running = application("web-dev", head, sync="OutOfSync", phase="Running", message="waiting for web")
    found = _compare(fleet, running)
    assert _row(found, "web-dev").problems == (
        status.Problem("syncing", f"an operation of {head[:7]} runs: waiting for web"),
    )
    assert _kinds(_row(found, "web-prod")) == ["not-in-cluster"]
    old = application("web-dev", head, phase="Failed", about="b" * 40)
    assert _kinds(_row(_compare(fleet, old), "web-dev")) == []
    stopped = application("web-dev", head, images=("web:1.9",))
    del stopped["spec"]["syncPolicy"]
    assert _kinds(_row(_compare(fleet, stopped), "web-dev")) == ["manual", "image"]


def test_what_is_only_in_the_cluster_is_told_where_it_comes_from_here(fleet: Path) -> None:
    head = _head(fleet)
    there = [application(name, head) for name in ("web-dev", "web-prod", "old")]
    other = application("other", head, url="https://git.example.com/other.git")
    found = _compare(fleet, *there, other)
    assert [row.name for row in found.rows] == ["web-dev", "web-prod", "old"]
    assert _kinds(_row(found, "old")) == ["not-in-git"]
    assert [row.name for row in _compare(fleet, *there, environment="prod").rows] == ["web-prod"]


def test_rollbacks_are_told_with_the_seconds_that_they_took(fleet: Path) -> None:
    bad = _release(fleet, "prod", "1.1")
    back = _release(fleet, "prod", "1.0", f"Back\n\nRollback-Of: {bad}")
    when = datetime.fromisoformat(git(fleet, "log", "-1", "--format=%cI").strip()) + timedelta(seconds=9)
    done = application("web-prod", back, history=(deployed(bad, "x", "ann"), deployed(back, when.isoformat())))
    found = _compare(fleet, done)
    assert found.counts.rollbacks == (9,)
    assert (found.counts.deployments, found.counts.automatic) == (2, 1)


@pytest.mark.parametrize("way", ["merge", "squash"])
def test_a_rollback_that_was_merged_counts_once(fleet: Path, way: str) -> None:
    bad = _release(fleet, "prod", "1.1")
    git(fleet, "switch", "--quiet", "--create", "back")
    _release(fleet, "prod", "1.0", f"Back\n\nRollback-Of: {bad}")
    git(fleet, "switch", "--quiet", "main")
    beside = _release(fleet, "dev", "3.0")
    if way == "merge":
        git(fleet, "merge", "--quiet", "--no-edit", "--no-ff", "back")
    else:  # as hosts write it
        git(fleet, "merge", "--quiet", "--squash", "back")
        git(fleet, "commit", "--quiet", f"--message=Back (#12)\n\n* Back\n\nRollback-Of: {bad}")
    head = _head(fleet)
    when = datetime.fromisoformat(git(fleet, "log", "-1", "--format=%cI").strip()) + timedelta(seconds=7)
    history = (deployed(bad, "x"), deployed(beside, "x"), deployed(head, when.isoformat()))
    assert _compare(fleet, application("web-prod", head, history=history)).counts.rollbacks == (7,)


def test_the_document_has_what_the_table_shows(fleet: Path) -> None:
    head = _head(fleet)
    tree = json.loads(status.document(_compare(fleet, application("web-dev", head, images=("web:2.0",)))))
    assert (tree["version"], tree["commit"], tree["inOrder"]) == (1, head, False)
    dev, prod = tree["applications"]
    assert dev["git"]["images"] == ["web:2.0"]
    assert dev["cluster"]["behind"] == 0
    assert dev["cluster"]["operation"]["running"] is False
    assert prod["cluster"] is None
    assert prod["problems"][0]["kind"] == "not-in-cluster"


def test_changes_are_told_once(fleet: Path) -> None:
    head = _head(fleet)
    before = _compare(fleet, application("web-dev", head), application("web-prod", head))
    after = _compare(fleet, application("web-dev", head, health="Degraded"), application("web-prod", head))
    assert len(status.changes(None, before, NOW).splitlines()) == 2
    assert status.changes(before, before, NOW) == ""
    assert status.changes(before, after, NOW).startswith("12:00:00  web-dev: Synced, Degraded")


def test_a_narrow_terminal_gets_narrow_lines(fleet: Path) -> None:
    tag = "v1-" + "x" * 60
    head = _release(fleet, "dev", tag)
    failed = application("web-dev", head, sync="OutOfSync", phase="Failed", message="no such kind " * 20)
    shown = status.text(_compare(fleet, failed), NOW, width=80, color=True)
    assert "\033[31mOutOfSync" in shown
    lines = re.sub(r"\033\[\d*m", "", shown).splitlines()
    assert all(len(line) <= 80 for line in lines if "kind" in line)
    assert 2 <= sum("kind" in line for line in lines) <= 4
    assert [line for line in lines if "…" in line and tag[:6] in line]


def test_without_a_cluster_git_is_told_and_that_it_is_git_only(fleet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", os.devnull)
    monkeypatch.setenv("ARGOCD_CONFIG_DIR", str(fleet))
    git(fleet, "remote", "remove", "origin")
    done = run("status", "--git-only", cwd=fleet)
    assert done.returncode == 0
    said = done.stdout.decode()
    assert "git only, no cluster was asked: 2 applications" in said
    assert "note: git as this clone has it: there is no remote" in said
    assert "Ann" in said
    failing = run("status", "--fail", cwd=fleet)
    assert failing.returncode == 1
    assert run("status", "--env", "nowhere", cwd=fleet).returncode == 2
    assert b"there is dev, prod" in run("status", "--env", "nowhere", cwd=fleet).stderr


def test_a_repository_without_environments_is_told_what_to_write(tmp_path: Path) -> None:
    folder = initialise(write(tmp_path / "plain", {"web.yaml": WEB}))
    commit(folder, "First")
    done = run("status", "--git-only", cwd=folder)
    assert done.returncode == 2
    assert b"add `environments`" in done.stderr
