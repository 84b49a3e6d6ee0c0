"""A run about a change finds what a run about everything finds of it, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import changes
import checkout
from checkout import git
from gitopsmith.finding import Failure, Report
from gitopsmith.lint import Options, lint
from repository import ORDINARY, URL, WEB, application_of, initialise, run, write

OTHER = {
    "apps/other.yaml": application_of("other", "other"),
    "other/kustomization.yaml": "resources: [../base]\nnamePrefix: other-\n",
    "base/kustomization.yaml": "resources: [cm.yaml]\n",
    "base/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n",
    "README.md": "What this is.\n",
}


@pytest.fixture(autouse=True)
def _renderer_on_path(kustomize: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(kustomize).parent), prepend=os.pathsep)


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A committed repository, in which the program runs; one of its two applications has a defect."""
    initialise(write(tmp_path, ORDINARY | OTHER))
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message=Begin")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _rules(report: Report) -> list[tuple[str, str]]:
    return [(finding.rule, finding.location.path) for finding in report.findings]


@pytest.mark.parametrize("options", [Options(base="HEAD"), Options(staged=True)], ids=["base", "staged"])
def test_without_a_change_nothing_is_linted(fleet: Path, options: Options) -> None:
    report = lint(options)
    assert (report.findings, report.summary.builds) == ((), 0)
    assert [note.message for note in report.notes] == [
        "nothing that Argo CD applies is reached by no change, so nothing is linted"
    ]


def test_a_file_that_nothing_reads_reaches_nothing(fleet: Path) -> None:
    write(fleet, {"README.md": "Other words.\n"})
    done = run("lint", "--base=HEAD", cwd=fleet)
    assert (done.returncode, b"nothing that Argo CD applies is reached by 1 changed file" in done.stdout) == (0, True)


def test_only_what_is_reached_is_linted(fleet: Path) -> None:
    write(fleet, {"base/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Settings}\n"})
    assert _rules(lint(Options(base="HEAD"))) == [("api-refused", "base/cm.yaml")]
    assert ("image-unpinned", "ordinary/web.yaml") in _rules(lint(Options()))


def test_a_commit_that_only_deletes_reaches_what_refers_to_the_file(fleet: Path) -> None:
    git(fleet, "rm", "--quiet", "base/cm.yaml")
    assert _rules(lint(Options(staged=True))) == [("kustomize-reference-missing", "base/kustomization.yaml")]


def test_what_is_staged_counts_and_not_what_lies_there(fleet: Path) -> None:
    write(
        fleet, {"base/kustomization.yaml": "resources: [cm.yaml, new.yaml]\n", "base/new.yaml": OTHER["base/cm.yaml"]}
    )
    git(fleet, "add", "base/kustomization.yaml")
    assert _rules(lint(Options(staged=True))) == [("kustomize-reference-missing", "base/kustomization.yaml")]
    git(fleet, "add", "base/new.yaml")
    assert "kustomize-reference-missing" not in dict(_rules(lint(Options(staged=True))))


def test_the_work_tree_and_its_index_stay_as_they_are(fleet: Path) -> None:
    write(fleet, {"base/cm.yaml": "broken: [\n", "loose.yaml": "a: 1\n"})
    git(fleet, "add", "base/cm.yaml")
    before = git(fleet, "status", "--porcelain")
    lint(Options(staged=True))
    lint(Options(base="HEAD"))
    assert git(fleet, "status", "--porcelain") == before


def test_a_file_that_a_reference_waited_for_is_reached(fleet: Path) -> None:
    write(fleet, {"base/kustomization.yaml": "resources: [cm.yaml, late.yaml]\n"})
    git(fleet, "commit", "--quiet", "--all", "--message=Announce")
    write(fleet, {"base/late.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Late}\n"})
    assert _rules(lint(Options(base="HEAD"))) == [("api-refused", "base/late.yaml")]


def test_a_folder_that_goes_away_reaches_its_application(fleet: Path) -> None:
    git(fleet, "rm", "--quiet", "-r", "ordinary")
    assert _rules(lint(Options(staged=True))) == [("application-path-missing", "apps/ordinary.yaml")]


def test_what_changed_at_the_base_meanwhile_is_no_change(fleet: Path) -> None:
    git(fleet, "checkout", "--quiet", "-b", "feature")
    git(fleet, "checkout", "--quiet", "main")
    write(fleet, {"ordinary/web.yaml": WEB + "# longer\n"})
    git(fleet, "commit", "--quiet", "--all", "--message=Go on")
    git(fleet, "checkout", "--quiet", "feature")
    assert lint(Options(base="main")).findings == ()


def test_the_configuration_reaches_everything(fleet: Path) -> None:
    write(fleet, {".gitopsmith.yaml": "profile: standard\n"})
    assert _rules(lint(Options(base="HEAD"))) == [("image-unpinned", "ordinary/web.yaml")]


def test_a_definition_reaches_the_objects_of_its_kind(fleet: Path) -> None:
    definition = (
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a.example.com}\n"
        "spec: {group: example.com, scope: Namespaced, names: {kind: A, plural: a}, versions: []}\n"
    )
    write(fleet, {"crd.yaml": definition})
    assert ("image-unpinned", "ordinary/web.yaml") in _rules(lint(Options(base="HEAD")))


def test_a_project_that_denies_what_did_not_change_is_told(fleet: Path) -> None:
    project = (
        "apiVersion: argoproj.io/v1alpha1\nkind: AppProject\nmetadata: {name: team, namespace: argocd}\nspec: {}\n"
    )
    write(fleet, {"projects/team.yaml": project})
    assert ("application-source-denied", "apps/ordinary.yaml") in _rules(lint(Options(base="HEAD")))


def test_an_unused_suppression_in_a_changed_file_is_told(fleet: Path) -> None:
    commented = "# gitopsmith: ignore[image-unpinned] no reason any more\n"
    write(fleet, {"base/cm.yaml": commented + OTHER["base/cm.yaml"]})
    assert _rules(lint(Options(base="HEAD"))) == [("suppression-unused", "base/cm.yaml")]


def test_a_suppression_ends_on_the_day_that_it_names(fleet: Path) -> None:
    until = "# gitopsmith: ignore[image-unpinned] a trial (until 2027-01-31)\n"
    write(fleet, {"ordinary/web.yaml": WEB.replace("          image: web", f"          {until}          image: web")})
    assert run("lint", "--today=2027-01-31", cwd=fleet).returncode == 0
    ended = run("lint", "--today=2027-02-01", cwd=fleet)
    assert (ended.returncode, b"warning[suppression-unused]: this suppression ended on 2027-01-31" in ended.stdout) == (
        1,
        True,
    )


def test_a_revision_that_is_not_there_is_refused(fleet: Path) -> None:
    with pytest.raises(Failure, match="there is no revision 'gone' in this clone"):
        lint(Options(base="gone"))


def test_a_shallow_clone_without_the_base_is_linted_whole_and_says_so(fleet: Path, tmp_path: Path) -> None:
    write(fleet, {"README.md": "Other words.\n"})
    git(fleet, "commit", "--quiet", "--all", "--message=Go on")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{fleet}", str(clone))
    git(clone, "remote", "add", "upstream", URL)
    done = run("lint", "--base=HEAD^1", "--format=github", cwd=clone)
    assert (done.returncode, b"title=image-unpinned" in done.stdout) == (1, True)
    assert b"::notice title=gitopsmith::this shallow clone has no revision 'HEAD^1'" in done.stdout
    git(clone, "fetch", "--quiet", "--deepen=1")
    assert run("lint", "--base=HEAD^1", cwd=clone).returncode == 0


@pytest.mark.parametrize(("base", "code"), [("", 1), ("HEAD", 0)], ids=["all files", "from a revision"])
def test_pre_commit_asks_for_more_than_what_is_staged(
    fleet: Path, base: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRE_COMMIT", "1")
    if base:
        monkeypatch.setenv("PRE_COMMIT_FROM_REF", base)
    assert run("lint", "--staged", cwd=fleet).returncode == code
    git(fleet, "rm", "--quiet", "base/cm.yaml")
    assert _rules(lint(Options(staged=True))) == [("kustomize-reference-missing", "base/kustomization.yaml")]


def test_a_new_file_that_nothing_includes_is_told(fleet: Path) -> None:
    write(fleet, {"base/more.yaml": OTHER["base/cm.yaml"]})
    assert _rules(lint(Options(base="HEAD"))) == [("kustomize-file-unreferenced", "base/more.yaml")]


@pytest.mark.parametrize("options", [Options(base="HEAD"), Options(staged=True)], ids=["base", "staged"])
def test_what_an_includer_lets_go_is_reached(fleet: Path, options: Options) -> None:
    """Alone, its settings have the wrong name; what included it had given them another."""
    wrong = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Wrong}\n"
    mending = "- {target: {kind: ConfigMap}, patch: '[{op: replace, path: /metadata/name, value: right}]'}\n"
    write(
        fleet,
        {
            "part/kustomization.yaml": "resources: [cm.yaml]\n",
            "part/cm.yaml": wrong,
            "whole/kustomization.yaml": f"resources: [../part]\npatches:\n{mending}",
        },
    )
    git(fleet, "add", "--all")
    git(fleet, "commit", "--quiet", "--message=Both")
    git(fleet, "rm", "--quiet", "-r", "whole")
    assert _rules(lint(options)) == [("api-refused", "part/cm.yaml")]


def test_outside_of_git_there_is_no_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(write(tmp_path, {"a.yaml": "a: 1\n"}))
    with pytest.raises(Failure, match="in no git checkout"):
        lint(Options(staged=True))


def test_parts_are_named_in_one_way(fleet: Path) -> None:
    assert run("lint", "--staged", "--base=HEAD", cwd=fleet).returncode == 2


def test_the_first_commit_is_linted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    initialise(write(tmp_path, ORDINARY))
    git(tmp_path, "add", "--all")
    monkeypatch.chdir(tmp_path)
    assert _rules(lint(Options(staged=True))) == [("image-unpinned", "ordinary/web.yaml")]


@pytest.mark.parametrize("seeds", [range(6), pytest.param(range(6, 40), marks=pytest.mark.slow)], ids=["few", "many"])
def test_no_random_change_is_fewer_findings_than_a_whole_run(
    demo: Path, seeds: range, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``python bench/changes.py`` makes five hundred, and others to the corpora."""
    assert checkout.DEMO.is_dir()
    monkeypatch.chdir(demo)
    failures: list[str] = []
    changes.replay(demo, seeds, failures.append)
    assert failures == []
