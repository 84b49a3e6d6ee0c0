"""Holds: the file, the versions that they are about, and what Renovate is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gitopsmith import holds
from gitopsmith.finding import Failure
from gitopsmith.holds import FILE_NAME, Hold

ROOT = Path(__file__).parents[1]
BAD = Hold("web", "prod", "ghcr.io/x/web:1.5", "Rolled back to 1a2b3c4", "2026-11-28T23:00:00+00:00", "A Tester")
FOLDERS = ("apps/web/overlays/prod",)


def _put(files: dict[str, str | None], hold: Hold) -> dict[str, str | None]:
    return {**files, **holds.put(files.get, hold, FOLDERS).files}


def test_hold_is_written_read_and_lifted_again() -> None:
    files = _put({}, BAD)
    assert holds.read(files[FILE_NAME]) == (BAD,)
    other = BAD._replace(environment="dev", image="ghcr.io/x/web:2.0")
    both = _put(files, other)
    assert holds.read(both[FILE_NAME]) == (BAD, other)
    left = holds.lift(both.get, [BAD]).files
    assert holds.read(left[FILE_NAME]) == (other,)
    assert holds.lift({**both, **left}.get, [other]).files == {FILE_NAME: None}


def test_same_hold_is_written_once() -> None:
    files = _put({}, BAD)
    assert holds.put(files.get, BAD._replace(since="later"), FOLDERS).files == {}


def test_what_people_wrote_into_the_file_stays() -> None:
    written = "# ours\r\nholds:\r\n- {application: a, environment: b, image: 'c:1'} # why\r\n"
    after = _put({FILE_NAME: written}, BAD)[FILE_NAME]
    assert after is not None
    assert after.startswith(written)
    assert "\n" not in after.replace("\r\n", "")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("holds: 1\n", r"holds\.yaml:1: this must be a map"),
        ("- 1\n", r"holds\.yaml:1: this must be a map"),
        ("holds:\n  - application: a\n    image: 1\n", r"holds\.yaml:2: this hold needs environment, image"),
        ("holds: [\n", r"holds\.yaml:"),
    ],
)
def test_broken_file_is_told_by_line(written: str, said: str) -> None:
    with pytest.raises(Failure, match=said):
        holds.read(written)


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
    files = _put({"renovate.json": before}, BAD)
    after = files["renovate.json"]
    assert after is not None
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
    assert holds.lift(files.get, [BAD]).files == {"renovate.json": before, FILE_NAME: None}


@pytest.mark.parametrize("written", ["{// five\n}", '{"packageRules": 1}'])
def test_renovate_that_cannot_be_told_is_said(written: str) -> None:
    done = holds.put({"renovate.json": written}.get, BAD, FOLDERS)
    assert list(done.files) == [FILE_NAME]
    assert "Renovate may propose ghcr.io/x/web:1.5 again" in done.notes[0]


def test_renovate_without_rules_gets_its_first() -> None:
    after = _put({"renovate.json": '{\n  "extends": ["config:recommended"]\n}\n'}, BAD)["renovate.json"]
    assert after is not None
    assert len(json.loads(after)["packageRules"]) == 1
