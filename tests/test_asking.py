"""Asking for a proposal to be merged: real remotes that keep push options, and a ``gh`` that keeps what it is told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from checkout import git
from conftest import program
from forge import PullRequests
from gitopsmith.finding import Failure
from gitopsmith.git import writing
from gitopsmith.landing import Upstream
from gitopsmith.proposal import Asked, Proposal, ask
from repository import executable, write

UPSTREAM = Upstream("origin", "main")
GITHUB, GITLAB, OTHER = (
    "git@github.com:example/fleet.git",
    "https://gitlab.example.com/a/b/fleet.git",
    "https://git.example.com/fleet.git",
)

_KEEP = """\
i=0
while [ "$i" -lt "${GIT_PUSH_OPTION_COUNT:-0}" ]; do eval "echo \\$GIT_PUSH_OPTION_$i"; i=$((i+1)); done >> options
echo 'View it at https://git.example.com/7'
"""


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    """A bare repository with one file, which writes down the push options that come."""
    bare = tmp_path / "remote.git"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(bare))
    git(bare, "config", "receive.advertisePushOptions", "true")
    keep = (
        'i=0; while [ "$i" -lt "${GIT_PUSH_OPTION_COUNT:-0}" ]; do eval "echo \\$GIT_PUSH_OPTION_$i"; i=$((i+1)); done'
    )
    executable(bare / "hooks" / "post-receive", f"({keep}) >> options; echo 'View it at https://git.example.com/7'")
    first = write(tmp_path / "first", {"a.yaml": "a: 1\n", "b.yaml": "b: 1\n"})
    git(first, "init", "--quiet", "--initial-branch=main")
    git(first, "add", "--all")
    git(first, "commit", "--quiet", "--message=All of it")
    git(first, "push", "--quiet", str(bare), "main")
    (bare / "options").unlink()
    return bare


@pytest.fixture
def clone(remote: Path, tmp_path: Path) -> Path:
    git(remote, "clone", "--quiet", remote.as_uri(), str(tmp_path / "clone"))
    return tmp_path / "clone"


@pytest.fixture
def github(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PullRequests:
    found = PullRequests(tmp_path / "github")
    monkeypatch.setenv("PATH", f"{found.programs}{os.pathsep}{os.environ['PATH']}")
    return found


def _serve(clone: Path, remote: Path, url: str) -> None:
    """Has a clone believe that its remote is somewhere else."""
    git(clone, "remote", "set-url", "origin", url)
    git(clone, "config", f"url.{remote.as_uri()}.insteadOf", url)


def _proposal(clone: Path, content: str = "a: 2\n", subject: str = "Roll back web in prod to 1a2b3c4") -> Proposal:
    entry = writing.Entry(writing.FILE, writing.store(clone, content.encode()))
    return Proposal(subject, {"a.yaml": entry}, "Because\nof it", {"Restores": "1a2b3c4"}, "rollback-web-prod")


def _ask(clone: Path, *, content: str = "a: 2\n", merge: bool = False) -> Asked:
    base = writing.newest(clone, *UPSTREAM)
    return ask(clone, UPSTREAM, base, _proposal(clone, content), "what *changes*", merge=merge)


def _advance(remote: Path, path: str, content: str) -> None:
    entry = writing.Entry(writing.FILE, writing.store(remote, content.encode()))
    made = writing.commit_tree(remote, writing.changed_tree(remote, "main", {path: entry}), "main", "Meanwhile")
    git(remote, "update-ref", "refs/heads/main", made)


def test_github_gets_a_branch_and_a_pull_request_that_merges_itself(
    clone: Path, remote: Path, github: PullRequests
) -> None:
    _serve(clone, remote, GITHUB)
    asked = _ask(clone, merge=True)
    assert asked.branch.startswith("rollback-web-prod-")
    assert git(remote, "show", f"{asked.branch}:a.yaml") == "a: 2\n"
    assert git(remote, "log", "-1", "--format=%(trailers:key=Restores,valueonly)", asked.branch).strip() == "1a2b3c4"
    [made] = github.made
    assert made == {
        "repo": "github.com/example/fleet",
        "head": asked.branch,
        "base": "main",
        "title": "Roll back web in prod to 1a2b3c4",
        "body": "what *changes*",
        "auto": "--squash",
        "url": asked.url,
    }
    assert git(remote, "rev-list", "--count", "main").strip() == "1"


def test_asked_for_twice_is_one_pull_request(clone: Path, remote: Path, github: PullRequests) -> None:
    _serve(clone, remote, GITHUB)
    first = _ask(clone)
    _advance(remote, "b.yaml", "b: 2\n")
    second = _ask(clone)
    assert (second.commit, second.url) == (first.commit, first.url)
    assert second.notes == ("it was asked for before",)
    assert len(github.made) == 1


def test_branch_is_made_anew_when_its_files_have_changed_meanwhile(
    clone: Path, remote: Path, github: PullRequests
) -> None:
    _serve(clone, remote, GITHUB)
    first = _ask(clone)
    _advance(remote, "a.yaml", "a: 3\n")
    second = _ask(clone)
    assert second.branch == first.branch
    assert git(remote, "rev-parse", f"{second.branch}~1", "main").split()[0] == git(remote, "rev-parse", "main").strip()
    assert len(github.made) == 1


def test_branch_that_somebody_else_went_on_with_is_left_alone(clone: Path, remote: Path) -> None:
    branch = _ask(clone).branch
    theirs = writing.commit_tree(remote, git(remote, "rev-parse", f"{branch}^{{tree}}").strip(), branch, "More")
    git(remote, "update-ref", f"refs/heads/{branch}", theirs)
    with pytest.raises(Failure, match="holds something else"):
        _ask(clone)
    assert git(remote, "rev-parse", branch).strip() == theirs


def test_merging_that_the_repository_does_not_allow_is_said(clone: Path, remote: Path, github: PullRequests) -> None:
    _serve(clone, remote, GITHUB)
    github.refuse("merge", "Auto merge is not allowed for this repository")
    asked = _ask(clone, merge=True)
    assert "does not merge by itself: gh pr merge: Auto merge is not allowed" in asked.left
    assert "have it approved, and merge it there" in asked.left
    assert len(github.made) == 1


def test_pull_request_that_github_refuses_leaves_the_branch_and_says_where_to_go(
    clone: Path, remote: Path, github: PullRequests
) -> None:
    _serve(clone, remote, GITHUB)
    github.refuse("create", "To use GitHub CLI in automation, set GH_TOKEN")
    with pytest.raises(Failure, match=r"GH_TOKEN; the branch is pushed.*github.com/example/fleet/compare/main\.\.\."):
        _ask(clone)


def test_gitlab_opens_a_merge_request_by_push_options(clone: Path, remote: Path) -> None:
    _serve(clone, remote, GITLAB)
    asked = _ask(clone, merge=True)
    assert (remote / "options").read_text().splitlines() == [
        "merge_request.create",
        "merge_request.target=main",
        "merge_request.remove_source_branch",
        "merge_request.title=Roll back web in prod to 1a2b3c4",
        "merge_request.description=Because of it",
        "merge_request.merge_when_pipeline_succeeds",
    ]
    assert (asked.is_open, asked.url, asked.left) == (True, "https://git.example.com/7", "")


def test_other_host_gets_the_branch_and_the_screen_says_what_to_open(clone: Path, remote: Path) -> None:
    _serve(clone, remote, OTHER)
    git(remote, "config", "receive.advertisePushOptions", "false")
    asked = _ask(clone, merge=True)
    assert not asked.is_open
    assert asked.url == "https://git.example.com/7"
    assert "open it, have it approved, and merge it into main" in asked.left
    assert git(remote, "show", f"{asked.branch}:a.yaml") == "a: 2\n"


def test_server_without_push_options_gets_the_branch_all_the_same(clone: Path, remote: Path) -> None:
    _serve(clone, remote, GITLAB)
    git(remote, "config", "receive.advertisePushOptions", "false")
    asked = _ask(clone, merge=True)
    assert git(remote, "show", f"{asked.branch}:a.yaml") == "a: 2\n"
    assert not asked.is_open
    assert "does not merge by itself" in asked.left


def test_github_without_its_program_gets_the_branch_and_a_page(
    clone: Path, remote: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (remote / "hooks" / "post-receive").unlink()
    _serve(clone, remote, GITHUB)
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "git").symlink_to(program("git"))
    monkeypatch.setenv("PATH", str(programs))
    asked = _ask(clone, merge=True)
    assert "or install gh, log in, and run this again" in asked.left
    assert asked.url == f"https://github.com/example/fleet/compare/main...{asked.branch}?expand=1"
    assert not asked.is_open


def test_push_that_is_refused_says_why(clone: Path, remote: Path) -> None:
    executable(remote / "hooks" / "pre-receive", 'echo "no branches of robots" >&2; exit 1')
    with pytest.raises(Failure, match=r"does not take the branch rollback-web-prod.*no branches of robots"):
        _ask(clone)
