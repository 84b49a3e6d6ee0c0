"""The command ``rollback``, as people on call run it: protected branches, odd clones, many at once, and cut short."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from checkout import git
from gitopsmith import holds
from gitopsmith.git import writing
from gitopsmith.landing import Upstream, land
from gitopsmith.proposal import send
from gitopsmith.rollback import Asked, plan, remake
from gitopsmith.states import Reader
from repository import PROGRAM, URL, WEB, application_of, executable, run, write
from waiting import until

pytestmark = pytest.mark.slow
UPSTREAM = Upstream("origin", "main")
OVERLAY = 'namespace: {env}\nresources: [../../base]\nimages: [{{name: web, newTag: "{tag}"}}]\n'
APPS = tuple(f"app{number}" for number in range(5))


def _overlay(app: str, env: str) -> str:
    return f"apps/{app}/overlays/{env}/kustomization.yaml"


def _fleet(apps: tuple[str, ...]) -> dict[str, str]:
    listed = "\n".join(f'  - {{name: {env}, paths: ["apps/*/overlays/{env}"]}}' for env in ("dev", "prod"))
    files = {".gitopsmith.yaml": f'repository: {{urls: ["{URL}"]}}\nenvironments:\n{listed}\n'}
    for app in apps:
        files |= {f"apps/{app}/base/kustomization.yaml": "resources: [web.yaml]\n", f"apps/{app}/base/web.yaml": WEB}
        for env in ("dev", "prod"):
            files |= {f"argocd/{app}-{env}.yaml": application_of(f"{app}-{env}", f"apps/{app}/overlays/{env}")}
            files |= {_overlay(app, env): OVERLAY.format(env=env, tag="1.0")}
    return files


def _remote(folder: Path, apps: tuple[str, ...]) -> Path:
    """Makes a bare repository in which prod of every application was released once, and that release is bad."""
    bare, first = folder / "remote.git", write(folder / "first", _fleet(apps))
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(bare))
    git(first, "init", "--quiet", "--initial-branch=main")
    git(first, "add", "--all")
    git(first, "commit", "--quiet", "--message=First")
    write(first, {_overlay(app, "prod"): OVERLAY.format(env="prod", tag="1.1") for app in apps})
    git(first, "commit", "--quiet", "--all", "--message=Release 1.1")
    git(first, "push", "--quiet", str(bare), "main")
    return bare


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    return _remote(tmp_path, ("web",))


@pytest.fixture
def clone(remote: Path, tmp_path: Path) -> Path:
    git(tmp_path, "clone", "--quiet", remote.as_uri(), "clone")
    return tmp_path / "clone"


def _shown(remote: Path, app: str = "web", env: str = "prod") -> str:
    return git(remote, "show", f"main:{_overlay(app, env)}")


def test_nothing_is_sent_where_nobody_can_be_asked(clone: Path, remote: Path) -> None:
    done = run("rollback", "web", "--env", "prod", cwd=clone)
    assert done.returncode == 0
    assert b"nothing was sent; --push pushes it" in done.stdout
    assert "1.1" in _shown(remote)


def test_work_that_has_begun_stays_and_the_second_run_has_nothing_to_do(clone: Path, remote: Path) -> None:
    write(clone, {_overlay("web", "prod"): "begun\n", "new.yaml": "a: 1\n"})
    before = (git(clone, "status", "--porcelain"), git(clone, "rev-parse", "HEAD"), git(clone, "worktree", "list"))
    done = run("rollback", "web", "--env", "prod", "--push", cwd=clone)
    assert done.returncode == 0
    assert b"pushed " in done.stdout
    assert "1.0" in _shown(remote)
    after = (git(clone, "status", "--porcelain"), git(clone, "rev-parse", "HEAD"), git(clone, "worktree", "list"))
    assert after == before
    again = run("rollback", "web", "--env", "prod", "--push", cwd=clone)
    assert (again.returncode, git(remote, "rev-list", "--count", "main").strip()) == (0, "3")
    assert b"nothing to do: it is rolled back already" in again.stdout


def test_protected_branch_is_said_in_the_servers_words_with_the_way_out(clone: Path, remote: Path) -> None:
    executable(remote / "hooks" / "pre-receive", 'echo "main takes pull requests only" >&2; exit 1')
    done = run("rollback", "web", "--env", "prod", "--push", cwd=clone)
    assert done.returncode == 3
    assert b"main takes pull requests only" in done.stderr
    assert b"--pr" in done.stderr


def test_pull_request_leaves_the_branch_alone(clone: Path, remote: Path) -> None:
    done = run("rollback", "web", "--env", "prod", "--pr", cwd=clone)
    assert done.returncode == 0
    branches = git(remote, "for-each-ref", "--format=%(refname:short)", "refs/heads").split()
    (branch,) = set(branches) - {"main"}
    assert branch.startswith("rollback-web-prod-")
    assert branch.encode() in done.stdout
    assert "1.1" in _shown(remote)
    assert "1.0" in git(remote, "show", f"{branch}:{_overlay('web', 'prod')}")


def test_what_a_colleague_mends_meanwhile_is_not_rolled_back_by_a_request(clone: Path, remote: Path) -> None:
    write(clone, {_overlay("web", "prod"): OVERLAY.format(env="prod", tag="1.2")})
    git(clone, "commit", "--quiet", "--all", "--message=Fix forward")
    git(clone, "push", "--quiet", "origin", "HEAD:refs/heads/fix")
    moved = "rm hooks/pre-receive; unset GIT_QUARANTINE_PATH; git update-ref refs/heads/main fix"
    executable(remote / "hooks" / "pre-receive", moved)
    done = run("rollback", "web", "--env", "prod", "--push", "--pr", "--auto-merge", cwd=clone)
    assert (done.returncode, b"was changed by somebody else meanwhile" in done.stderr) == (3, True)
    assert git(remote, "for-each-ref", "--format=%(refname:short)", "refs/heads").split() == ["fix", "main"]


def test_work_tree_of_a_shallow_clone_without_a_name_serves(
    remote: Path, tmp_path: Path, homes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(tmp_path, "clone", "--quiet", "--depth=1", remote.as_uri(), "shallow")
    git(tmp_path / "shallow", "worktree", "add", "--quiet", "--detach", str(tmp_path / "aside"))
    for name in [name for name in os.environ if name.startswith(("GIT_AUTHOR_", "GIT_COMMITTER_"))]:
        monkeypatch.delenv(name)
    git(tmp_path / "shallow", "config", "user.useConfigOnly", "true")
    done = run("rollback", "web", "--env", "prod", "--push", cwd=tmp_path / "aside")
    assert done.returncode == 0, done.stderr
    assert "1.0" in _shown(remote)
    assert git(remote, "log", "-1", "--format=%an", "main").strip() == "gitopsmith"


def test_schema_has_to_be_checked_before(clone: Path, remote: Path) -> None:
    marked = WEB.replace("  name: web\n", '  name: web\n  annotations: {gitops/migration: "true"}\n', 1)
    write(clone, {"apps/web/overlays/prod/web.yaml": marked.replace("name: web", "name: job")})
    overlay = OVERLAY.format(env="prod", tag="1.2").replace("[../../base]", "[../../base, web.yaml]")
    write(clone, {_overlay("web", "prod"): overlay})
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message=Schema")
    git(clone, "push", "--quiet", "origin", "main")
    done = run("rollback", "web", "--env", "prod", "--push", cwd=clone)
    assert done.returncode == 2
    assert b"say --i-checked-the-schema to go on" in done.stderr
    assert run("rollback", "web", "--env", "prod", "--push", "--i-checked-the-schema", cwd=clone).returncode == 0
    assert "1.1" in _shown(remote)


def test_run_that_is_cut_short_leaves_nothing(clone: Path, remote: Path, tmp_path: Path) -> None:
    started, temporary = tmp_path / "started", tmp_path / "temporary"
    temporary.mkdir()
    executable(
        tmp_path / "bin" / "kustomize", f'[ "$1" = build ] || {{ echo v5.8.3; exit; }}\ntouch {started}\nsleep 60'
    )
    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    told = os.environ | {"PATH": path, "TMPDIR": str(temporary), "GITOPSMITH_HELPER": ""}
    before = (git(clone, "status", "--porcelain"), git(clone, "for-each-ref"), git(remote, "for-each-ref"))
    command = (*PROGRAM, "rollback", "web", "--env", "prod", "--push")
    with subprocess.Popen(command, cwd=clone, env=told, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert until(started.exists)
        running.send_signal(signal.SIGTERM)
        running.communicate(timeout=60)
    assert running.returncode == 130
    assert (git(clone, "status", "--porcelain"), git(clone, "for-each-ref"), git(remote, "for-each-ref")) == before
    assert not list(temporary.iterdir())


def test_twenty_at_once_land_once_each_or_say_why_not(tmp_path: Path) -> None:
    remote = _remote(tmp_path, APPS)
    git(tmp_path, "clone", "--quiet", remote.as_uri(), "clone")
    clone = tmp_path / "clone"
    seen = git(clone, "rev-parse", "HEAD").strip()

    def roll_back(app: str) -> str:
        reader, asked = Reader(clone, "main", jobs=1), Asked(app, "prod")
        return send(clone, UPSTREAM, partial(remake, plan(reader, UPSTREAM, seen, asked), asked)).commit

    def release(app: str, tag: str) -> str:
        files = {_overlay(app, "dev"): OVERLAY.format(env="dev", tag=tag)}
        return land(clone, UPSTREAM, partial(_commit, clone, files, f"Release {tag} of {app}")).commit

    with ThreadPoolExecutor(20) as pool:
        back = [pool.submit(roll_back, app) for app in (*APPS, *APPS)]
        forth = [pool.submit(release, app, tag) for app in APPS for tag in ("2.0", "3.0")]
        landed, released = ([each.result() for each in group] for group in (back, forth))
    assert all('newTag: "1.0"' in _shown(remote, app) for app in APPS)
    assert all(_shown(remote, app, "dev") != OVERLAY.format(env="dev", tag="1.0") for app in APPS)
    subjects = git(remote, "log", "--format=%s", "main").splitlines()
    assert sorted(each for each in subjects if each.startswith("rollback")) == [
        f"rollback(prod/{app}): 1.1 -> 1.0" for app in APPS
    ]
    assert len(subjects) == 2 + len(APPS) + len(released)
    # Who is second finds nothing to do, or made the very same commit in the same second.
    assert len({*filter(None, landed)}) == len(APPS)
    git(clone, "fetch", "--quiet", "origin")
    held = holds.read(holds.texts(clone, "origin/main")).values()
    assert sorted(hold.application for hold in held) == [*APPS]


def _commit(root: Path, files: Mapping[str, str], message: str, base: str) -> str:
    stored = {path: writing.Entry(writing.FILE, writing.store(root, text.encode())) for path, text in files.items()}
    return writing.commit_tree(root, writing.changed_tree(root, base, stored), base, message)
