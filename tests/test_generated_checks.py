"""What checks a generated repository: its hooks, its CI, its owners and its updates, judged and run for real."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

import checkout
from checkout import ROOT, git
from conftest import TOOLS, program
from forge import TOKEN, GitHub, gitlab
from gitopsmith import lint
from gitopsmith.answers import DEMO_IMAGE, Answers, Application, Environment, Team
from gitopsmith.finding import Report
from gitopsmith.generate import new
from outside import Run, path, run, shell

pytestmark = pytest.mark.slow

DEFAULT = Answers(repo_url="https://github.com/example/gitops.git")
INSTALL = TOOLS / "argo-cd" / DEFAULT.argocd_version / "install.yaml"
IMAGE, VERSION = DEMO_IMAGE.partition("@")[0].rsplit(":", 1)
MISTAKES: list[dict[str, Any]] = yaml.safe_load((ROOT / "tests" / "fixtures" / "mistakes.yaml").read_text())
CASES = {
    "default": DEFAULT,
    "gitlab": replace(
        DEFAULT,
        ci="gitlab",
        credential="deploy-key",
        repo_url="git@gitlab.example.com:acme/platform/gitops.git",
        secrets="sealed-secrets",
    ),
    "odd-words": replace(
        DEFAULT,
        branch="release/2026",
        tool_source="gitopsmith @ https://example.com/wheels/gitopsmith-0.1.0-py3-none-any.whl",
        environments=(Environment("live", protected=True),),
        admin_group="platform@example.com",
    ),
    "many": replace(
        DEFAULT,
        environments=(Environment("dev"), Environment("eu", protected=True), Environment("us", protected=True)),
        applications=(*DEFAULT.applications, Application("mail", "messaging", "registry.example.com/mail:1.20")),
        teams=(Team("apps"), Team("messaging")),
        admin_group="example:platform",
        on_call_group="example:on-call",
        argocd_host="argocd.example.com",
        monitoring="prometheus-operator",
        oidc_issuer="https://login.example.com",
        secrets="external-secrets",
        slack_channel="deployments",
    ),
}


def _make(given: Answers, folder: Path) -> Path:
    """Makes a repository and commits it; Argo CD's installation is in it where `make tools` brought it here."""
    new(given, folder, argocd_install=INSTALL if INSTALL.is_file() else None)
    return checkout.commit(folder)


@pytest.fixture(scope="session", params=CASES)
def repository(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One repository a case; tests only read it."""
    return _make(CASES[request.param], tmp_path_factory.mktemp(request.param) / "gitops")


@pytest.fixture(scope="session")
def default(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository that the default answers make; tests only read it, or copy it."""
    return _make(DEFAULT, tmp_path_factory.mktemp("default") / "gitops")


@pytest.fixture
def fresh(default: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may change."""
    return shutil.copytree(default, tmp_path / "gitops")


# --- the judges find nothing


def test_yamllint_finds_nothing(repository: Path) -> None:
    done = run(sys.executable, "-m", "yamllint", "--strict", "--format", "parsable", ".", cwd=repository)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_actionlint_finds_nothing(repository: Path) -> None:
    workflows = sorted(repository.glob(".github/workflows/*"))
    if workflows:
        done = run(program("actionlint"), "-shellcheck=", "-pyflakes=", *workflows, cwd=repository)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_zizmor_finds_nothing(repository: Path) -> None:
    done = run("zizmor", "--offline", "--quiet", "--format=plain", ".", cwd=repository, PATH=path())
    assert done.returncode == 0, done.stdout + done.stderr


# --- CI


def test_every_action_is_pinned_by_a_commit_that_says_its_version(default: Path) -> None:
    text = (default / ".github" / "workflows" / "lint.yaml").read_text()
    uses = [line.strip() for line in text.splitlines() if "uses:" in line]
    assert uses
    pinned = re.compile(r"(- )?uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
    assert [line for line in uses if not pinned.fullmatch(line)] == []


def test_only_the_jobs_that_read_no_change_may_write(default: Path) -> None:
    workflow = yaml.safe_load((default / ".github" / "workflows" / "lint.yaml").read_text())
    assert workflow["permissions"] == {}
    writers = {name: job for name, job in workflow["jobs"].items() if "write" in job["permissions"].values()}
    assert {name: job["permissions"] for name, job in writers.items()} == {
        "comment": {"pull-requests": "write"},
        "report": {"actions": "read", "contents": "read", "security-events": "write"},
    }
    assert "!github.event.pull_request.head.repo.fork" in writers["comment"]["if"]
    assert "github.event_name == 'push'" in writers["report"]["if"]
    steps = [step for job in writers.values() for step in job["steps"]]
    assert [step for step in steps if "checkout" in step.get("uses", "") or "$RUNNER_TEMP" in step.get("run", "")] == []
    assert [step["run"] for step in writers["report"]["steps"] if "run" in step] == []


def _reported(folder: Path) -> Report:
    return lint.lint(lint.Options(paths=(folder,)))


@pytest.mark.skipif(not INSTALL.is_file(), reason="needs Argo CD's manifests: run `make tools` (Go)")
def test_lint_renders_everything_so_that_ci_needs_no_other_build(default: Path, kustomize: str) -> None:
    report = _reported(default)
    assert (report.findings, [note.kind for note in report.notes]) == ((), ["repository"])
    assert report.summary.rendered_share == 1.0
    assert report.summary.builds == sum(
        "kind: Component\n" not in path.read_text() for path in default.rglob("kustomization.yaml")
    ) - _included(default)


def _included(folder: Path) -> int:
    """Counts the kustomizations that another one includes: they are built with it, and not for themselves."""
    entries = [
        (place.parent / entry).resolve()
        for place in folder.rglob("kustomization.yaml")
        for entry in yaml.safe_load(place.read_text()).get("resources", [])
    ]
    return len({entry for entry in entries if entry.is_dir()})


def test_lint_builds_what_nothing_deploys(fresh: Path, kustomize: str) -> None:
    overlay = fresh / "apps" / "web" / "overlays" / "later"
    shutil.copytree(fresh / "apps" / "web" / "overlays" / "dev", overlay)
    patch = 'patches:\n  - target:\n      kind: Deployment\n    patch: \'[{"op": "remove", "path": "/spec/none"}]\'\n'
    with (overlay / "kustomization.yaml").open("a") as file:
        file.write(patch)
    assert ("kustomize-build", "apps/web/overlays/later/kustomization.yaml") in {
        (finding.rule, finding.location.path) for finding in _reported(fresh).findings
    }


def _break(folder: Path) -> None:
    path = folder / "argocd" / "envs" / "prod" / "web.yaml"
    path.write_text(path.read_text().replace("overlays/prod", "overlays/production"))


@pytest.mark.parametrize("broken", [False, True], ids=["sound", "broken"])
def test_github_lints_with_annotations_and_a_report(fresh: Path, scripts: Path, kustomize: str, broken: bool) -> None:
    """The step as it stands, with the program where the step before installs it."""
    if broken:
        _break(fresh)
    workflow = yaml.safe_load((fresh / ".github" / "workflows" / "lint.yaml").read_text())
    [step] = [step for step in workflow["jobs"]["lint"]["steps"] if step.get("name") == "Lint"]
    place = {"RUNNER_TEMP": str(fresh.parent), "PATH": path()}
    tools = fresh.parent / "tools" / "bin"
    tools.mkdir(parents=True)
    for installed in (scripts / "gitopsmith", Path(kustomize)):
        (tools / installed.name).symlink_to(installed)
    done = shell(step["run"], fresh, **place)
    assert done.returncode == int(broken), done.stdout + done.stderr
    assert ("::error file=argocd/envs/prod/web.yaml,line=" in done.stdout) is broken
    results = json.loads((fresh / "gitopsmith.sarif").read_text())["runs"][0]["results"]
    assert bool(results) is broken


@pytest.mark.parametrize("broken", [False, True], ids=["sound", "broken"])
def test_gitlab_lints_and_shows_the_findings(tmp_path: Path, scripts: Path, kustomize: str, broken: bool) -> None:
    folder = _make(CASES["gitlab"], tmp_path / "gitops")
    if broken:
        _break(folder)
    job = yaml.safe_load((folder / ".gitlab-ci.yml").read_text())["lint"]
    done = shell("\n".join(job["script"]), folder, PATH=path(scripts, Path(kustomize).parent))
    assert done.returncode == int(broken), done.stdout + done.stderr
    assert [name for name in job["artifacts"]["paths"] if not (folder / name).is_file()] == []
    shown = json.loads((folder / job["artifacts"]["reports"]["codequality"]).read_text())
    worst = [
        entry["location"]["path"] for entry in shown if entry["severity"] != "info"
    ]  # the overlay is left over, too
    assert worst == ["argocd/envs/prod/web.yaml"] * broken


# --- owners


def _owners(folder: Path, *paths: str) -> list[str]:
    """Returns who owns each path, as git itself matches the patterns: those of attributes are the same."""
    lines = [
        line.split(maxsplit=1)
        for line in (folder / "CODEOWNERS").read_text().splitlines()
        if line.startswith(("/", "*"))
    ]
    rules = [
        f"{pattern}{'**' if pattern.endswith('/') else ''} owner={owner.replace(' ', ',')}" for pattern, owner in lines
    ]
    (folder / ".git" / "info").mkdir(exist_ok=True)
    attributes = folder.parent / "attributes"
    attributes.write_text("\n".join(rules) + "\n")
    said = git(folder, "-c", f"core.attributesFile={attributes}", "check-attr", "-z", "owner", "--", *paths)
    return said.split("\0")[2::3]


APPS = "apps/web/overlays"
ADMINS, APPS_TEAM = "@example/platform-admins", "@example/apps"


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        (f"{APPS}/dev/kustomization.yaml", APPS_TEAM),
        (f"{APPS}/prod/kustomization.yaml", ADMINS),
        ("apps/web/base/deployment.yaml", ADMINS),
        ("argocd/envs/dev/projects/apps.yaml", ADMINS),
        ("bootstrap/root.yaml", ADMINS),
        (".github/workflows/lint.yaml", ADMINS),
        ("CODEOWNERS", ADMINS),
    ],
)
def test_teams_own_what_reaches_no_protected_environment(fresh: Path, path: str, owner: str) -> None:
    assert _owners(fresh, path) == [owner]


@pytest.mark.parametrize(
    ("changes", "owners"),
    [
        ({"credential": "deploy-key", "repo_url": "git@github.com:acme/gitops.git"}, "@acme/platform-admins"),
        (
            {"credential": "deploy-key", "repo_url": "ssh://git@git.example.com:7999/acme/gitops"},
            "@acme/platform-admins",
        ),
        (
            {"ci": "gitlab", "repo_url": "https://gitlab.com/acme/infra/gitops.git"},
            "@acme/infra/platform-admins",
        ),
        ({"admin_group": "acme:sre"}, "@example/sre"),
        ({"admin_group": "sre", "on_call_group": "on-call"}, "@example/sre,@example/on-call"),
        ({"admin_group": "sre@example.com"}, "@example/platform-admins"),
        ({"admin_group": "8f14e45f-ceea-467f-a9c1-36d7f5ad1e4b"}, "@example/platform-admins"),
    ],
    ids=["ssh", "port", "subgroup", "github-group", "on-call", "address", "id"],
)
def test_owners_come_from_the_address_and_the_groups(tmp_path: Path, changes: dict[str, Any], owners: str) -> None:
    folder = _make(replace(DEFAULT, **changes), tmp_path / "gitops")
    assert _owners(folder, f"{APPS}/prod/kustomization.yaml") == [owners]


# --- updates


def _pattern(text: str) -> re.Pattern[str]:
    """Returns a pattern of Renovate's; Python writes named groups with a P."""
    return re.compile(text.replace("(?<", "(?P<"))


def _managed(folder: Path) -> set[tuple[str, str]]:
    """Returns what the custom managers of renovate.json find: names and versions."""
    managers = json.loads((folder / "renovate.json").read_text())["customManagers"]
    return {
        (found.groupdict().get("depName") or manager["depNameTemplate"], found["currentValue"])
        for manager in managers
        for name in git(folder, "ls-files").splitlines()
        if any(_pattern(place.strip("/")).search(name) for place in manager["managerFilePatterns"])
        for pattern in manager["matchStrings"]
        for found in _pattern(pattern).finditer((folder / name).read_text())
    }


def _pins(*files: Path) -> set[tuple[str, str]]:
    return {pin for file in files for pin in re.findall(r"([a-z][a-z-]*)==([0-9.]+)", file.read_text())}


def _ci(folder: Path) -> list[Path]:
    return [*folder.glob(".gitlab-ci.yml"), *folder.glob(".github/workflows/*")]


def test_updates_reach_every_pin_that_renovate_does_not_know_by_itself(repository: Path) -> None:
    managed = _managed(repository)
    pins = _pins(*_ci(repository))
    assert pins
    assert pins <= managed
    assert (IMAGE, VERSION) in managed
    assert ("argoproj/argo-cd", DEFAULT.argocd_version) in managed


def test_the_remote_installation_is_updated_with_what_is_checked(tmp_path: Path) -> None:
    new(DEFAULT, tmp_path / "gitops")
    managed = _managed(checkout.commit(tmp_path / "gitops"))
    versions = {value for name, value in managed if name == "argoproj/argo-cd"}
    assert versions == {DEFAULT.argocd_version, f"v{DEFAULT.argocd_version}"}


def test_production_is_updated_by_promotion(default: Path) -> None:
    rules = json.loads((default / "renovate.json").read_text())["packageRules"]
    asked = {name: rule for rule in rules for name in rule.get("matchFileNames", ())}
    for environment in ("staging", "prod"):
        rule = asked[f"apps/*/overlays/{environment}/**"]
        assert (rule["automerge"], rule["dependencyDashboardApproval"]) == (False, True)
    assert "apps/*/overlays/dev/**" not in asked


def test_hooks_and_ci_install_the_same_renderer(repository: Path) -> None:
    ours = _pins(ROOT / ".pre-commit-hooks.yaml")
    files = (repository / ".pre-commit-config.yaml", *_ci(repository))
    assert [file.name for file in files if not ours <= _pins(file)] == []


# --- the hooks, run by git


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel of the checkout, for pip to find."""
    source = checkout.commit(checkout.copy(tmp_path_factory.mktemp("source")))
    target = tmp_path_factory.mktemp("wheels")
    options = ("--quiet", "--no-index", "--no-deps", "--no-build-isolation")
    built = run(sys.executable, "-m", "pip", "wheel", *options, "-w", target, source, cwd=target)
    assert built.returncode == 0, built.stdout + built.stderr
    return target


@pytest.fixture(scope="session")
def hooks(wheels: Path, kustomize: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment in which git runs the hooks: one installation of them for all tests."""
    links = f"{os.environ.get('PIP_FIND_LINKS', '')} {wheels}".strip()
    home = str(tmp_path_factory.mktemp("pre-commit"))
    return {
        "PIP_FIND_LINKS": links,
        "PRE_COMMIT_HOME": home,
        "PATH": path(Path(kustomize).parent),
        "PRE_COMMIT_COLOR": "never",
    }


def _pre_commit(folder: Path, hooks: dict[str, str], *arguments: str) -> Run:
    return run(sys.executable, "-m", "pre_commit", *arguments, cwd=folder, **hooks)


@pytest.fixture
def hooked(fresh: Path, hooks: dict[str, str]) -> Path:
    """The default repository with its hooks turned on."""
    installed = _pre_commit(fresh, hooks, "install")
    assert installed.returncode == 0, installed.stdout + installed.stderr
    return fresh


def _commit(folder: Path, hooks: dict[str, str]) -> Run:
    git(folder, "add", "--all")
    return run("git", "commit", "--message=A change", cwd=folder, **hooks)


def test_hooks_pass_on_every_file_of_a_fresh_repository(default: Path, hooks: dict[str, str]) -> None:
    done = _pre_commit(default, hooks, "run", "--all-files")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("Passed") == 4, done.stdout


def test_ci_runs_the_hooks_that_its_linter_is_not(default: Path, hooks: dict[str, str], tmp_path: Path) -> None:
    tools = tmp_path / "tools" / "bin"
    tools.mkdir(parents=True)
    (tools / "pre-commit").symlink_to(Path(sys.executable).with_name("pre-commit"))
    steps = yaml.safe_load((default / ".github" / "workflows" / "lint.yaml").read_text())["jobs"]["hooks"]["steps"]
    [step] = [step for step in steps if step.get("name") == "Run"]
    done = shell(step["run"], default, **hooks | step["env"] | {"RUNNER_TEMP": str(tmp_path)})
    assert done.returncode == 0, done.stdout + done.stderr
    assert (done.stdout.count("Passed"), done.stdout.count("Skipped")) == (3, 1)


def test_hooks_let_a_new_version_pass(hooked: Path, hooks: dict[str, str]) -> None:
    path = hooked / APPS / "dev" / "kustomization.yaml"
    path.write_text(re.sub(r"newTag: .*\n *digest: .*", 'newTag: "6.15.1"', path.read_text()))
    done = _commit(hooked, hooks)
    assert done.returncode == 0, done.stdout + done.stderr


def _plant(folder: Path, mistake: dict[str, Any]) -> None:
    path = folder / mistake["path"]
    if mistake.get("delete"):
        path.unlink()
        return
    text = path.read_text()
    assert text.count(mistake["old"]) == 1, f"{mistake['path']} no longer has it once: {mistake['old']!r}"
    path.write_text(text.replace(mistake["old"], mistake["new"]))


@pytest.mark.parametrize("mistake", MISTAKES, ids=[item["name"] for item in MISTAKES])
def test_hooks_stop_a_commit_and_show_what_is_wrong(
    hooked: Path, hooks: dict[str, str], mistake: dict[str, Any]
) -> None:
    _plant(hooked, mistake)
    done = _commit(hooked, hooks)
    said = done.stdout + done.stderr
    assert done.returncode != 0, said
    assert f"[{mistake['rule']}]" in said
    assert git(hooked, "rev-list", "--count", "HEAD").strip() == "1"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("deploy", "-----BEGIN OPENSSH PRIVATE KEY-----\nnot a real one\n", "Private key found: deploy"),
        ("NOTES.md", "<<<<<<< ours\none\n=======\ntwo\n>>>>>>> theirs\n", "Merge conflict string"),
        ("clusters/in-cluster/wide.yaml", "# " + "a b " * 40 + "\n", "line too long"),
    ],
    ids=["key", "conflict", "yaml"],
)
def test_hooks_stop_what_no_manifest_shows(
    hooked: Path, hooks: dict[str, str], name: str, content: str, said: str
) -> None:
    (hooked / name).write_text(content)
    done = _commit(hooked, hooks)
    assert done.returncode != 0
    assert said in done.stdout + done.stderr


# --- the comment on a change


def _bump(folder: Path, version: str) -> None:
    place = folder / APPS / "prod" / "kustomization.yaml"
    place.write_text(re.sub(r"newTag: .*(\n *digest: .*)?", f'newTag: "{version}"', place.read_text()))
    git(folder, "commit", "--quiet", "--all", f"--message=Deploy {version}")


def _says(comment: str, version: str) -> bool:
    return comment.startswith("<!-- gitopsmith diff -->\n") and f"{IMAGE}:{version}` |" in comment


def test_github_writes_one_comment_for_all_pushes(fresh: Path, scripts: Path, kustomize: str, tmp_path: Path) -> None:
    jobs = yaml.safe_load((fresh / ".github" / "workflows" / "lint.yaml").read_text())["jobs"]
    [compare] = [step["run"] for step in jobs["diff"]["steps"] if step.get("name") == "Compare"]
    [comment] = [step for step in jobs["comment"]["steps"] if "run" in step]
    host, tools = GitHub(tmp_path), tmp_path / "tools" / "bin"
    tools.mkdir(parents=True)
    for installed in (scripts / "gitopsmith", Path(kustomize)):
        (tools / installed.name).symlink_to(installed)
    summary = tmp_path / "summary.md"
    place = {"RUNNER_TEMP": str(tmp_path), "GITHUB_STEP_SUMMARY": str(summary), "PATH": path(host.programs)}
    given = {"REPOSITORY": "example/gitops", "NUMBER": "7", "MINE": comment["env"]["MINE"]}
    for version in ("8.0.0", "8.0.1"):
        _bump(fresh, version)
        for script in (compare, comment["run"]):
            done = shell(script, fresh, **place, **given)
            assert done.returncode == 0, done.stdout + done.stderr
        [written] = host.comments
        assert _says(written, version)
        assert "no change in **`dev`**" in written
        assert written in summary.read_text()


def test_gitlab_writes_one_comment_for_all_pushes(tmp_path: Path, scripts: Path, kustomize: str) -> None:
    folder = _make(CASES["gitlab"], tmp_path / "gitops")
    job = yaml.safe_load((folder / ".gitlab-ci.yml").read_text())["diff"]
    base = git(folder, "rev-parse", "HEAD").strip()
    with gitlab() as (url, notes):
        given = {"CI_MERGE_REQUEST_DIFF_BASE_SHA": base, "NOTES": url, "PATH": path(scripts, Path(kustomize).parent)}
        for token, version in (("", "8.0.0"), (TOKEN, "8.0.1"), (TOKEN, "8.0.2")):
            _bump(folder, version)
            done = shell("\n".join(job["script"]), folder, COMMENT_TOKEN=token, **given)
            assert done.returncode == 0, done.stdout + done.stderr
            assert _says((folder / "diff.md").read_text(), version)
            assert [_says(note["body"], version) for note in notes[1:]] == [True] * bool(token)
            assert TOKEN not in done.stdout + done.stderr
