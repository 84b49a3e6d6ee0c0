"""What a folder looks like to the rest of the program, links and unreadable things included."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gitopsmith import tree
from gitopsmith.tree import MAX_BYTES, in_memory, is_yaml, join, open_tree


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with one of everything, and a file beside it."""
    root = tmp_path / "root"
    (root / "a/b").mkdir(parents=True)
    (root / "a/file.yaml").write_text("a: 1\n")
    (root / "a/b/deep.yaml").write_text("b: 1\n")
    (tmp_path / "beside.yaml").write_text("c: 1\n")
    (root / "to-file").symlink_to("a/file.yaml")
    (root / "to-folder").symlink_to("a/b")
    (root / "a/to-above").symlink_to("..")
    (root / "to-link").symlink_to("to-folder")
    (root / "to-itself").symlink_to("to-itself")
    (root / "to-nothing").symlink_to("none")
    (root / "to-beside").symlink_to("../beside.yaml")
    (root / "to-system").symlink_to("/usr")
    (root / "to-absolute").symlink_to(root / "a")
    (root / "empty/empty").mkdir(parents=True)
    os.mkfifo(root / "pipe")
    return root


KINDS = {
    "": "directory",
    "a": "directory",
    "a/b": "directory",
    "a/file.yaml": "file",
    "a/none": "missing",
    "none/none": "missing",
    "a/file.yaml/x": "missing",
    "..": "outside",
    "../beside.yaml": "outside",
    "../none": "outside",
    "/usr": "outside",
    "a/../a/b": "directory",
    "a/../..": "outside",
    "a/../../beside.yaml": "outside",
    "./a": "directory",
    "a/": "directory",
    "to-file": "file",
    "to-folder": "directory",
    "to-folder/deep.yaml": "file",
    "to-link/deep.yaml": "file",
    "to-link/none": "missing",
    "a/to-above": "directory",
    "a/to-above/a/to-above/a/file.yaml": "file",
    "to-itself": "missing",
    "to-itself/x": "missing",
    "to-nothing": "missing",
    "to-beside": "outside",
    "to-system": "outside",
    "to-system/bin": "outside",
    "to-absolute/file.yaml": "file",
    "empty": "missing",
    "empty/empty": "missing",
    "pipe": "missing",
    "x\0y": "missing",
    "x" * 300: "missing",
    "a/" * 3000 + "x": "missing",
}


@pytest.mark.parametrize("path", KINDS, ids=lambda path: repr(path[:40]))
def test_says_what_is_at_a_path(path: str, root: Path) -> None:
    opened = open_tree(root)
    assert opened.kind(path) == KINDS[path]
    assert opened.kind(path) == KINDS[path], "and says the same when asked again"


@pytest.mark.parametrize(
    ("path", "real"),
    [
        ("a/b", "a/b"),
        ("to-file", "a/file.yaml"),
        ("to-folder", "a/b"),
        ("to-folder/deep.yaml", "a/b/deep.yaml"),
        ("to-link/deep.yaml", "a/b/deep.yaml"),
        ("a/to-above", ""),
        ("a/to-above/a", "a"),
        ("to-absolute/b", "a/b"),
        ("a/../a", "a"),
        ("to-folder/none", "to-folder/none"),
        ("to-beside", "to-beside"),
        ("to-itself", "to-itself"),
    ],
)
def test_resolves_links_within_the_tree(path: str, real: str, root: Path) -> None:
    assert open_tree(root).real(path) == real


def test_a_root_that_is_itself_a_link_is_resolved(root: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(root)
    opened = open_tree(tmp_path / "link")
    assert opened.root == root.resolve()
    assert opened.kind("to-folder/deep.yaml") == "file"


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("a/file.yaml", b"a: 1\n"),
        ("to-file", b"a: 1\n"),
        ("to-folder/deep.yaml", b"b: 1\n"),
        ("a", None),
        ("none", None),
        ("to-beside", None),
        ("to-itself", None),
        ("pipe", None),
    ],
)
def test_reads_files_of_the_tree_only(path: str, data: bytes | None, root: Path) -> None:
    assert open_tree(root).data(path) == data


def test_a_link_that_leads_out_has_a_problem(root: Path) -> None:
    found = open_tree(root).documents("to-beside")
    assert found.documents == ()
    assert [problem.message for problem in found.problems] == [
        "this links to a place outside of the repository; left unread"
    ]


@pytest.mark.parametrize("path", ["none", "a", "to-itself", "to-nothing", "pipe"])
def test_what_is_no_file_has_neither_documents_nor_problems(path: str, root: Path) -> None:
    assert open_tree(root).documents(path) == ((), (), "")


def test_a_huge_file_is_left_unread(root: Path) -> None:
    with (root / "huge.yaml").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    found = open_tree(root).documents("huge.yaml")
    assert [problem.message for problem in found.problems] == ["32 MB is too much for a manifest; left unread"]


def test_a_file_that_nobody_may_read_has_a_problem(root: Path) -> None:
    path = root / "a/file.yaml"
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything")
    found = open_tree(root).documents("a/file.yaml")
    assert [problem.message for problem in found.problems] == ["cannot be read: Permission denied"]


def test_a_file_that_the_system_fails_to_read_has_a_problem(tmp_path: Path) -> None:
    """Reading one's own memory at address 0 fails for every user, root included."""
    memory = Path("/proc/self/mem")
    if not memory.is_file():
        pytest.skip("needs /proc")
    opened = tree.Tree(memory.parent.resolve(), ("mem",))
    found = opened.documents("mem")
    assert [problem.message for problem in found.problems] == ["cannot be read: Input/output error"]


def test_a_socket_is_nothing_to_read(root: Path) -> None:
    with _inside(root), socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.yaml")
        assert open_tree(root).kind("socket.yaml") == "missing"


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def test_every_file_is_listed_where_there_is_no_git(root: Path) -> None:
    (root / "node_modules/x").mkdir(parents=True)
    (root / "node_modules/x/y.yaml").write_text("")
    assert {path for path in open_tree(root).files if path.endswith(".yaml")} == {"a/file.yaml", "a/b/deep.yaml"}


def test_what_git_ignores_is_not_listed(root: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    (root / ".gitignore").write_text("/a/b/\n")
    (root / "é x.yaml").write_text("")
    files = open_tree(root).files
    assert "a/file.yaml" in files
    assert "é x.yaml" in files
    assert "a/b/deep.yaml" not in files


def test_a_listing_is_sorted_and_never_fails(root: Path) -> None:
    opened = open_tree(root)
    assert opened.listing("a") == ("b", "file.yaml", "to-above")
    assert opened.listing("none") == opened.listing("a/file.yaml") == ()


def test_a_document_is_parsed_again_after_it_fell_out_of_memory(root: Path) -> None:
    for number in range(tree.PARSED_AT_ONCE + 1):
        (root / f"{number}.yaml").write_text(f"number: {number}\n")
    opened = open_tree(root)
    first = opened.documents("0.yaml")
    assert opened.documents("0.yaml") is first
    for number in range(tree.PARSED_AT_ONCE + 1):
        assert opened.documents(f"{number}.yaml").documents[0].body == {"number": number}
    assert opened.documents("0.yaml") is not first
    assert opened.documents("0.yaml").documents[0].body == {"number": 0}


def test_a_file_in_memory_is_all_that_its_tree_lists(root: Path) -> None:
    opened = in_memory(root, "<stdin>", b"a: 1\n")
    assert opened.files == ("<stdin>",)
    assert opened.documents("<stdin>").documents[0].body == {"a": 1}
    assert opened.kind("a/file.yaml") == "file"


@pytest.mark.parametrize(
    ("directory", "path", "joined"),
    [
        ("", "a", "a"),
        ("a", "b", "a/b"),
        ("a", "../b", "b"),
        ("a", "..", ""),
        ("a", "../..", ".."),
        ("", "../x", "../x"),
        ("a", ".", "a"),
        ("", ".", ""),
        ("a/b", "./c//d/", "a/b/c/d"),
        ("a", "/x", "/x"),
    ],
)
def test_joins_and_cleans_paths(directory: str, path: str, joined: str) -> None:
    assert join(directory, path) == joined


@pytest.mark.parametrize(
    ("path", "manifest"),
    [("a.yaml", True), ("a.yml", True), ("a.json", True), ("a.YAML", False), ("a.yaml.tpl", False), ("yaml", False)],
)
def test_knows_a_manifest_by_its_name(path: str, manifest: bool) -> None:
    assert is_yaml(path) == manifest
