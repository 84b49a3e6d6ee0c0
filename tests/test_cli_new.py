"""``gitopsmith new`` as a user runs it: by flags, by a file, by questions on a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
import termios
from collections.abc import Sequence
from pathlib import Path

import pytest

from checkout import git
from gitopsmith import answers
from gitopsmith.answers import DEMO_IMAGE, Answers, Application, Environment, Team
from repository import PROGRAM, initialise, run, write

URL = "https://github.com/acme/gitops.git"


def new(folder: Path, *arguments: str) -> tuple[int, str, str]:
    """Makes a repository without a network; returns the exit code, stdout and stderr."""
    done = run("new", "--no-fetch", *arguments, cwd=folder)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def kept(folder: Path) -> Answers:
    return answers.read(folder / answers.FILE_NAME)


# --- flags


def test_defaults_make_a_repository_and_say_what_to_do_next(tmp_path: Path) -> None:
    status, said, notes = new(tmp_path, "fleet", "--repo-url", URL)
    assert (status, said.splitlines()[0]) == (0, f"made {count(tmp_path / 'fleet')} files in fleet; what to do next:")
    assert all(line.startswith("  ") for line in said.splitlines()[1:])
    assert notes.startswith("note: Argo CD is named by its URL")
    assert kept(tmp_path / "fleet") == Answers(URL)


def count(folder: Path) -> int:
    return sum(path.is_file() and ".git" not in path.parts for path in folder.rglob("*"))


def test_every_answer_has_a_flag(tmp_path: Path) -> None:
    digest = "sha256:" + "0123456789abcdef" * 4
    flags = {
        "repo-url": "https://gitlab.example.com/acme/gitops.git",
        "branch": "release",
        "credential": "token",
        "environments": "dev,test@east,prod@east",
        "protected": "test,prod",
        "app-team": "web=payments",
        "app-port": "web=3000",
        "app-path": "web=/healthz?full=1",
        "argocd-version": "3.5.7",
        "kubernetes-version": "1.30",
        "secrets": "sealed-secrets",
        "monitoring": "prometheus-operator",
        "prometheus-release": "monitoring",
        "argocd-host": "argocd.example.com",
        "ingress-class": "nginx",
        "oidc-issuer": "https://login.example.com",
        "admin-group": "platform",
        "on-call-group": "on-call",
        "slack-channel": "alerts",
        "ci": "github",
        "scale": "400",
        "tool-source": "gitopsmith==1.2.3",
    }
    given = [part for name, value in flags.items() for part in (f"--{name}", value)]
    lists = ("--app", f"web=ghcr.io/acme/web:1.4.2@{digest}", "--app", "mail=acme/mail:1.20", "--app-team", "mail=apps")
    teams = ("--team", "payments=acme:payments", "--team", "apps")
    status, _, said = new(tmp_path, "fleet", *given, *lists, *teams, "--prune-confirm")
    assert (status, "is tested with Kubernetes 1.33 to 1.36, not with 1.30" in said) == (0, True)
    assert kept(tmp_path / "fleet") == Answers(
        repo_url="https://gitlab.example.com/acme/gitops.git",
        branch="release",
        credential="token",
        environments=(
            Environment("dev"),
            Environment("test", "east", protected=True),
            Environment("prod", "east", protected=True),
        ),
        applications=(
            Application("web", "payments", f"ghcr.io/acme/web:1.4.2@{digest}", 3000, "/healthz?full=1"),
            Application("mail", "apps", "acme/mail:1.20"),
        ),
        teams=(Team("payments", "acme:payments"), Team("apps")),
        argocd_version="3.5.7",
        kubernetes_version="1.30",
        secrets="sealed-secrets",
        monitoring="prometheus-operator",
        prometheus_release="monitoring",
        argocd_host="argocd.example.com",
        ingress_class="nginx",
        oidc_issuer="https://login.example.com",
        admin_group="platform",
        on_call_group="on-call",
        slack_channel="alerts",
        ci="github",
        scale=400,
        prune_confirm=True,
        tool_source="gitopsmith==1.2.3",
    )


WRONG = {
    "no repository": ((), "answer 'repo_url': is missing; write https://HOST/OWNER/NAME.git"),
    "no such word": (("--ci", "githb"), "answer 'ci': takes only github or gitlab; did you mean 'github'?"),
    "no such environment": (("--protected", "prd"), "answer 'protected': 'prd' is not there; did you mean 'prod'?"),
    "no such application": (("--app-port", "wbe=80"), "answer 'app-port': 'wbe' is not there; did you mean 'web'?"),
    "port of what": (("--app-port", "8080"), "'8080' does not say of what; write NAME=VALUE, such as web=8080"),
    "port in words": (("--app-port", "web=http"), "answer 'app-port': 'web=http' does not say of what"),
    "image that moves": (("--app", "web=acme/web:latest"), "answer 'applications[web].image': tag 'latest' moves"),
    "two mistakes": (("--secrets", "vault", "--scale", "0"), "answer 'scale': 0 is no number of applications"),
}  # fmt: skip


@pytest.mark.parametrize(("arguments", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_flag_is_refused_and_nothing_is_left_behind(
    tmp_path: Path, arguments: Sequence[str], message: str
) -> None:
    where = () if message.startswith("answer 'repo_url'") else ("--repo-url", URL)
    status, said, complaint = new(tmp_path, "fleet", *where, *arguments)
    assert (status, said, message in complaint) == (2, "", True)
    assert list(tmp_path.iterdir()) == []


def test_no_environment_is_protected_where_that_is_said(tmp_path: Path) -> None:
    assert new(tmp_path, "fleet", "--repo-url", URL, "--environments", "dev", "--protected", "")[0] == 0
    assert kept(tmp_path / "fleet").environments == (Environment("dev"),)


def test_an_installation_from_a_file_is_taken_only_when_it_is_one(tmp_path: Path) -> None:
    write(tmp_path, {"install.yaml": "kind: List\n"})
    arguments = ("--repo-url", URL, "--argocd-install", "install.yaml")
    status, _, complaint = new(tmp_path, "fleet", *arguments)
    assert (status, "argocd-install: install.yaml is not" in complaint) == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == ["install.yaml"]


# --- the clone in the folder


@pytest.mark.parametrize(
    ("remote", "url", "ci", "credential"),
    [
        (URL, URL, "github", "none"),
        ("https://x-access-token:s3cr3t@github.com/acme/gitops", "https://github.com/acme/gitops", "github", "none"),
        ("https://gitlab.com/acme/gitops", "https://gitlab.com/acme/gitops.git", "gitlab", "none"),
        ("git@gitlab.com:acme/gitops.git", "git@gitlab.com:acme/gitops.git", "gitlab", "deploy-key"),
    ],
    ids=["https", "with a token", "GitLab", "ssh"],
)
def test_the_remote_of_a_clone_tells_the_rest(tmp_path: Path, remote: str, url: str, ci: str, credential: str) -> None:
    folder = initialise(write(tmp_path / "fleet", {"LICENSE": "Yours.\n"}), remote)
    assert new(folder)[0] == 0
    assert kept(folder) == Answers(url, ci=ci, credential=credential)
    assert "s3cr3t" not in "".join(path.read_text() for path in folder.rglob("*.*") if path.suffix in {".md", ".yaml"})


def test_origin_counts_before_another_remote_and_a_flag_before_both(tmp_path: Path) -> None:
    folder = write(tmp_path / "fleet", {"LICENSE": "Yours.\n"})
    git(folder, "init", "--quiet")
    git(folder, "remote", "add", "fork", "https://github.com/me/fork.git")
    git(folder, "remote", "add", "origin", URL)
    assert new(tmp_path, "fleet", "--branch", "x..y")[0] == 2
    assert new(tmp_path, "fleet")[0] == 0
    assert kept(folder).repo_url == URL
    other = initialise(write(tmp_path / "other", {"LICENSE": "Yours.\n"}))
    assert new(tmp_path, "other", "--repo-url", URL)[0] == 0
    assert kept(other).repo_url == URL


@pytest.mark.parametrize("remote", ["/srv/git/fleet.git", "../fleet"])
def test_a_remote_that_argo_cd_cannot_reach_does_not_count(tmp_path: Path, remote: str) -> None:
    folder = initialise(write(tmp_path / "fleet", {"LICENSE": "Yours.\n"}), remote)
    status, _, complaint = new(folder)
    assert (status, "answer 'repo_url': is missing" in complaint) == (2, True)


def test_the_remote_of_a_repository_around_the_folder_does_not_count(tmp_path: Path) -> None:
    (initialise(tmp_path) / "fleet").mkdir()
    status, _, complaint = new(tmp_path, "fleet")
    assert (status, "answer 'repo_url': is missing" in complaint) == (2, True)


# --- a file


def test_flags_win_over_a_file_and_a_file_over_the_remote(tmp_path: Path) -> None:
    initialise(write(tmp_path / "fleet", {"LICENSE": "Yours.\n"}), "https://github.com/me/fork.git")
    write(tmp_path, {"a.yaml": f"repo_url: {URL}\nenvironments: dev,prod\nscale: 10\napplications: web\n"})
    flags = ("--answers", "a.yaml", "--scale", "20", "--protected", "dev", "--app-team", "web=shop")
    assert new(tmp_path, "fleet", *flags)[0] == 0
    assert kept(tmp_path / "fleet") == Answers(
        URL,
        scale=20,
        environments=(Environment("dev", protected=True), Environment("prod")),
        teams=(Team("shop"),),
        applications=(Application("web", "shop", DEMO_IMAGE, 9898, "/readyz"),),
    )


def test_the_remote_counts_where_a_file_names_no_repository(tmp_path: Path) -> None:
    (tmp_path / "fleet").mkdir()
    initialise(tmp_path / "fleet", URL)
    write(tmp_path, {"a.yaml": "scale: 10\n"})
    assert new(tmp_path, "fleet", "--answers", "a.yaml")[0] == 0
    assert kept(tmp_path / "fleet") == Answers(URL, scale=10)


def test_what_is_wrong_is_placed_in_the_file_unless_a_flag_said_it(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": f"repo_url: {URL}\nscale: 10\nci: githb\n"})
    status, said, complaint = new(tmp_path, "fleet", "--answers", "a.yaml", "--scale", "0")
    assert (status, said) == (2, "")
    assert complaint.splitlines() == [
        "gitopsmith: answer 'scale': 0 is no number of applications; write one from 1 to 10000",
        "a.yaml:3:5: answer 'ci': takes only github or gitlab; did you mean 'github'?",
    ]


def test_what_a_repository_keeps_makes_the_same_repository(tmp_path: Path) -> None:
    assert new(tmp_path, "one", "--repo-url", URL, "--app", "web,mail", "--environments", "dev,prod@east")[0] == 0
    assert new(tmp_path, "two", "--answers", f"one/{answers.FILE_NAME}")[0] == 0
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_several_teams_share_the_demonstration(tmp_path: Path) -> None:
    assert new(tmp_path, "fleet", "--repo-url", URL, "--team", "shop,payments")[0] == 0
    assert [item.team for item in kept(tmp_path / "fleet").applications] == ["shop"]


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# --- questions


END_OF_FILE = "\x04"


def converse(folder: Path, arguments: Sequence[str], lines: Sequence[tuple[str, str]]) -> tuple[int, str]:
    """Runs the program on a terminal where the lines are typed already, each under what it answers.

    Returns the exit code, and what was shown after the last of the questions, which all have to come in this order.
    """
    ours, theirs = pty.openpty()
    mode = termios.tcgetattr(theirs)
    mode[3] &= ~termios.ECHO
    termios.tcsetattr(theirs, termios.TCSANOW, mode)
    os.write(ours, "".join(f"{line}\n" for _, line in lines).encode() + END_OF_FILE.encode())
    command = (*PROGRAM, "new", "--no-fetch", *arguments)
    with subprocess.Popen(command, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        shown = "".join(iter(lambda: read(ours), "")).replace("\r\n", "\n")
    os.close(ours)
    rest = shown
    for question, _ in lines:
        assert question in rest, f"{question!r} does not come next:\n{shown}"
        rest = rest.partition(question)[2]
    return process.returncode, rest


def read(terminal: int) -> str:
    try:
        return os.read(terminal, 4096).decode()
    except OSError:  # how Linux says that nobody is left at the other end
        return ""


QUESTIONS = (
    ("URL of the repository, as Argo CD reads it: ", "https://me:s3cr3t@github.com/acme/gitops.git"),
    ("leave out what stands before the host", f"{URL}"),
    ("Environments in promotion order, with ! for protected ones [dev,staging,prod!]: ", "Dev,prod"),
    ("'Dev' is no name in Kubernetes; write small letters, digits and '-', a letter first, such as dev", "dev,prod"),
    ("Applications [web]: ", "web,mail"),
    ("Teams that own them [apps]: ", "apps,payments"),
    ("Team that owns web: ", "app"),
    ("'app' is not among the teams; did you mean 'apps'?", "apps"),
    ("Image of web (else a demonstration): ", ""),
    ("Team that owns mail: ", "payments"),
    ("Image of mail (else a demonstration): ", "acme/mail"),
    ("write acme/mail:VERSION", "acme/mail:1.20"),
    ("Port on which mail answers [8080]: ", "many"),
    ("write a number", "1025"),
    ("Path that tells whether mail is well: ", ""),
    ("What opens the repository to Argo CD (none, github-app, token) [none]: ", "token"),
    ("Where checks run (github, gitlab) [github]: ", ""),
    ("What brings secrets into the cluster (external-secrets, sealed-secrets, none) [none]: ", ""),
    ("What watches Argo CD (none, prometheus-operator) [none]: ", ""),
    ("Host under which people reach Argo CD: ", "argocd.example.com"),
    ("URL of the OpenID Connect issuer that people log in with: ", "https://login.example.com"),
    ("Group whose people are admins of Argo CD: ", ""),
    ("nobody else can be admin", "platform"),
)


def test_questions_are_asked_until_their_answers_are_right(tmp_path: Path) -> None:
    status, shown = converse(tmp_path, ("fleet",), QUESTIONS)
    assert (status, f"made {count(tmp_path / 'fleet')} files in fleet" in shown) == (0, True)
    assert kept(tmp_path / "fleet") == Answers(
        URL,
        credential="token",
        environments=(Environment("dev"), Environment("prod", protected=True)),
        applications=(
            Application("web", "apps", DEMO_IMAGE, 9898, "/readyz"),
            Application("mail", "payments", "acme/mail:1.20", 1025),
        ),
        teams=(Team("apps"), Team("payments")),
        argocd_host="argocd.example.com",
        oidc_issuer="https://login.example.com",
        admin_group="platform",
    )


def test_what_flags_and_the_clone_tell_is_not_asked(tmp_path: Path) -> None:
    (tmp_path / "fleet").mkdir()
    initialise(tmp_path / "fleet", "git@gitlab.com:acme/gitops.git")
    flags = ("fleet", "--environments", "dev,prod", "--app", "web", "--team", "apps", "--secrets", "none")
    lines = (
        ("URL of the repository, as Argo CD reads it [git@gitlab.com:acme/gitops.git]: ", ""),
        ("Image of web (else a demonstration): ", ""),
        ("Where checks run (github, gitlab) [gitlab]: ", ""),
        ("What watches Argo CD (none, prometheus-operator) [none]: ", ""),
        ("Host under which people reach Argo CD: ", ""),
    )
    status, rest = converse(tmp_path, flags, lines)
    assert (status, f"\nmade {count(tmp_path / 'fleet')} files in fleet; " in rest) == (0, True)
    assert kept(tmp_path / "fleet").credential == "deploy-key"


def test_a_wrong_flag_is_told_before_anything_is_asked(tmp_path: Path) -> None:
    status, shown = converse(tmp_path, ("fleet", "--ci", "githb"), ())
    assert (status, shown) == (2, "gitopsmith: answer 'ci': takes only github or gitlab; did you mean 'github'?\n")


@pytest.mark.parametrize("arguments", [("--yes",), ("--answers", "a.yaml")], ids=["yes", "answers"])
def test_nothing_is_asked_where_that_is_said(tmp_path: Path, arguments: Sequence[str]) -> None:
    write(tmp_path, {"a.yaml": "scale: 50\n"})
    status, shown = converse(tmp_path, ("fleet", "--repo-url", URL, *arguments), ())
    assert (status, "A few questions" in shown) == (0, False)
    assert kept(tmp_path / "fleet") == Answers(URL)


def test_leaving_in_the_middle_leaves_nothing_behind(tmp_path: Path) -> None:
    status, shown = converse(tmp_path, ("fleet",), (QUESTIONS[0], ("before the host", END_OF_FILE)))
    assert (status, shown.endswith("gitopsmith: interrupted\n"), list(tmp_path.iterdir())) == (130, True, [])


def test_help_tells_every_answer_and_what_stands_for_it(tmp_path: Path) -> None:
    status, said, _ = new(tmp_path, "--help")
    assert status == 0
    for name in ("repo-url", "environments", "app", "team", "secrets", "argocd-host", "scale", "tool-source"):
        assert f"--{name} " in said
    for words in answers.CHOICES.values():
        assert "|".join(words) in said
