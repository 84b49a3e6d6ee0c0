"""The workflows of a generated repository that a person starts to change an environment, judged and run for real."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

import checkout
from checkout import git
from gitopsmith.answers import Answers
from gitopsmith.generate import new
from outside import Run, path, shell
from repository import executable

pytestmark = pytest.mark.slow

OVERLAY = "apps/web/overlays/{}/kustomization.yaml"
HOSTS = {"github": "https://github.com/example/gitops.git", "gitlab": "https://gitlab.com/example/gitops.git"}


class Place:
    """A generated repository behind a bare remote, and a folder with what a step before has installed."""

    def __init__(self, folder: Path, ci: str, installed: tuple[Path, ...]) -> None:
        self.clone, self.remote, self.folder = folder / "gitops", folder / "remote.git", folder
        new(Answers(repo_url=HOSTS[ci], ci=ci), self.clone)
        checkout.commit(self.clone)
        git(folder, "clone", "--quiet", "--bare", str(self.clone), str(self.remote))
        git(self.clone, "remote", "add", "origin", self.remote.as_uri())
        tools = folder / "tools" / "bin"
        tools.mkdir(parents=True)
        for file in installed:
            (tools / file.name).symlink_to(file)
        executable(tools / "gh", 'test "$*" = "auth setup-git"')

    def workflow(self, name: str) -> dict[str, Any]:
        text = (self.clone / ".github" / "workflows" / f"{name}.yaml").read_text()
        found: dict[str, Any] = yaml.safe_load(text)
        return found

    def run(self, script: str, **given: str) -> Run:
        """Runs a script as a runner does, with what a person chose in the environment."""
        place = {"RUNNER_TEMP": str(self.folder), "GITHUB_STEP_SUMMARY": str(self.folder / "summary.md")}
        return shell(script, self.clone, **place, PATH=path(self.folder / "tools" / "bin"), **given)

    def release(self, version: str) -> None:
        """Brings a version into the first environment, as somebody did before."""
        overlay = self.clone / OVERLAY.format("dev")
        overlay.write_text(re.sub(r"newTag: .*\n.*digest: .*", f'newTag: "{version}"', overlay.read_text()))
        git(self.clone, "commit", "--quiet", "--all", "--message=Release")
        git(self.clone, "push", "--quiet", "origin", "main")

    def migrate(self) -> None:
        """Brings a version into the first environment, and with it a change of a schema."""
        overlay = self.clone / OVERLAY.format("dev")
        options = '{annotations: {gitops/migration: "true"}}'
        made = f"configMapGenerator:\n  - {{name: schema, options: {options}, literals: [a=b]}}\n"
        overlay.write_text(overlay.read_text() + made)
        self.release("9.9.9")

    def protect(self) -> None:
        """Has the remote take no pushes to the branch."""
        executable(self.remote / "hooks" / "pre-receive", 'read a b name; test "$name" != refs/heads/main')

    def branches(self) -> list[str]:
        return git(self.remote, "for-each-ref", "--format=%(refname:short)", "refs/heads").split()


@pytest.fixture
def installed(scripts: Path, kustomize: str) -> tuple[Path, ...]:
    return (scripts / "gitopsmith", Path(kustomize))


def _step(workflow: dict[str, Any], name: str) -> str:
    [job] = workflow["jobs"].values()
    [found] = [step["run"] for step in job["steps"] if step.get("name") == name]
    return str(found)


def test_what_a_person_types_is_never_part_of_a_script(tmp_path: Path, installed: tuple[Path, ...]) -> None:
    place = Place(tmp_path, "github", installed)
    for name in ("promote", "rollback"):
        workflow = place.workflow(name)
        [job] = workflow["jobs"].values()
        assert workflow["permissions"] == {}
        assert job["permissions"] == {"contents": "write", "pull-requests": "write"}
        assert [step for step in job["steps"] if "${{" in step.get("run", "")] == []
        uses = [step["uses"] for step in job["steps"] if "uses" in step]
        assert [one for one in uses if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", one)] == []


def test_github_promotes_and_shows_it_in_the_summary(tmp_path: Path, installed: tuple[Path, ...]) -> None:
    place = Place(tmp_path, "github", installed)
    place.release("9.9.9")
    script = _step(place.workflow("promote"), "Promote")
    done = place.run(script, APPLICATION="$(touch bad)", ENVIRONMENT="staging", WAY="push")
    assert done.returncode == 2, done.stdout + done.stderr
    assert not (place.clone / "bad").exists()
    done = place.run(script, APPLICATION="web", ENVIRONMENT="staging", WAY="push")
    assert done.returncode == 0, done.stdout + done.stderr
    assert 'newTag: "9.9.9"' in git(place.remote, "show", f"main:{OVERLAY.format('staging')}")
    assert "+      - image: ghcr.io/stefanprodan/podinfo:9.9.9" in (tmp_path / "summary.md").read_text()


def test_github_rolls_back_by_a_branch_where_pushes_are_refused(tmp_path: Path, installed: tuple[Path, ...]) -> None:
    place = Place(tmp_path, "github", installed)
    place.release("9.9.9")
    place.protect()
    script = _step(place.workflow("rollback"), "Roll back")
    done = place.run(script, APPLICATION="web", ENVIRONMENT="dev", TO="", ANYWAY="true", SCHEMA="false")
    # Nothing in this place can ask a host that it merges by itself.
    assert done.returncode == 1, done.stdout + done.stderr
    assert "it does not merge by itself" in (tmp_path / "summary.md").read_text()
    [made] = [name for name in place.branches() if name.startswith("rollback-web-dev-")]
    assert "9.9.9" not in git(place.remote, "show", f"{made}:{OVERLAY.format('dev')}")


def test_github_rolls_back_behind_a_migration_that_somebody_has_checked(
    tmp_path: Path, installed: tuple[Path, ...]
) -> None:
    place = Place(tmp_path, "github", installed)
    place.migrate()
    given = {"APPLICATION": "web", "ENVIRONMENT": "dev", "TO": "", "ANYWAY": "false"}
    script = _step(place.workflow("rollback"), "Roll back")
    assert place.run(script, **given, SCHEMA="false").returncode == 2
    done = place.run(script, **given, SCHEMA="true")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "9.9.9" not in git(place.remote, "show", f"main:{OVERLAY.format('dev')}")


def test_runs_of_several_applications_do_not_cancel_each_other(tmp_path: Path, installed: tuple[Path, ...]) -> None:
    place = Place(tmp_path, "github", installed)
    assert [name for name in ("promote", "rollback") if "concurrency" in place.workflow(name)] == []


def test_gitlab_rolls_back_when_a_pipeline_is_run_by_hand(tmp_path: Path, installed: tuple[Path, ...]) -> None:
    place = Place(tmp_path, "gitlab", installed)
    place.migrate()
    pipeline = yaml.safe_load((place.clone / ".gitlab-ci.yml").read_text())
    given = {"APPLICATION": "web", "ENVIRONMENT": "dev", "TO": "", "ANYWAY": "no"}
    script = "\n".join(pipeline["rollback"]["script"])
    assert place.run(script, **given, SCHEMA="no").returncode == 2
    done = place.run(script, **given, SCHEMA="yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "9.9.9" not in git(place.remote, "show", f"main:{OVERLAY.format('dev')}")


def test_gitlab_promotes_when_a_pipeline_is_run_by_hand(tmp_path: Path, installed: tuple[Path, ...]) -> None:
    place = Place(tmp_path, "gitlab", installed)
    place.release("9.9.9")
    pipeline = yaml.safe_load((place.clone / ".gitlab-ci.yml").read_text())
    assert pipeline["promote"]["rules"] == [{"if": '$CI_PIPELINE_SOURCE == "web" && $CHANGE == "promote"'}]
    done = place.run("\n".join(pipeline["promote"]["script"]), APPLICATION="web", ENVIRONMENT="staging")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [name for name in place.branches() if name.startswith("promote-web-staging-")]


def test_one_environment_has_nothing_to_promote_to(tmp_path: Path) -> None:
    given = Answers(repo_url=HOSTS["github"])
    new(given.__class__(repo_url=HOSTS["github"], environments=given.environments[:1]), tmp_path / "gitops")
    made = {file.name for file in (tmp_path / "gitops" / ".github" / "workflows").iterdir()}
    assert made == {"lint.yaml", "rollback.yaml"}
