"""A repository takes up the linter without mending the world first: only what is new counts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from checkout import commit, git
from gitopsmith.finding import Failure, Finding, Location, Report, Severity
from gitopsmith.kustomization import keyed_pointer
from gitopsmith.lint import Options, lint, write_baseline
from gitopsmith.suppress import Baseline, read
from repository import ORDINARY, WEB, application_of, initialise, run, write

PLACE = ".gitopsmith/baseline.txt"
SECOND = "        - name: sidecar\n          image: proxy\n"


@pytest.fixture(autouse=True)
def _renderer_on_path(kustomize: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(kustomize).parent), prepend=os.pathsep)


@pytest.fixture
def taken_up(tmp_path: Path) -> Path:
    """A repository with one finding, which is in its baseline."""
    initialise(write(tmp_path, ORDINARY))
    assert write_baseline(Options(paths=(tmp_path,))) == (tmp_path / PLACE, 1)
    return tmp_path


def _lint(folder: Path, path: str = ".", use: bool = True) -> Report:
    return lint(Options(paths=(folder / path,), use_baseline=use))


def _found(report: Report) -> list[tuple[str, int]]:
    return [(finding.rule, finding.location.line) for finding in report.findings]


def test_what_was_there_is_hidden_and_counted(taken_up: Path) -> None:
    report = _lint(taken_up)
    assert report.findings == ()
    assert [(item.finding.rule, item.how) for item in report.suppressed] == [("image-unpinned", "baseline")]
    assert [note for note in report.notes if note.kind == "baseline"] == []
    assert _found(_lint(taken_up, use=False)) == [("image-unpinned", 12)]


def test_the_program_says_how_many_findings_are_hidden(taken_up: Path) -> None:
    done = run("lint", cwd=taken_up)
    assert done.returncode == 0
    assert b"; 1 finding suppressed, 1 of them by the baseline" in done.stdout
    assert run("lint", "--no-baseline", cwd=taken_up).returncode == 1


def test_only_what_is_new_counts(taken_up: Path) -> None:
    write(taken_up, {"ordinary/web.yaml": WEB + SECOND})
    assert _found(_lint(taken_up)) == [("image-unpinned", 14)]


def test_a_moved_line_stays_hidden_and_so_does_another_value(taken_up: Path) -> None:
    moved = "# a comment\n\n" + WEB.replace("image: web\n", "image: other\n").replace(
        "metadata:\n", "metadata: # moved\n"
    )
    write(taken_up, {"ordinary/web.yaml": moved})
    assert _lint(taken_up).findings == ()


def test_an_entry_that_hides_nothing_is_told(taken_up: Path) -> None:
    write(taken_up, {"ordinary/web.yaml": WEB.replace("image: web\n", "image: web:1.0.0\n")})
    [note] = [note for note in _lint(taken_up).notes if note.kind == "baseline"]
    assert (note.path, "--prune-baseline" in note.message) == ("ordinary/web.yaml", True)
    assert [note.kind for note in _lint(taken_up, "ordinary/web.yaml").notes if note.kind == "baseline"] == []


def test_pruning_takes_out_what_is_gone_and_puts_nothing_in(taken_up: Path) -> None:
    write(taken_up, {"other/kustomization.yaml": "resources: [gone.yaml]\n"})
    write_baseline(Options(paths=(taken_up,)))
    write(taken_up, {"other/kustomization.yaml": "resources: []\n", "ordinary/web.yaml": WEB + SECOND})
    done = run("lint", "--prune-baseline", cwd=taken_up)
    assert (done.returncode, done.stdout.startswith(b"wrote 1 finding to ")) == (0, True)
    report = _lint(taken_up)
    assert _found(report) == [("image-unpinned", 14)]
    assert [note for note in report.notes if note.kind == "baseline"] == []


def test_nothing_is_pruned_where_nothing_was_written(taken_up: Path) -> None:
    (taken_up / PLACE).unlink()
    done = run("lint", "--prune-baseline", cwd=taken_up)
    assert (done.returncode, b"no such baseline" in done.stderr, (taken_up / PLACE).exists()) == (2, True, False)


def test_a_baseline_names_rule_and_file_and_holds_no_value(taken_up: Path) -> None:
    [found] = _lint(taken_up, use=False).findings
    lines = [line for line in (taken_up / PLACE).read_text().splitlines() if not line.startswith("#")]
    assert lines == [f"{found.fingerprint} image-unpinned ordinary/web.yaml"]


def test_branches_that_change_the_baseline_for_different_files_merge(taken_up: Path) -> None:
    places = [f"apps/{name}/kustomization.yaml" for name in "abcdefgh"]
    write(taken_up, dict.fromkeys(places, "resources: [gone.yaml]\n"))
    write_baseline(Options(paths=(taken_up,)))
    commit(taken_up, "Take it up")
    for branch, mended in (("one", places[1]), ("two", places[6])):
        git(taken_up, "switch", "--quiet", "--create", branch, "main")
        write(taken_up, {mended: "resources: []\n"})
        write_baseline(Options(paths=(taken_up,)), prune=True)
        commit(taken_up, f"Mend {mended}")
    git(taken_up, "merge", "--quiet", "--no-edit", "one")
    assert len(read(taken_up / PLACE).entries) == 1 + len(places) - 2
    assert (_lint(taken_up).findings, [note for note in _lint(taken_up).notes if note.kind == "baseline"]) == ((), [])


def test_a_baseline_is_the_same_however_often_it_is_written(taken_up: Path) -> None:
    write(taken_up, {"other/kustomization.yaml": "resources: [b.yaml, gone.yaml, a.yaml]\n"})
    before = [write_baseline(Options(paths=(taken_up,))), (taken_up / PLACE).read_bytes()]
    assert [write_baseline(Options(paths=(taken_up,))), (taken_up / PLACE).read_bytes()] == before
    assert _lint(taken_up).findings == ()


def test_another_file_can_be_named(taken_up: Path) -> None:
    assert run("lint", "--write-baseline", "--baseline=known.txt", cwd=taken_up).returncode == 0
    (taken_up / PLACE).unlink()
    assert run("lint", cwd=taken_up).returncode == 1
    assert run("lint", "--baseline=known.txt", cwd=taken_up).returncode == 0
    done = run("lint", "--baseline=none.txt", cwd=taken_up)
    assert (done.returncode, b"none.txt: no such baseline" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"version": 1, "findings": []}', "begins with '# gitopsmith baseline 2'"),
        ("", "this is no baseline of this version"),
        ("# gitopsmith baseline 2\n<<<<<<< HEAD\n", "b.txt:2: this is no entry"),
        (f"# gitopsmith baseline 2\n{32 * '0'} image-unpinned\n", "b.txt:2: this is no entry"),
    ],
)
def test_a_file_that_is_no_baseline_is_refused(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(Failure, match=said):
        read(write(tmp_path, {"b.txt": content}) / "b.txt")


@pytest.mark.parametrize(("paths", "select"), [((), ("pinning",)), (("ordinary",), ())], ids=["rules", "paths"])
def test_a_part_is_no_baseline(taken_up: Path, paths: tuple[str, ...], select: tuple[str, ...]) -> None:
    with pytest.raises(Failure, match="a baseline is about"):
        write_baseline(Options(paths=tuple(taken_up / path for path in paths or (".",)), select=select))


def test_no_baseline_is_written_where_a_tool_failed(taken_up: Path) -> None:
    before = (taken_up / PLACE).read_bytes()
    with pytest.raises(Failure, match="no baseline is written"):
        write_baseline(Options(paths=(taken_up,), timeout=0.001))
    assert (taken_up / PLACE).read_bytes() == before


def test_as_many_findings_are_hidden_as_there_were() -> None:
    twice = [
        Finding("yaml-syntax", Severity.ERROR, text, Location("a.yaml", line)) for text, line in (("x", 1), ("y", 9))
    ]
    hidden = Baseline.of(twice[:1]).hide(twice)
    assert (hidden.kept, [item.finding for item in hidden.hidden], hidden.stale) == (twice[1:], twice[:1], ())


def test_an_overlay_of_its_own_is_a_defect_of_its_own(taken_up: Path) -> None:
    more = {
        "two/kustomization.yaml": "resources: [web.yaml]\n",
        "two/web.yaml": WEB,
        "apps/two.yaml": application_of("two", "two"),
    }
    write(taken_up, more)
    assert [finding.location.path for finding in _lint(taken_up).findings] == ["two/web.yaml"]


@pytest.mark.parametrize(
    ("route", "written"),
    [
        (("resources", 1), "resources[../base]"),
        (("resources", 2), "resources[https://git.example.com/x//y?ref=v1]"),
        (("patches", 0, "target"), "patches[path=web.yaml].target"),
        (("patches", 1, "patch"), "patches[kind=Deployment,name=web].patch"),
        (("secretGenerator", 0, "literals", 0), "secretGenerator[name=token].literals[key]"),
        (("secretGenerator", 0, "literals", 1), "secretGenerator[name=token].literals[1]"),
        (("images", 0, "newTag"), "images[name=web].newTag"),
        (("gone", 3), "gone[3]"),
    ],
)
def test_entries_are_named_by_what_they_are_not_by_where_they_stand(route: tuple[str | int, ...], written: str) -> None:
    body = {
        "resources": ["a.yaml", "../base", "https://me:word@git.example.com/x//y?ref=v1"],
        "patches": [
            {"path": "web.yaml", "target": {}},
            {"patch": "x", "target": {"kind": "Deployment", "name": "web"}},
        ],
        "secretGenerator": [{"name": "token", "literals": ["key=hidden", "hidden"]}],
        "images": [{"name": "web", "newTag": "latest"}],
    }
    assert keyed_pointer(body, route) == written


def test_an_entry_that_goes_away_uncovers_no_other(tmp_path: Path) -> None:
    initialise(
        write(
            tmp_path, {"base/kustomization.yaml": "resources: [cm.yaml, one.yaml, two.yaml]\n", "base/cm.yaml": CONFIG}
        )
    )
    write_baseline(Options(paths=(tmp_path,)))
    write(tmp_path, {"base/kustomization.yaml": "resources: [cm.yaml, two.yaml]\n"})
    assert _lint(tmp_path).findings == ()
    write(tmp_path, {"base/kustomization.yaml": "resources: [cm.yaml, three.yaml]\n"})
    assert [finding.rule for finding in _lint(tmp_path).findings] == ["kustomize-reference-missing"]


CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n"
