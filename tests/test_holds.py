"""Holds: the file, the versions that they are about, and what Renovate is told."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from checkout import git
from gitopsmith import holds
from gitopsmith.finding import Failure
from gitopsmith.holds import FOLDER, OLD_FILE, Hold, path_of
from repository import write

ROOT = Path(__file__).parents[1]
FOLDERS = ("apps/web/overlays/prod",)
BAD = Hold("web", "prod", "ghcr.io/x/web:1.5", "Rolled back to 1a2b3c4", "2026-11-28T23:00:00+00:00", "Jürgen", FOLDERS)
OTHER = BAD._replace(environment="dev", image="ghcr.io/x/web:2.0", folders=("apps/web/overlays/dev",))
FILE = path_of(BAD)


def _changed(files: dict[str, str], put: tuple[Hold, ...] = (), lift: tuple[Hold, ...] = ()) -> dict[str, str]:
    after = {**files, **holds.change(files, put=put, lift=lift).files}
    return {path: text for path, text in after.items() if text is not None}


def test_hold_is_written_read_and_lifted_again() -> None:
    files = _changed({}, (BAD,))
    assert holds.read(files) == {FILE: BAD}
    both = _changed(files, (OTHER,))
    assert set(holds.read(both).values()) == {BAD, OTHER}
    left = _changed(both, lift=(BAD,))
    assert holds.read(left) == {path_of(OTHER): OTHER}
    assert _changed(left, lift=(OTHER,)) == {}


def test_file_is_called_after_what_it_holds_where() -> None:
    assert re.fullmatch(r"\.gitopsmith/holds/prod-web-web-1\.5-[0-9a-f]{7}\.yaml", FILE)
    odd = BAD._replace(application="../Web", image="ghcr.io/x/web@sha256:" + "a" * 64)
    assert re.fullmatch(r"\.gitopsmith/holds/prod-\.\.-web-web-digest-[0-9a-f]{7}\.yaml", path_of(odd))
    alike = {BAD._replace(image=f"{registry}/web:1.5") for registry in ("a.io", "b.io")}
    assert len({path_of(hold) for hold in alike}) == 2


def test_same_hold_is_written_once() -> None:
    assert holds.change(_changed({}, (BAD,)), put=[BAD._replace(since="later")]).files == {}


def test_what_people_write_is_read_where_it_stands_below_the_root() -> None:
    files = {f"ops/{FOLDER}/mine.yaml": "# why\n{application: a, environment: b, image: 'c:1'}\n", f"{FOLDER}/x": "?"}
    assert holds.read(files, "ops/") == {f"ops/{FOLDER}/mine.yaml": Hold("a", "b", "c:1")}
    assert next(iter(holds.change(files, "ops/", put=[BAD]).files)) == f"ops/{FILE}"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", r"holds/a\.yaml:1: a hold needs application, environment, image, as text"),
        ("- 1\n", r"holds/a\.yaml:1: a hold needs application, environment, image"),
        ("# why\napplication: a\nimage: 1\n", r"holds/a\.yaml:2: a hold needs environment, image"),
        ("holds: [\n", r"holds/a\.yaml:"),
    ],
)
def test_broken_file_is_told_by_line(written: str, said: str) -> None:
    with pytest.raises(Failure, match=said):
        holds.read({f"{FOLDER}/a.yaml": written})


def test_list_of_all_holds_that_was_once_is_told_what_to_do_with() -> None:
    with pytest.raises(Failure, match=r"holds\.yaml: each hold has a file of its own now.*delete this file"):
        holds.read({OLD_FILE: "holds: []\n"})


def _kept(files: dict[str, str], root: Path, branch: str) -> None:
    """Commits files on a new branch of main."""
    git(root, "switch", "--quiet", "--create", branch, "main")
    write(root, files)
    git(root, "add", "--all")
    git(root, "commit", "--quiet", f"--message={branch}")


@pytest.mark.parametrize("order", [("one", "two", "lifting"), ("lifting", "two", "one"), ("two", "lifting", "one")])
def test_branches_that_put_on_hold_and_lift_merge_in_any_order(tmp_path: Path, order: tuple[str, ...]) -> None:
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    first = _changed({}, (OTHER,))
    write(tmp_path, first)
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message=First")
    proxy, shop = BAD._replace(image="ghcr.io/x/proxy:1.5"), BAD._replace(application="shop")
    _kept(_changed(first, (BAD, proxy)), tmp_path, "one")
    _kept(_changed(first, (shop,)), tmp_path, "two")
    git(tmp_path, "switch", "--quiet", "--create=lifting", "main")
    (tmp_path / path_of(OTHER)).unlink()
    git(tmp_path, "commit", "--quiet", "--all", "--message=Lifted")
    git(tmp_path, "switch", "--quiet", "main")
    for branch in order:
        git(tmp_path, "merge", "--quiet", "--no-edit", branch)
    assert set(holds.read(holds.texts(tmp_path, "main")).values()) == {BAD, proxy, shop}


@pytest.mark.parametrize(
    ("held", "other", "is_held"),
    [
        ("x/web:1.5", "x/web:1.5", True),
        ("x/web:1.5", "x/web:1.6", False),
        ("x/web:1.5", "y/web:1.5", False),
        ("x/web:1.5@sha256:a", "x/web:1.5@sha256:b", False),
        ("x/web:1.5@sha256:a", "x/web@sha256:a", True),
        ("x/web:1.5@sha256:a", "x/web:1.5", True),
        ("x/web", "x/web", False),
    ],
)
def test_version_is_held_by_its_digest_else_by_its_tag(held: str, other: str, is_held: bool) -> None:
    known = (BAD._replace(image=held),)
    assert (holds.find(known, "web", "prod", other) is not None) == is_held
    assert holds.find(known, "web", "dev", other) is None


@pytest.mark.parametrize(
    ("held", "new", "is_lifted"),
    [("v1.9", "v1.10", True), ("1.5", "1.4.1", False), ("1.5", "1.5", True), ("abc", "def", True), ("1.5", "", True)],
)
def test_newer_version_lifts_the_hold(held: str, new: str, is_lifted: bool) -> None:
    known = (BAD._replace(image=f"x/web:{held}"), BAD._replace(image="x/other:1"))
    assert holds.lifted(known, "web", "prod", f"x/web:{new}") == (known[:1] if is_lifted else ())


def test_generated_renovate_leaves_the_version_out_and_gets_its_file_back() -> None:
    before = (ROOT / "example-repo" / "renovate.json").read_text()
    files = _changed({"renovate.json": before}, (BAD,))
    after = files["renovate.json"]
    assert json.loads(after)["packageRules"][-1] == {
        "description": "gitopsmith holds ghcr.io/x/web:1.5 back from web in prod",
        "matchFileNames": ["apps/web/overlays/prod/**"],
        "matchPackageNames": ["ghcr.io/x/web"],
        "allowedVersions": "!/^1\\.5$/",
    }
    assert (
        after.replace("\n    " + json.dumps(json.loads(after)["packageRules"][-1]), "").replace("},\n  ]", "}\n  ]")
        == before
    )
    assert _changed(files, lift=(BAD,)) == {"renovate.json": before}


def test_renovate_is_brought_in_line_with_all_holds_whatever_was_left_out_before() -> None:
    before = (ROOT / "example-repo" / "renovate.json").read_text()
    stale = _changed({"renovate.json": before}, (BAD._replace(image="ghcr.io/x/web:0.9"),))["renovate.json"]
    done = holds.change({"renovate.json": stale, **_changed({}, (BAD,))}, put=[OTHER])
    assert done.aside == {"renovate.json"}
    rules = json.loads(done.files["renovate.json"] or "")["packageRules"]
    assert [rule["description"].removeprefix("gitopsmith holds ") for rule in rules if "allowedVersions" in rule] == [
        "ghcr.io/x/web:1.5 back from web in prod",
        "ghcr.io/x/web:2.0 back from web in dev",
    ]


@pytest.mark.parametrize("written", ["{// five\n}", '{"packageRules": 1}'])
def test_renovate_that_cannot_be_told_is_said(written: str) -> None:
    done = holds.change({"renovate.json": written}, put=[BAD])
    assert list(done.files) == [FILE]
    assert "Renovate may propose ghcr.io/x/web:1.5 again" in done.notes[0]


def test_renovate_cannot_be_told_of_what_has_no_tag() -> None:
    digest = BAD._replace(image="ghcr.io/x/web@sha256:" + "a" * 64)
    done = holds.change({"renovate.json": "{}\n"}, put=[digest])
    assert "again: it has no tag by which renovate.json could leave it out" in done.notes[0]
    assert holds.change(_changed({"renovate.json": "{}\n"}, (digest,)), put=[BAD]).notes == ()


def test_renovate_without_rules_gets_its_first() -> None:
    after = _changed({"renovate.json": '{\n  "extends": ["config:recommended"]\n}\n'}, (BAD,))["renovate.json"]
    assert len(json.loads(after)["packageRules"]) == 1
