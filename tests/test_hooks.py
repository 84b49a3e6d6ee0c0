"""The hooks, run for real: by pre-commit, by git, and as a CI system runs the steps of its file."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import yaml

import checkout
from checkout import ROOT, git
from forge import TOKEN, GitHub, gitlab
from gitopsmith import __version__
from outside import Run, path, run, shell

HOOKS = ROOT / "hooks"
DEAD_PATH = "applications/metrics.yaml"


@pytest.fixture
def sound(demo: Path) -> Path:
    """The demo with its errors mended, committed; a Service still selects Pods without a readiness probe."""
    _replace(demo / DEAD_PATH, "platform/monitoring", "platform/metrics")
    _replace(demo / "shop/overlays/staging/kustomization.yaml", "latest", "2.15.0")
    production = demo / "shop/overlays/production/database.yaml"
    staging = (demo / "shop/overlays/staging/database.yaml").read_text()
    production.write_text(staging.replace("shop/staging", "shop/production"))
    git(demo, "commit", "--quiet", "--all", "--message=Mend it")
    return demo


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


# --- a plain git hook


def _commit_with_hook(repository: Path, *folders: Path) -> Run:
    place = repository / ".git" / "hooks" / "pre-commit"
    place.parent.mkdir(exist_ok=True)
    shutil.copy(HOOKS / "pre-commit", place)
    git(repository, "add", "--all")
    return run("git", "commit", "--message=A change", cwd=repository, PATH=path(*folders))


def test_git_hook_lets_a_sound_commit_pass(sound: Path, scripts: Path, kustomize: str) -> None:
    (sound / "NOTES.md").write_text("Nothing that Argo CD applies.\n")
    done = _commit_with_hook(sound, scripts, Path(kustomize).parent)
    assert done.returncode == 0, done.stdout + done.stderr


def test_git_hook_stops_a_commit_that_breaks_an_application(sound: Path, scripts: Path, kustomize: str) -> None:
    _replace(sound / DEAD_PATH, "platform/metrics", "platform/monitoring")
    done = _commit_with_hook(sound, scripts, Path(kustomize).parent)
    assert done.returncode != 0
    assert f"{DEAD_PATH}:" in done.stdout + done.stderr


def test_git_hook_says_that_the_program_is_missing(sound: Path, tmp_path: Path) -> None:
    for name in ("sh", "git"):
        (tmp_path / "bin").mkdir(exist_ok=True)
        (tmp_path / "bin" / name).symlink_to(shutil.which(name) or name)
    done = run(HOOKS / "pre-commit", cwd=sound, PATH=str(tmp_path / "bin"))
    assert (done.returncode, done.stderr) == (
        1,
        "gitopsmith is not on PATH: install it, or commit with --no-verify\n",
    )


# --- pre-commit


def _hook(name: str) -> dict[str, Any]:
    [hook] = [each for each in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text()) if each["id"] == name]
    assert isinstance(hook, dict)
    return hook


@pytest.mark.parametrize("name", ["gitopsmith", "gitopsmith-fix"])
def test_pre_commit_hook_runs_once_and_always(name: str) -> None:
    """A commit that only deletes files has no file name to pass, and is the one that breaks kustomizations."""
    hook = _hook(name)
    assert (hook["always_run"], hook["pass_filenames"], hook["require_serial"]) == (True, False, True)


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What pre-commit takes hooks from: a git repository with all that is built, and the manifest."""
    folder = tmp_path_factory.mktemp("project") / "gitopsmith"
    content = ("peers", "policies", "schemas", "generator", "sandbox")
    return checkout.commit(checkout.copy(folder, "src", *content, ":(glob)*"))


def _pre_commit(*arguments: str | Path, cwd: Path, **environment: str) -> Run:
    return run(sys.executable, "-m", "pre_commit", *arguments, cwd=cwd, **environment)


@pytest.mark.slow
def test_pre_commit_hook_stops_a_commit_that_only_deletes(sound: Path, project: Path, tmp_path: Path) -> None:
    home = str(tmp_path / "home")
    revision = git(project, "rev-parse", "HEAD").strip()
    configuration = {"repos": [{"repo": str(project), "rev": revision, "hooks": [{"id": "gitopsmith"}]}]}
    (sound / ".pre-commit-config.yaml").write_text(yaml.safe_dump(configuration))
    installed = _pre_commit("install", cwd=sound)
    assert installed.returncode == 0, installed.stdout + installed.stderr

    git(sound, "add", "--all")
    accepted = run("git", "commit", "--message=Use the hook", cwd=sound, PRE_COMMIT_HOME=home)
    assert accepted.returncode == 0, accepted.stdout + accepted.stderr

    git(sound, "rm", "--quiet", "shop/base/service.yaml")
    refused = run("git", "commit", "--message=Drop a file", cwd=sound, PRE_COMMIT_HOME=home)
    said = refused.stdout + refused.stderr
    assert refused.returncode != 0, said
    assert "shop/base/kustomization.yaml:5" in said


@pytest.mark.slow
def test_pre_commit_hook_mends_what_a_commit_reaches(sound: Path, project: Path, tmp_path: Path) -> None:
    path = sound / "shop/base/kustomization.yaml"
    git(sound, "add", "--all")
    git(sound, "commit", "--quiet", "--allow-empty", "--message=Begin")
    path.write_text(path.read_text() + "commonLabels: {team: shop}\n")
    git(sound, "add", "--all")
    tried = _pre_commit("try-repo", project, "gitopsmith-fix", "--color=never", cwd=sound)
    assert tried.returncode == 1, tried.stdout + tried.stderr
    assert "files were modified by this hook" in tried.stdout
    assert "labels: [{pairs: {team: shop}, includeSelectors: true}]" in path.read_text()


@pytest.mark.slow
def test_pre_commit_tries_the_checkout(sound: Path, project: Path) -> None:
    """``pre-commit try-repo`` is how a stranger meets the hook: no configuration, and one run over everything."""
    _replace(sound / DEAD_PATH, "platform/metrics", "platform/monitoring")
    tried = _pre_commit("try-repo", project, "gitopsmith", "--all-files", "--color=never", cwd=sound)
    assert tried.returncode == 1, tried.stdout + tried.stderr
    assert f"{DEAD_PATH}:11" in tried.stdout


# --- CI systems


def _environment(step: dict[str, Any], inputs: dict[str, str]) -> dict[str, str]:
    """Fills in what GitHub fills in: a value is text or one input, nothing else."""
    return {
        name: inputs[value.removeprefix("${{ inputs.").removesuffix(" }}")] if value.startswith("${{") else value
        for name, value in step.get("env", {}).items()
    }


def _github(repository: Path, runner: Path, outside: Mapping[str, str] = MappingProxyType({}), **given: str) -> Run:
    """Runs the steps of the action as GitHub's runner does, and returns the last."""
    action = yaml.safe_load((HOOKS / "github-action" / "action.yml").read_text())
    inputs = {name: value["default"] for name, value in action["inputs"].items()} | {"python": sys.executable} | given
    place = {"RUNNER_TEMP": str(runner), "GITHUB_ACTION_PATH": str(HOOKS / "github-action")}
    for step in action["runs"]["steps"]:
        done = shell(step["run"], repository, **place, **outside, **_environment(step, inputs))
        if done.returncode != 0:
            return done
    return done


@pytest.mark.slow
def test_github_action_annotates_the_line(demo: Path, tmp_path: Path) -> None:
    runner = tmp_path / "runner"
    runner.mkdir()
    done = _github(demo, runner, paths=DEAD_PATH, arguments="--fail-on warning")
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"::error file={DEAD_PATH},line=11" in done.stdout
    assert (demo / "gitopsmith.sarif").read_text().startswith("{")


@pytest.mark.slow
@pytest.mark.parametrize(("reference", "code"), [("refs/pull/7/merge", 0), ("refs/heads/main", 1)])
def test_github_action_lints_what_a_pull_request_changes(
    demo: Path, tmp_path: Path, kustomize: str, reference: str, code: int
) -> None:
    (demo / "NOTES.md").write_text("Nothing that Argo CD applies.\n")
    git(demo, "add", "--all")
    git(demo, "commit", "--quiet", "--message=Tell more")
    runner = tmp_path / "runner"
    runner.mkdir()
    outside = {"GITHUB_REF": reference, "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
    steps = yaml.safe_load((HOOKS / "github-action" / "action.yml").read_text())["runs"]["steps"]
    assert "BASE" in next(step["env"] for step in steps if step["name"] == "Lint")
    done = _github(demo, runner, outside | {"PATH": path(Path(kustomize).parent)}, base="HEAD^")
    assert done.returncode == code, done.stdout + done.stderr


def test_github_action_reads_no_input_as_shell_code() -> None:
    action = yaml.safe_load((HOOKS / "github-action" / "action.yml").read_text())
    assert [step["name"] for step in action["runs"]["steps"] if "${{" in step["run"]] == []


@pytest.mark.slow
def test_github_action_writes_one_comment_on_a_pull_request(sound: Path, tmp_path: Path, kustomize: str) -> None:
    host, summary = GitHub(tmp_path), tmp_path / "summary.md"
    given = {"GITHUB_REPOSITORY": "example/gitops", "GITHUB_STEP_SUMMARY": str(summary)}
    given["PATH"] = path(host.programs, Path(kustomize).parent)
    _replace(sound / "shop/overlays/staging/kustomization.yaml", "2.15.0", "2.16.0")
    git(sound, "commit", "--quiet", "--all", "--message=Deploy it")
    runner = tmp_path / "runner"
    runner.mkdir()
    for reference in ("refs/pull/7/merge", "refs/pull/7/merge", "refs/heads/main"):
        done = _github(sound, runner, given | {"GITHUB_REF": reference}, base="HEAD^", token="a-token")
        assert done.returncode == 0, done.stdout + done.stderr
    [written] = host.comments
    assert "registry.example.com/shop/web:2.16.0` |" in written
    assert summary.read_text() == written * 3


@pytest.fixture
def difference() -> dict[str, Any]:
    found = yaml.safe_load((HOOKS / "gitlab-ci.yml").read_text())["gitopsmith-diff"]
    assert isinstance(found, dict)
    return found


def test_gitlab_job_writes_one_comment(sound: Path, scripts: Path, kustomize: str, difference: dict[str, Any]) -> None:
    base = git(sound, "rev-parse", "HEAD").strip()
    given = {"CI_MERGE_REQUEST_DIFF_BASE_SHA": base, "PATH": path(scripts, Path(kustomize).parent)}
    _replace(sound / "shop/overlays/staging/kustomization.yaml", "2.15.0", "2.16.0")
    with gitlab() as (url, notes):
        for _ in range(2):
            done = shell("\n".join(difference["script"]), sound, NOTES=url, COMMENT_TOKEN=TOKEN, **given)
            assert done.returncode == 0, done.stdout + done.stderr
        [written] = notes[1:]
    assert "registry.example.com/shop/web:2.16.0` |" in written["body"]
    assert difference["variables"]["GITOPSMITH"] == f"gitopsmith[kustomize]=={__version__}"


@pytest.mark.parametrize("known", [True, False], ids=["base is there", "base is not to be had"])
def test_gitlab_job_lints_what_a_merge_request_changes(
    demo: Path, tmp_path: Path, scripts: Path, kustomize: str, known: bool
) -> None:
    """In a shallow clone, as GitLab makes it."""
    change = yaml.safe_load((HOOKS / "gitlab-ci.yml").read_text())["gitopsmith-change"]
    base = git(demo, "rev-parse", "HEAD").strip() if known else "0" * 40
    (demo / "NOTES.md").write_text("Nothing that Argo CD applies.\n")
    git(demo, "add", "--all")
    git(demo, "commit", "--quiet", "--message=Tell more")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{demo}", str(clone))
    given = {**change["variables"], "CI_MERGE_REQUEST_DIFF_BASE_SHA": base}
    done = shell("\n".join(change["script"]), clone, **given, PATH=path(scripts, Path(kustomize).parent))
    assert done.returncode == (0 if known else 1), done.stdout + done.stderr
    assert ("so everything is linted" in done.stdout) is not known


@pytest.fixture
def job() -> dict[str, Any]:
    found = yaml.safe_load((HOOKS / "gitlab-ci.yml").read_text())["gitopsmith"]
    assert isinstance(found, dict)
    return found


def test_gitlab_job_fails_and_keeps_its_reports(demo: Path, scripts: Path, kustomize: str, job: dict[str, Any]) -> None:
    """All but the installation, which takes a published package."""
    variables = {**job["variables"], "PATH": path(scripts, Path(kustomize).parent)}
    done = shell("\n".join(job["script"]), demo, **variables)
    assert done.returncode == 1, done.stdout + done.stderr
    assert [name for name in job["artifacts"]["paths"] if not (demo / name).is_file()] == []
    shown = json.loads((demo / job["artifacts"]["reports"]["codequality"]).read_text())
    assert DEAD_PATH in {entry["location"]["path"] for entry in shown}


def test_gitlab_job_installs_this_version(job: dict[str, Any]) -> None:
    assert job["variables"]["GITOPSMITH"] == f"gitopsmith[kustomize]=={__version__}"


def test_zizmor_finds_nothing_in_the_action() -> None:
    done = run("zizmor", "--offline", "--quiet", "--format=plain", HOOKS / "github-action", cwd=ROOT, PATH=path())
    assert done.returncode == 0, done.stdout + done.stderr
