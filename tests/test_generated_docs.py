"""What a generated repository tells its people: what it names is there, and every git command does what it says."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

import checkout
from checkout import git
from conftest import program
from gitopsmith.answers import IN_CLUSTER, Answers, Application, Environment, Team
from gitopsmith.bootstrap.credential import VARIABLES
from gitopsmith.cli.program import program as program_of_gitopsmith
from gitopsmith.generate import write
from outside import run, shell

DEFAULT = Answers(repo_url="https://github.com/example/gitops.git")
SIGN_IN: dict[str, Any] = {
    "argocd_host": "argocd.example.com",
    "oidc_issuer": "https://login.example.com/realms/main",
    "admin_group": "platform",
}
TEAMS: dict[str, Any] = {
    "applications": (
        Application("web", "apps"),
        Application("orders", "payments", "registry.example.com/payments/orders:1.20", 8080, ""),
    ),
    "teams": (Team("apps"), Team("payments", "payments-developers")),
}
REGIONS = (
    Environment("dev"),
    Environment("staging", "test"),
    Environment("prod-eu", "eu", protected=True),
    Environment("prod-us", "us", protected=True),
)
CASES = {
    "default": DEFAULT,
    "one-open-environment": replace(DEFAULT, environments=(Environment("live"),)),
    "one-protected-environment": replace(DEFAULT, environments=(Environment("live", protected=True),)),
    "host": replace(DEFAULT, argocd_host="argocd.example.com", gateway="ingress/public"),
    "sign-in": replace(DEFAULT, **SIGN_IN, on_call_group="on-call"),
    "sign-in-without-on-call": replace(DEFAULT, **SIGN_IN, **TEAMS),
    "github-app": replace(
        DEFAULT, **SIGN_IN, **TEAMS, credential="github-app", secrets="sealed-secrets", prune_confirm=True
    ),
    "deploy-key": replace(DEFAULT, repo_url="git@github.com:example/gitops.git", credential="deploy-key", scale=500),
    "gitlab": replace(
        DEFAULT,
        **TEAMS,
        repo_url="https://gitlab.com/example/fleet.git",
        ci="gitlab",
        credential="token",
        environments=REGIONS,
    ),
    "gitlab-host": replace(
        DEFAULT, **SIGN_IN, repo_url="https://gitlab.com/example/fleet.git", ci="gitlab", credential="token", scale=51
    ),
    "regions": replace(
        DEFAULT,
        **SIGN_IN,
        **TEAMS,
        secrets="sealed-secrets",
        environments=REGIONS,
        on_call_group="on-call",
        prune_confirm=True,
    ),
    "older": replace(DEFAULT, argocd_version="3.4.13", kubernetes_version="1.33"),
    "branch": replace(
        DEFAULT, branch="release/2026", tool_source="gitopsmith @ https://example.com/gitopsmith-0.1.0.tar.gz"
    ),
    "external-secrets": replace(DEFAULT, secrets="external-secrets", environments=REGIONS, slack_channel="deployments"),
    "monitoring": replace(
        DEFAULT,
        monitoring="prometheus-operator",
        slack_channel="deployments",
        secrets="sealed-secrets",
        prune_confirm=True,
    ),
}
PAGES = ("README.md", "docs/rollback.md", "docs/sync-failed.md", "docs/disaster-recovery.md")
PROGRAMS = {
    *(
        "argocd",
        "git",
        "gitopsmith",
        "kubectl",
        "pre-commit",
        "printf",
        "python3",
        "ssh-keygen",
        "~/.gitopsmith/bin/pip",
    ),
    *("base64", "cat", "cd", "date", "export", "read", "rm", "sed", "xargs"),
}
"""What people need for these pages, beside a shell."""
LATER = "clusters/in-cluster/repository.yaml"
"""What `gitopsmith add secret --repository` writes, which the page says beside it."""


@pytest.fixture(scope="session", params=CASES)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Answers, Path]:
    """One repository for each case, which tests only read."""
    folder = tmp_path_factory.mktemp(request.param) / "gitops"
    folder.mkdir()
    write(CASES[request.param], folder)
    return CASES[request.param], folder


@pytest.fixture(scope="session")
def default(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository of the default answers, which tests only read."""
    folder = tmp_path_factory.mktemp("default") / "gitops"
    folder.mkdir()
    write(DEFAULT, folder)
    return folder


def page(folder: Path, name: str) -> str:
    return (folder / name).read_text(encoding="utf-8")


def blocks(text: str) -> list[str]:
    """Returns the shell blocks of a page, each with its continued lines joined."""
    return [block.replace("\\\n", "") for block in re.findall(r"^```bash\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)]


def section(text: str, heading: str) -> str:
    """Returns what stands below a heading, up to the next one of its level."""
    level = heading.partition(" ")[0]
    assert text.count(f"\n{heading}\n") == 1, heading
    return text.partition(f"\n{heading}\n")[2].partition(f"\n{level} ")[0]


def anchors(text: str) -> set[str]:
    """Returns what GitHub and GitLab call the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def commands(block: str) -> Iterator[str]:
    """Yields the program of each command in a shell block."""
    for line in block.splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;()")
        lexer.whitespace_split, lexer.commenters = True, ""
        start = True
        for word in lexer:
            if word and set(word) <= set("|&;()"):
                start = True
            elif start and not re.match(r"\w+=", word):
                start = False
                yield word
            inner = re.search(r"\$\((.*)\)", word)
            if inner:
                yield inner[1].split()[0]


# --- every page, over the answers


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_tidy(case: tuple[Answers, Path], name: str) -> None:
    text = page(case[1], name)
    assert text.startswith("# ")
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert not re.findall(r"\{\{|\{%|\{#|%\}|#\}", text)
    assert "\n\n\n" not in text
    assert not re.findall(r"[ \t]$", text, re.MULTILINE)
    assert not re.findall(r"\bNone\b|\bFalse\b|\bTrue\b", text)
    assert [line for line in text.splitlines() if len(line) > 140 and not line.startswith("|")] == []
    # A list, a table and a block are apart from the text around them: else they are read as part of a paragraph.
    assert not re.findall(r"^\|.*\n[^|\n]", text, re.MULTILINE)
    assert not re.findall(r"^(?![|\n]).+\n\|", text, re.MULTILINE)
    assert text.count("```") % 2 == 0


@pytest.mark.parametrize("name", PAGES)
def test_a_table_has_the_same_number_of_columns_in_every_row(case: tuple[Answers, Path], name: str) -> None:
    for table in re.findall(r"(?:^\|.*\n)+", page(case[1], name), re.MULTILINE):
        assert len({row.replace("\\|", "").count("|") for row in table.splitlines()}) == 1, table


@pytest.mark.parametrize("name", PAGES)
def test_a_link_leads_somewhere(case: tuple[Answers, Path], name: str) -> None:
    folder = case[1]
    for target in re.findall(r"(?<!!)\]\(([^)]+)\)", page(folder, name)):
        if target.startswith("https://"):
            assert target.startswith(f"https://{case[0].argocd_host}/")
            continue
        path, _, anchor = target.partition("#")
        found = ((folder / name).parent / path).resolve() if path else folder / name
        assert found.exists(), target
        assert not anchor or anchor in anchors(found.read_text()), target


@pytest.mark.parametrize("name", PAGES)
def test_a_command_starts_with_a_program_that_people_have(case: tuple[Answers, Path], name: str) -> None:
    for block in blocks(page(case[1], name)):
        assert set(commands(block)) <= PROGRAMS
        assert shell(f"set -n\n{block}", case[1]).stderr == ""


@pytest.mark.parametrize("name", PAGES)
def test_a_file_that_is_named_is_there(case: tuple[Answers, Path], name: str) -> None:
    given, folder = case
    environment = next(item.name for item in reversed(given.environments) if item.protected or not _protected(given))
    words = re.findall(r"`([^`\n]+)`", page(folder, name)) + re.findall(
        r"[^\s\"']+", "\n".join(blocks(page(folder, name)))
    )
    tops = {path.name for path in folder.iterdir()}
    for word in (word.strip('",:;') for word in words):
        word = word.replace("$app", given.applications[0].name).replace("$env", environment)
        if word.split("/")[0] in tops and "/" in word and not re.search(r"[<>A-Z$ ]", word):
            assert (folder / word).exists() or word == LATER, word


def test_the_pages_name_what_there_is(case: tuple[Answers, Path]) -> None:
    given, folder = case
    for item in given.environments:
        assert f"| {item.name} | {item.cluster} |" in page(folder, "README.md")
    broken = (_protected(given) or [item.name for item in given.environments])[-1]
    app = given.applications[0].name
    command, by_hand, *_ = blocks(page(folder, "docs/rollback.md"))
    assert command.startswith(f"gitopsmith rollback {app} --env {broken} ")
    for first in (by_hand, blocks(page(folder, "docs/sync-failed.md"))[0]):
        assert first.startswith(f"app={app} env={broken}\n")


def _protected(given: Answers) -> list[str]:
    return [item.name for item in given.environments if item.protected]


# --- what the pages say of the repository is so


def test_who_may_sync_is_who_has_the_role(case: tuple[Answers, Path]) -> None:
    given, folder = case
    rows = [row for row in page(folder, "README.md").splitlines() if row.endswith(" |") and "`<application>-" in row]
    told = {row.split(" | ")[0].removeprefix("| "): row.removesuffix(" |").split(" | ")[-1] for row in rows}
    team = given.applications[0].team
    for item in given.environments:
        project = yaml.safe_load(page(folder, f"argocd/envs/{item.name}/projects/{team}.yaml"))
        groups = {
            group
            for role in project["spec"]["roles"]
            for group in role["groups"]
            if any(", applications, sync, " in policy for policy in role["policies"])
        }
        words = set(told[item.name].split(", "))
        if given.oidc_issuer:
            team_group = next(one.group or one.name for one in given.teams if one.name == team)
            people = {team_group if word == "the application's team" else word for word in words}
            assert people == groups | {given.admin_group}
        else:
            assert words == {"the account `admin`"}


def test_figures_are_those_of_the_repository(case: tuple[Answers, Path]) -> None:
    given, folder = case
    settings = yaml.safe_load(page(folder, "bootstrap/argocd/argocd-cm.yaml"))["data"]
    poll, jitter = (int(settings[f"timeout.reconciliation{key}"].removesuffix("s")) for key in ("", ".jitter"))
    longest = 2 * poll + jitter
    said = f"{longest // 60} minutes" if longest % 60 == 0 else f"{longest} seconds"
    readme, rollback = page(folder, "README.md"), page(folder, "docs/rollback.md")
    assert f"takes up to {said}: twice `timeout.reconciliation` ({poll} s) and once its jitter ({jitter} s)" in readme
    assert f"twice {poll} s plus {jitter} s" in rollback
    app, env = given.applications[0].name, given.environments[-1].name
    deployment = list(yaml.safe_load_all(page(folder, f"apps/{app}/base/deployment.yaml")))[1]["spec"]
    retry = yaml.safe_load(page(folder, f"argocd/envs/{env}/{app}.yaml"))["spec"]["syncPolicy"]["retry"]
    deadline, pause = deployment["progressDeadlineSeconds"], retry["backoff"]["maxDuration"].removesuffix("s")
    assert f"`progressDeadlineSeconds` ({deadline} s)" in rollback
    # An older Argo CD may retry the old commit, so that nothing is promised of it.
    promised = given.argocd_version != "3.4.13"
    assert (f"at most {pause} s later, takes your commit" in rollback) == promised
    assert (f"at most {deadline} s plus {pause} s" in rollback) == promised
    assert ("argo-cd issue 28778" in rollback) != promised
    assert retry["refresh"] is True
    assert "`refresh: true`" in rollback
    assert deployment["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert "`maxUnavailable: 0`" in rollback
    assert (retry["limit"], retry["backoff"]) == (15, {"duration": "2s", "factor": 1, "maxDuration": "2s"})
    assert "tries again fifteen times, 2 seconds apart" in page(folder, "docs/sync-failed.md")


def test_finalizers_are_where_the_page_says(case: tuple[Answers, Path]) -> None:
    given, folder = case
    app = given.applications[0].name
    text = section(page(folder, "docs/disaster-recovery.md"), "## Somebody deleted an Application")
    bare = [item.name for item in given.environments if not _finalizer(folder, item.name, app)]
    assert (f"In {', '.join(bare)}, what it had deployed runs on" in text) == bool(bare)
    assert ("was deleted with it" in text) == (len(bare) < len(given.environments))


def _finalizer(folder: Path, environment: str, app: str) -> bool:
    return "finalizers" in yaml.safe_load(page(folder, f"argocd/envs/{environment}/{app}.yaml"))["metadata"]


def test_only_what_was_chosen_is_spoken_of(case: tuple[Answers, Path]) -> None:
    given, folder = case
    text = "\n".join(page(folder, name) for name in PAGES)
    assert ("webhook`" in text) == bool(given.argocd_host)
    assert ("SealedSecret" in text) == (given.secrets == "sealed-secrets")
    assert ("ExternalSecret" in text) == (given.secrets == "external-secrets")
    assert ("Prometheus" in text) == (given.monitoring != "none")
    assert ("Slack" in text) == bool(given.slack_channel)
    assert ("argocd cluster add" in text) == (given.clusters != (IN_CLUSTER,))
    assert ("confirm-deletion" in text) == (given.prune_confirm and bool(_protected(given)))
    assert ("`admin`" in text.replace("The account `admin` is switched off.", "")) != bool(given.oidc_issuer)
    assert ("erge request" in text) == (given.ci == "gitlab")
    assert ("pull request" in text) == (given.ci == "github")
    variables = set(re.findall(r"GITOPSMITH_\w+", text)) - {"GITOPSMITH_USERNAME"}
    assert variables == set(VARIABLES.get(given.credential, ()))


def test_the_program_has_the_commands_and_flags_that_are_named(case: tuple[Answers, Path]) -> None:
    texts = [page(case[1], name) for name in PAGES]
    named = {
        line for text in texts for line in re.findall(r"^gitopsmith (.+)$|`gitopsmith ([^`]+)`", text, re.MULTILINE)
    }
    assert named
    for line in sorted(first or second for first, second in named):
        command: click.Command = program_of_gitopsmith
        words = line.split()
        while isinstance(command, click.Group):
            found = command.get_command(click.Context(command), words.pop(0))
            assert found, line
            command = found
        flags = {flag for parameter in command.params for flag in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= flags, line


# --- the commands do what the pages say

PLACE = "apps/$app/overlays/$env"


class Repositories:
    """A repository on its host, whoever releases to it, and the clone of the person on call, which is behind."""

    def __init__(self, made: Path, folder: Path) -> None:
        self.host, self.author, self.clone = folder / "host.git", folder / "author", folder / "clone"
        git(folder, "clone", "--quiet", "--bare", str(made), str(self.host))
        git(folder, "clone", "--quiet", str(self.host), str(self.author))
        git(folder, "clone", "--quiet", str(self.host), str(self.clone))
        self.good = self.release("Release 2", "dev", "staging", "prod", tag="2.0.0")
        self.bad = ""

    def write(self, path: str, text: str) -> None:
        (self.author / path).write_text(text)

    def commit(self, message: str) -> str:
        """Commits everything, has it pushed, and returns the commit."""
        git(self.author, "add", "--all")
        git(self.author, "commit", "--quiet", f"--message={message}")
        git(self.author, "push", "--quiet", "origin", "HEAD")
        return git(self.author, "rev-parse", "HEAD").strip()

    def release(self, message: str, *environments: str, tag: str) -> str:
        """Writes a version to the overlays of some environments, and returns the commit."""
        for name in environments:
            file = self.author / overlay(name) / "kustomization.yaml"
            text = re.sub(r'newTag: ".*"\n(    digest: .*\n)?', f'newTag: "{tag}"\n', file.read_text())
            file.write_text(text)
        return self.commit(message)

    def release_badly(self) -> None:
        """Breaks dev and prod with one commit that adds a file too, and lets dev go on from there."""
        file = self.author / overlay("prod") / "kustomization.yaml"
        file.write_text(file.read_text().replace("  - availability.yaml\n", "  - availability.yaml\n  - extra.yaml\n"))
        extra = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "extra"}}
        self.write(f"{overlay('prod')}/extra.yaml", json.dumps(extra))
        self.bad = self.release("Release 3", "dev", "prod", tag="3.0.0")
        self.release("Try another one in dev", "dev", tag="3.0.1")

    def release_badly_by_merge(self) -> None:
        """Does the same on a branch of two commits, which is merged after others went on."""
        git(self.author, "switch", "--quiet", "--create", "release", "HEAD~1")
        self.release("Start release 2 again", "dev", "prod", tag="2.0.0")
        self.release("Release 3", "dev", "prod", tag="3.0.0")
        git(self.author, "switch", "--quiet", "main")
        self.write("NOTES.md", "something else\n")
        self.commit("Write notes")
        git(
            self.author,
            "merge",
            "--quiet",
            "--no-ff",
            "--strategy-option=theirs",
            "--message=Merge release 3",
            "release",
        )
        git(self.author, "push", "--quiet", "origin", "HEAD")
        self.release("Try another one in dev", "dev", tag="3.0.1")

    def head(self, revision: str = "main") -> str:
        return git(self.host, "rev-parse", revision).strip()


def overlay(environment: str) -> str:
    return f"apps/web/overlays/{environment}"


@pytest.fixture(scope="session")
def made(default: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository of the default answers, committed; tests only clone it."""
    folder = tmp_path_factory.mktemp("made") / "gitops"
    run("cp", "-r", default, folder, cwd=folder.parent)
    return checkout.commit(folder)


@pytest.fixture
def repositories(made: Path, tmp_path: Path) -> Repositories:
    return Repositories(made, tmp_path)


def first_step(folder: Path) -> list[str]:
    """Returns the shell blocks that put the old files back: look, restore, push."""
    look, restore, push = blocks(section(page(folder, "docs/rollback.md"), "## 1. Put the old files back"))
    return [look, restore, push]


def row(folder: Path, start: str) -> list[str]:
    """Returns the commands that a row of the table in the first step names."""
    text = section(page(folder, "docs/rollback.md"), "## 1. Put the old files back")
    line = next(line for line in text.splitlines() if line.startswith(f"| {start}"))
    return [word for word in re.findall(r"`([^`]+)`", line.rpartition(" | ")[2]) if word.startswith("git ")]


@pytest.mark.parametrize("how", ["by one commit", "by a merge"])
def test_the_first_step_takes_one_environment_back(repositories: Repositories, default: Path, how: str) -> None:
    repositories.release_badly() if how == "by one commit" else repositories.release_badly_by_merge()
    before = repositories.head()
    done = shell("\n".join(first_step(default)), repositories.clone / "docs")
    assert done.returncode == 0, done.stderr
    after = repositories.head()
    assert after.startswith(done.stdout.splitlines()[-1])
    assert git(repositories.host, "rev-parse", f"{after}~1").strip() == before
    assert git(repositories.host, "diff", "--name-only", repositories.good, after, "--", overlay("prod")) == ""
    changed = git(repositories.host, "diff", "--name-only", before, after).splitlines()
    assert changed
    assert all(name.startswith(f"{overlay('prod')}/") for name in changed)
    assert git(repositories.host, "log", "-1", "--format=%s", after).startswith("Roll back web in prod to ")


def test_after_it_prod_is_rendered_as_before_and_the_others_as_they_were(
    repositories: Repositories, default: Path, kustomize: str
) -> None:
    def rendered(revision: str, environment: str) -> str:
        git(repositories.author, "fetch", "--quiet")
        git(repositories.author, "switch", "--quiet", "--detach", revision)
        done = run(kustomize, "build", overlay(environment), cwd=repositories.author)
        assert done.returncode == 0, done.stderr
        return done.stdout

    repositories.release_badly()
    before = repositories.head()
    assert shell("\n".join(first_step(default)), repositories.clone).returncode == 0
    after = repositories.head()
    assert rendered(after, "prod") == rendered(repositories.good, "prod") != rendered(before, "prod")
    for environment in ("dev", "staging"):
        assert rendered(after, environment) == rendered(before, environment)


def test_changes_that_somebody_has_begun_stay_out_of_the_rollback(repositories: Repositories, default: Path) -> None:
    repositories.release_badly()
    begun = repositories.clone / "docs" / "rollback.md"
    begun.write_text("begun\n")
    git(repositories.clone, "add", "--all")
    done = shell("\n".join(first_step(default)), repositories.clone)
    assert done.returncode == 0, done.stderr
    assert "docs/rollback.md" not in git(repositories.host, "show", "--name-only", "--format=", "main")
    assert git(repositories.clone, "diff", "--cached", "--name-only") == "docs/rollback.md\n"


def test_changes_in_the_same_place_are_put_aside(repositories: Repositories, default: Path) -> None:
    repositories.release_badly()
    begun = repositories.clone / overlay("prod") / "kustomization.yaml"
    begun.write_text("begun\n")
    steps = "\n".join(first_step(default))
    assert "would be overwritten" in shell(steps, repositories.clone).stderr
    (stash,) = row(default, "switch: `local changes")
    assert shell(f"{stash}\n{steps}", repositories.clone).returncode == 0
    assert git(repositories.host, "diff", "--name-only", repositories.good, "main", "--", overlay("prod")) == ""
    assert "begun" in git(repositories.clone, "stash", "show", "--patch")


def test_somebody_who_was_faster_does_not_stop_it(repositories: Repositories, default: Path) -> None:
    repositories.release_badly()
    look, restore, push = first_step(default)
    commit, rest = push.split("\n", 1)
    assert shell(look + restore + commit, repositories.clone).returncode == 0
    faster = repositories.release("Go on in dev", "dev", tag="3.0.2")
    refused = shell(rest, repositories.clone)
    assert refused.returncode != 0
    assert "fetch first" in refused.stderr or "non-fast-forward" in refused.stderr
    fetch, rebase = row(default, "push: `non-fast-forward`")
    assert shell(f"{fetch}\n{rebase}\n{rest}", repositories.clone).returncode == 0
    assert git(repositories.host, "rev-parse", "main~1").strip() == faster
    assert git(repositories.host, "diff", "--name-only", repositories.good, "main", "--", overlay("prod")) == ""


def test_a_protected_branch_gets_it_by_another_one(repositories: Repositories, default: Path) -> None:
    repositories.release_badly()
    before = repositories.head()
    hook = repositories.host / "hooks" / "update"
    hook.write_text('#!/bin/sh\n[ "$1" != refs/heads/main ]\n')
    hook.chmod(0o755)
    steps = first_step(default)
    assert shell("\n".join(steps), repositories.clone).returncode != 0
    assert repositories.head() == before
    (aside,) = row(default, "push: the branch is protected")
    assert shell(f"{steps[0]}\ngit switch --detach -\n{aside}", repositories.clone).returncode == 0
    assert (
        git(repositories.host, "diff", "--name-only", repositories.good, "rollback-web-prod", "--", overlay("prod"))
        == ""
    )


def test_a_revert_of_the_whole_commit_does_what_the_page_warns_of(repositories: Repositories) -> None:
    repositories.release_badly()
    git(repositories.clone, "pull", "--quiet")
    done = run("git", "revert", "--no-edit", repositories.bad, cwd=repositories.clone)
    assert done.returncode != 0
    assert f"{overlay('dev')}/kustomization.yaml" in done.stdout


@pytest.mark.parametrize("place", ["apps/$app/base", "argocd/envs/$env/$app.yaml", "bootstrap/argocd"])
def test_the_first_step_works_with_the_other_places(repositories: Repositories, default: Path, place: str) -> None:
    assert f"`{place}`" in page(default, "docs/rollback.md") or f'"{place}"' in page(default, "docs/rollback.md")
    path = place.replace("$app", "web").replace("$env", "prod")
    file = path if path.endswith(".yaml") else f"{path}/kustomization.yaml"
    text = (repositories.author / file).read_text()
    for comment in ("one", "two"):
        repositories.write(file, f"{text}# {comment}\n")
        repositories.commit(f"Write {comment}")
    steps = "\n".join(first_step(default))
    assert shell(steps.replace(PLACE, place), repositories.clone).returncode == 0
    assert git(repositories.host, "show", f"main:{file}") == f"{text}# one\n"


def test_an_application_that_was_deleted_in_git_comes_back_alone(repositories: Repositories, default: Path) -> None:
    listed = repositories.author / "argocd/envs/prod/kustomization.yaml"
    text = listed.read_text()
    other = repositories.author / "argocd/envs/prod/mail.yaml"
    web = (repositories.author / "argocd/envs/prod/web.yaml").read_text()
    listed.write_text(f"{text}  - mail.yaml\n")
    other.write_text("mail\n")
    before = repositories.commit("Add mail")
    listed.write_text(text.replace("web.yaml", "mail.yaml"))
    git(repositories.author, "rm", "-r", "--quiet", "argocd/envs/prod/web.yaml", overlay("prod"))
    repositories.commit("Delete web in prod")
    other.write_text("mail, changed\n")
    repositories.commit("Change mail")
    git(repositories.clone, "pull", "--quiet")
    (block,) = blocks(section(page(default, "docs/disaster-recovery.md"), "## Somebody deleted an Application"))
    done = shell(block, repositories.clone)
    assert done.returncode == 0, done.stderr
    assert (repositories.clone / "argocd/envs/prod/web.yaml").read_text() == web
    assert git(repositories.clone, "diff", "--cached", "--name-only", before) == "argocd/envs/prod/mail.yaml\n"


def test_a_repository_moves_to_another_address(repositories: Repositories, default: Path, tmp_path: Path) -> None:
    new = tmp_path / "elsewhere.git"
    git(tmp_path, "init", "--quiet", "--bare", str(new))
    _, move, _ = blocks(section(page(default, "docs/disaster-recovery.md"), "## This repository is lost"))
    steps = [line for line in move.splitlines() if not line.startswith("gitopsmith ")]
    done = shell("\n".join(steps).replace("NEW_URL", str(new)), repositories.clone)
    assert done.returncode == 0, done.stderr
    found = run("git", "grep", "-lF", DEFAULT.repo_url, "main", cwd=new)
    assert (found.returncode, found.stdout) == (1, "")
    assert git(repositories.clone, "status", "--short") == ""


def test_kubectl_understands_what_is_asked_of_it(case: tuple[Answers, Path], tmp_path: Path) -> None:
    kubectl = program("kubectl")
    live = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "web-prod", "namespace": "argocd"},
        "data": {"password": "cGFzc3dvcmQ=", "webhook.github.secret": "c2VjcmV0", "webhook.gitlab.secret": "c2VjcmV0"},
        "status": {
            "sync": {"status": "Synced", "revision": "0123abc"},
            "health": {"status": "Healthy"},
            "summary": {"images": ["web:1"]},
            "conditions": [{"type": "SyncError", "message": "one"}, {"type": "ComparisonError", "message": "two"}],
            "operationState": {"phase": "Running", "message": "waiting"},
        },
    }
    (tmp_path / "live.json").write_text(json.dumps(live))
    local = (kubectl, "annotate", "--local", "-f", "live.json", "a=b")
    expected = {
        '0123abc Synced Healthy ["web:1"]\n',
        "Synced Healthy waiting\n",
        "SyncError: one\nComparisonError: two\n",
        "cGFzc3dvcmQ=",
        "c2VjcmV0",
    }
    text = "\n".join("\n".join(blocks(page(case[1], name))) for name in PAGES)
    asked = [run(*local, "-o", f"jsonpath={path}", cwd=tmp_path) for path in re.findall(r"jsonpath='([^']+)'", text)]
    assert len(asked) >= 3
    assert [done.stderr for done in asked if done.returncode] == []
    assert {done.stdout for done in asked} <= expected
    (patch,) = re.findall(r"-p '([^']+)'", text)
    done = run(kubectl, "patch", "--local", "-f", "live.json", "--type=merge", "-p", patch, "-o", "json", cwd=tmp_path)
    assert json.loads(done.stdout)["status"]["operationState"] == {"phase": "Terminating", "message": "waiting"}
