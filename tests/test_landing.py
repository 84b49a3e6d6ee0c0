"""Landing a change: real remotes, and everything that goes on there in the meantime."""

from __future__ import annotations

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from checkout import git
from gitopsmith.finding import Failure
from gitopsmith.git import writing
from gitopsmith.landing import Landed, Protected, Upstream, land, mark, marks, upstream
from repository import executable, write

UPSTREAM = Upstream("origin", "main")


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """A bare repository with one commit, and in it one file."""
    bare = tmp_path / "remote.git"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(bare))
    first = write(tmp_path / "first", {"kept/a.yaml": "a: 1\n", "gone.yaml": "b: 2\n"})
    git(first, "init", "--quiet", "--initial-branch=main")
    git(first, "add", "--all")
    git(first, "commit", "--quiet", "--message=All of it")
    git(first, "push", "--quiet", str(bare), "main")
    return bare


@pytest.fixture
def clone(remote: Path, tmp_path: Path) -> Path:
    return _clone(remote, tmp_path / "clone")


def _clone(remote: Path, folder: Path, *options: str) -> Path:
    git(remote, "clone", "--quiet", *options, remote.as_uri(), str(folder))
    return folder


def _commit(root: Path, changes: dict[str, bytes | None], message: str, base: str) -> str:
    """Makes a commit of some content on top of another commit; None takes a file away."""
    stored = {
        path: None if data is None else writing.Entry(writing.FILE, writing.store(root, data))
        for path, data in changes.items()
    }
    return writing.commit_tree(root, writing.changed_tree(root, base, stored), base, message)


def _content(remote: Path) -> dict[str, str]:
    names = git(remote, "ls-tree", "-r", "--name-only", "main").split()
    return {name: git(remote, "show", f"main:{name}") for name in names}


def _everything(root: Path) -> tuple[str, ...]:
    """Returns all that is the user's in a clone: files, index, branches, stashes, work trees."""
    asked = (("status", "--porcelain"), ("for-each-ref", "refs/heads", "refs/stash"), ("worktree", "list"))
    index = git(root, "ls-files", "--stage")
    files = sorted(f"{path}" for path in root.rglob("*") if ".git" not in path.parts)
    return (*files, index, *(git(root, *arguments) for arguments in asked))


def test_change_lands_on_the_newest_commit_and_the_clone_stays_as_it_is(clone: Path, remote: Path) -> None:
    git(remote, "update-ref", "refs/heads/main", _commit(remote, {"new.yaml": b"c: 3\n"}, "Meanwhile", "main"))
    write(clone, {"kept/a.yaml": "a: begun\n", "untracked": "x"})
    before = _everything(clone)
    landed = land(clone, UPSTREAM, partial(_commit, clone, {"kept/a.yaml": b"a: 4\n", "gone.yaml": None}, "Mine"))
    assert _content(remote) == {"kept/a.yaml": "a: 4\n", "new.yaml": "c: 3\n"}
    assert git(remote, "rev-parse", "main", "main~1").split() == [landed.commit, landed.base]
    assert _everything(clone) == before


def test_nothing_to_change_pushes_nothing(clone: Path, remote: Path) -> None:
    tip = git(remote, "rev-parse", "main").strip()
    assert land(clone, UPSTREAM, lambda _: "") == Landed(tip, "", 1)
    assert git(remote, "rev-parse", "main").strip() == tip


def test_somebody_faster_makes_it_build_anew(clone: Path, remote: Path) -> None:
    bases: list[str] = []

    def make(base: str) -> str:
        if not bases:
            git(remote, "update-ref", "refs/heads/main", _commit(remote, {"other.yaml": b"o: 1\n"}, "Other", "main"))
        bases.append(base)
        return _commit(clone, {"kept/a.yaml": b"a: 5\n"}, "Mine", base)

    assert land(clone, UPSTREAM, make).attempts == 2
    assert _content(remote)["other.yaml"] == "o: 1\n"
    assert _content(remote)["kept/a.yaml"] == "a: 5\n"
    assert len(set(bases)) == 2


@pytest.mark.slow
def test_twenty_at_once_all_land_once(clone: Path, remote: Path) -> None:
    def one(number: int) -> Landed:
        return land(clone, UPSTREAM, partial(_commit, clone, {f"{number}.yaml": b"n: 1\n"}, f"Number {number}"))

    with ThreadPoolExecutor(20) as pool:
        landed = list(pool.map(one, range(20)))
    subjects = git(remote, "log", "--format=%s", "main").splitlines()
    assert sorted(subjects) == sorted(["All of it", *(f"Number {number}" for number in range(20))])
    assert len({each.commit for each in landed}) == 20
    assert {f"{number}.yaml" for number in range(20)} <= set(_content(remote))


def test_protected_branch_says_the_servers_words_and_the_way_out(clone: Path, remote: Path) -> None:
    executable(remote / "hooks" / "pre-receive", 'echo "main takes pull requests only" >&2; exit 1')
    with pytest.raises(Failure, match=r"main takes pull requests only.*declined.*--pr") as caught:
        land(clone, UPSTREAM, partial(_commit, clone, {"a.yaml": b"a: 6\n"}, "Mine"))
    assert caught.value.status == 3
    assert isinstance(caught.value, Protected)
    assert caught.value.base == git(remote, "rev-parse", "main").strip()


def test_push_that_arrives_and_is_never_answered_has_landed(
    clone: Path, remote: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    executable(remote / "hooks" / "post-receive", "sleep 60")
    monkeypatch.setattr(writing, "TIMEOUT", 6.0)
    landed = land(clone, UPSTREAM, partial(_commit, clone, {"a.yaml": b"a: 6\n"}, "Mine"))
    assert git(remote, "rev-parse", "main").strip() == landed.commit


def test_push_that_is_never_answered_and_has_not_arrived_says_so(
    clone: Path, remote: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    executable(remote / "hooks" / "pre-receive", "sleep 60")
    monkeypatch.setattr(writing, "TIMEOUT", 6.0)
    with pytest.raises(Failure, match=r"git did not end within 6 seconds, and the commit may arrive yet") as caught:
        land(clone, UPSTREAM, partial(_commit, clone, {"a.yaml": b"a: 6\n"}, "Mine"))
    assert caught.value.status == 3


def test_users_hook_for_pushes_does_not_judge_a_commit_that_is_not_in_the_work_tree(clone: Path, remote: Path) -> None:
    executable(clone / ".git" / "hooks" / "pre-push", "exit 1")
    land(clone, UPSTREAM, partial(_commit, clone, {"a.yaml": b"a: 7\n"}, "Mine"))
    assert "a.yaml" in _content(remote)


def test_shallow_clone_lands_too(remote: Path, tmp_path: Path) -> None:
    for number in range(3):
        made = _commit(remote, {"n.yaml": f"n: {number}\n".encode()}, "Before", "main")
        git(remote, "update-ref", "refs/heads/main", made)
    shallow = _clone(remote, tmp_path / "shallow", "--depth=1")
    git(remote, "update-ref", "refs/heads/main", _commit(remote, {"o.yaml": b"o: 1\n"}, "Later", "main"))
    land(shallow, UPSTREAM, partial(_commit, shallow, {"a.yaml": b"a: 8\n"}, "Mine"))
    assert git(remote, "rev-list", "--count", "main").strip() == "6"


def test_nobody_commits_where_git_knows_no_name(
    clone: Path, remote: Path, homes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith(("GIT_AUTHOR_", "GIT_COMMITTER_"))]:
        monkeypatch.delenv(name)
    for name, value in (("GIT_CONFIG_COUNT", "1"), ("GIT_CONFIG_KEY_0", "user.useConfigOnly")):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "true")
    land(clone, UPSTREAM, partial(_commit, clone, {"a.yaml": b"a: 9\n"}, "Mine"))
    assert git(remote, "log", "-1", "--format=%an %ae", "main").strip() == "gitopsmith gitopsmith@localhost"


def test_work_tree_of_a_clone_serves_as_well(clone: Path, remote: Path, tmp_path: Path) -> None:
    git(clone, "worktree", "add", "--quiet", "--detach", str(tmp_path / "aside"))
    land(tmp_path / "aside", UPSTREAM, partial(_commit, clone, {"a.yaml": b"a: 10\n"}, "Mine"))
    assert "a.yaml" in _content(remote)


def test_remote_that_is_gone_is_a_clear_failure(clone: Path, remote: Path) -> None:
    remote.rename(remote.with_name("moved.git"))
    with pytest.raises(Failure, match="origin does not answer"):
        land(clone, UPSTREAM, lambda _: "")


def test_upstream_is_origin_and_its_own_branch(clone: Path, remote: Path) -> None:
    git(remote, "branch", "live", "main")
    git(remote, "symbolic-ref", "HEAD", "refs/heads/live")
    assert upstream(clone) == ("origin", "live")
    assert upstream(clone, branch="main") == ("origin", "main")


@pytest.mark.parametrize(
    ("commands", "words"),
    [
        ([("remote", "remove", "origin")], "has no remote"),
        (
            [("remote", "rename", "origin", "one"), ("remote", "add", "two", "x")],
            "2 remotes, and none is called origin",
        ),
    ],
)
def test_no_telling_where_to_is_said(clone: Path, commands: list[tuple[str, ...]], words: str) -> None:
    for command in commands:
        git(clone, *command)
    with pytest.raises(Failure, match=words):
        upstream(clone)


def test_branch_that_the_remote_has_not_is_said(clone: Path) -> None:
    with pytest.raises(Failure, match="there is no nowhere at origin"):
        land(clone, Upstream("origin", "nowhere"), lambda _: "")


def test_files_keep_their_modes_and_odd_names(clone: Path, remote: Path) -> None:
    odd = 'kept/ü "x"\n.yaml'
    base = writing.newest(clone, *UPSTREAM)
    program = writing.Entry("100755", writing.store(clone, b"#!/bin/sh\r\n"))
    tree = writing.changed_tree(clone, base, {odd: program})
    assert writing.entries(clone, tree, ["kept"])[odd] == program
    assert writing.content(clone, program.blob) == b"#!/bin/sh\r\n"
    done = subprocess.run(("git", "ls-tree", "-r", "-z", tree), cwd=clone, capture_output=True, check=True)
    assert odd.encode() in done.stdout


def test_marks_are_kept_at_the_remote_newest_first_and_in_no_branch(clone: Path, remote: Path, tmp_path: Path) -> None:
    first = git(remote, "rev-parse", "main").strip()
    second = land(clone, UPSTREAM, partial(_commit, clone, {"a.yaml": b"a: 11\n"}, "Mine")).commit
    before = _everything(clone)
    for commit in (first, second, second):
        mark(clone, "origin", "web", "prod", commit)
    other = _clone(remote, tmp_path / "other", "--depth=1")
    assert marks(other, "origin", "web", "prod") == (second, first)
    assert marks(other, "origin", "web", "dev") == ()
    assert git(remote, "for-each-ref", "--format=%(refname)").split() == ["refs/deployed/prod/web", "refs/heads/main"]
    assert _everything(clone) == before


def test_several_who_mark_at_once_lose_none(clone: Path, remote: Path) -> None:
    commits = [_commit(clone, {"n.yaml": f"n: {number}\n".encode()}, "One", "HEAD") for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(partial(mark, clone, "origin", "web", "prod"), commits))
    assert set(marks(clone, "origin", "web", "prod")) == set(commits)
