"""What git knows of a checkout."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from checkout import commit, git
from gitopsmith import git as asked
from repository import executable, initialise, write


def test_the_top_of_a_work_tree_is_found_from_below(tmp_path: Path) -> None:
    initialise(write(tmp_path / "fleet", {"apps/web/x.yaml": ""}))
    assert asked.toplevel(tmp_path / "fleet/apps/web") == tmp_path / "fleet"
    assert asked.toplevel(tmp_path) is None


def test_the_top_is_the_same_inside_a_hook_of_another_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    initialise(write(tmp_path / "fleet", {"apps/x.yaml": ""}))
    initialise(write(tmp_path / "other", {"y.yaml": ""}))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other/.git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "other/.git/index"))
    assert asked.toplevel(tmp_path / "fleet/apps") == tmp_path / "fleet"
    assert asked.files(tmp_path / "fleet") == ("apps/x.yaml",)


def test_all_remotes_are_returned_once(tmp_path: Path) -> None:
    initialise(tmp_path, "git@git.example.com:team/fleet.git")
    git(tmp_path, "remote", "add", "upstream", "https://git.example.com/upstream/fleet")
    git(tmp_path, "remote", "add", "again", "git@git.example.com:team/fleet.git")
    assert set(asked.remotes(tmp_path)) == {
        "git@git.example.com:team/fleet.git",
        "https://git.example.com/upstream/fleet",
    }
    assert len(asked.remotes(tmp_path)) == 2
    assert asked.remotes(tmp_path.parent) == ()


def test_files_are_those_that_git_tracks_or_would_add(tmp_path: Path) -> None:
    write(tmp_path, {"tracked.yaml": "", ".gitignore": "ignored/\n", "ignored/x.yaml": "", "sub/ü ö.yaml": ""})
    commit(tmp_path)
    git(tmp_path, "rm", "--quiet", "--cached", "ignored/x.yaml")
    write(tmp_path, {"new.yaml": ""})
    (tmp_path / "a\nb.yaml").write_text("")
    assert asked.files(tmp_path) == (".gitignore", "a\nb.yaml", "new.yaml", "sub/ü ö.yaml", "tracked.yaml")
    assert asked.files(tmp_path / "sub") == ("ü ö.yaml",)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_that_is_deleted_is_no_longer_there_before_that_is_staged(tmp_path: Path) -> None:
    commit(write(tmp_path, {"gone.yaml": "", "kept.yaml": ""}))
    (tmp_path / "gone.yaml").unlink()
    assert asked.files(tmp_path) == ("kept.yaml",)


def test_a_checkout_that_another_user_owns_is_read_and_runs_nothing(tmp_path: Path) -> None:
    """CI checks out as one user and lints as another."""
    root = initialise(write(tmp_path / "fleet", {"x.yaml": ""}))
    git(root, "config", "core.fsmonitor", str(executable(tmp_path / "monitor", f"touch {tmp_path}/was-run")))
    for path in (root, root / ".git"):
        os.chown(path, 65534, 65534)
    assert asked.toplevel(root) == root
    assert asked.files(root) == ("x.yaml",)
    assert len(asked.remotes(root)) == 1
    assert not (tmp_path / "was-run").exists()


def test_nothing_is_known_outside_of_a_work_tree(tmp_path: Path) -> None:
    assert asked.files(tmp_path) is None


def test_nothing_is_known_without_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    initialise(write(tmp_path, {"x.yaml": ""}))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (asked.toplevel(tmp_path), asked.remotes(tmp_path), asked.files(tmp_path)) == (None, (), None)


def test_what_a_merge_brought_is_told_with_it(tmp_path: Path) -> None:
    top = commit(write(tmp_path, {"a": "1"}), "First\n\nNote: 1")
    git(top, "checkout", "--quiet", "-b", "side")
    for number in ("2", "3"):
        write(top, {"a": number})
        git(top, "commit", "--quiet", "--all", f"--message=Side {number}\n\nNote: {number}\nMore: no")
    git(top, "checkout", "--quiet", "main")
    git(top, "merge", "--quiet", "--no-ff", "--message=Merged", "side")
    found = [message.splitlines()[0] for _, message in asked.brought(top, "HEAD", ("Note: ",))]
    assert found == ["Side 3", "Side 2"]
    assert [name for name, _ in asked.brought(top, "HEAD^1", ("Nothing", "Note: "))] == [asked.commit(top, "HEAD^1")]
    assert asked.brought(top, "HEAD", ("Nothing",)) == ()
