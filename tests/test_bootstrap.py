"""``gitopsmith bootstrap``: what it checks before it changes anything, and how it understands what it finds."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import checkout
import gitserver
from bootstrapping import GIVEN, bootstrap, make, outcomes
from conftest import program
from gitopsmith.bootstrap import access, existing, install, progress, steps
from gitopsmith.bootstrap import checkout as asked
from gitopsmith.bootstrap.checks import Outcome
from gitopsmith.bootstrap.credential import from_environment, from_secret
from gitopsmith.finding import Failure
from gitopsmith.kubectl import scrub
from gitopsmith.live.reading import REFRESH
from gitserver import GitServer
from repository import PROGRAM, executable

Fleet = Callable[..., Path]


@pytest.fixture
def fleet(tmp_path: Path) -> Fleet:
    """Makes a repository from answers."""
    return functools.partial(make, tmp_path)


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """A small repository, committed and pushed."""
    root = tmp_path / "plain"
    root.mkdir()
    (root / "x.yaml").write_text("a: 1\n")
    checkout.git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", "origin.git")
    checkout.commit(root)
    checkout.git(root, "push", "--quiet", str(tmp_path / "origin.git"), "HEAD:main")
    return root


@pytest.fixture
def private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitServer]:
    """A host of private repositories, which this process trusts."""
    with gitserver.running(tmp_path) as server:
        for name, value in server.trust.items():
            monkeypatch.setenv(name, value)
        yield server


# Before anything is changed


@pytest.mark.slow
def test_all_that_is_wrong_is_told_at_once(fleet: Fleet) -> None:
    root = fleet(credential="token", repo_url="https://localhost:1/fleet.git")
    (root / "README.md").write_text("changed")
    done = bootstrap(root)
    assert outcomes(done.stdout) == {
        "work tree": "failed",
        "install": "ok",
        "context": "ok",
        "API server": "failed",
        "Argo CD": "skipped",
        "credential": "failed",
        "repository": "skipped",
    }
    assert "README.md not committed; Argo CD sees only what is committed and pushed" in done.stdout
    assert "nowhere at https://127.0.0.1:1" in done.stdout
    assert "it does not answer: The connection to the server 127.0.0.1:1 was refused" in done.stdout
    assert "set GITOPSMITH_TOKEN in the environment" in done.stdout
    assert (done.returncode, done.stderr) == (1, "gitopsmith: 3 of 7 checks failed; nothing was changed\n")


@pytest.mark.slow
def test_a_context_that_is_not_there_and_an_install_that_does_not_build_are_told(fleet: Fleet) -> None:
    root = fleet()
    (root / "bootstrap/argocd/namespace.yaml").unlink()
    checkout.git(root, "commit", "--quiet", "--all", "--message=break it")
    done = bootstrap(root, "--context=production")
    found = outcomes(done.stdout)
    assert (found["context"], found["install"], found["repository"]) == ("failed", "failed", "failed")
    assert "production; name one of `kubectl config get-contexts` by --context" in done.stdout.replace('"', "")
    assert "bootstrap/argocd does not build: " in done.stdout
    assert "1 commit not pushed; run git push file://" in done.stdout


def test_a_missing_kubectl_is_named(fleet: Fleet, tmp_path: Path) -> None:
    root = fleet()
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("git", "kustomize"):
        (folder / name).symlink_to(shutil.which(name) or program(name))
    if shutil.which("kubectl", path=str(Path(PROGRAM[0]).parent)):
        pytest.skip("this Python has a kubectl of its own")
    done = bootstrap(root, PATH=str(folder))
    assert outcomes(done.stdout)["context"] == "failed"
    assert "kubectl is not on PATH; install it" in done.stdout


def test_a_folder_that_gitopsmith_did_not_make_is_refused(tmp_path: Path) -> None:
    done = bootstrap(tmp_path)
    assert done.returncode == 2
    assert (
        ".gitopsmith/answers.yaml is missing; bootstrap works on a repository made by `gitopsmith new`" in done.stderr
    )


def change(root: Path, word: str) -> None:
    (root / "x.yaml").write_text(f"a: {word}\n")
    checkout.git(root, "commit", "--quiet", "--all", f"--message={word}")


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ("equal", "on main"),
        ("ahead", "2 commits not pushed; run git push"),
        ("behind", "main has 1 commit that what lies here has not; run git pull"),
        ("apart", "main has 1 commit of its own, and there are 1 here; merge them"),
        ("unknown", "which is not here; run git pull"),
        ("no branch", "has no branch 'release'; run git push"),
        ("gone", "cannot be read without a credential"),
    ],
)
def test_what_is_here_is_compared_with_what_argocd_will_read(plain: Path, state: str, message: str) -> None:
    origin = plain.parent / "origin.git"
    given = replace(GIVEN, repo_url=f"file://{origin}")
    if state in {"ahead", "behind", "apart"}:
        change(plain, "2")
    if state == "ahead":
        change(plain, "3")
    if state in {"behind", "apart"}:
        checkout.git(plain, "push", "--quiet", str(origin), "HEAD:main")
        checkout.git(plain, "reset", "--quiet", "--hard", "HEAD~1")
    if state == "apart":
        change(plain, "4")
    if state == "unknown":
        checkout.git(plain.parent, "clone", "--quiet", str(origin), "other")
        change(plain.parent / "other", "5")
        checkout.git(plain.parent / "other", "push", "--quiet", "origin", "HEAD:main")
    if state == "no branch":
        given = replace(given, branch="release")
    if state == "gone":
        given = replace(given, repo_url=f"file://{origin}-gone")
    said = asked.remote(plain, given, None, "")
    assert said.outcome is (Outcome.PASSED if state == "equal" else Outcome.FAILED)
    assert message in said.message


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ("clean", "everything committed"),
        ("changed", "x.yaml not committed"),
        ("untracked", "1.yaml, 2.yaml, 3.yaml and 2 more not committed"),
        ("below", "is not the top of its git work tree"),
        ("none", "is no git work tree; Argo CD reads from git"),
        ("empty", "nothing is committed yet"),
    ],
)
def test_the_work_tree_must_be_committed(plain: Path, tmp_path: Path, state: str, message: str) -> None:
    folder = plain
    if state == "changed":
        (plain / "x.yaml").write_text("b: 2\n")
    if state == "untracked":
        for number in range(1, 6):
            (plain / f"{number}.yaml").write_text("")
    if state == "below":
        folder = plain / "below"
        folder.mkdir()
    if state in {"none", "empty"}:
        folder = tmp_path / state
        folder.mkdir()
    if state == "empty":
        checkout.git(folder, "init", "--quiet")
    said = asked.work_tree(folder)
    assert said.outcome is (Outcome.PASSED if state == "clean" else Outcome.FAILED)
    assert message in said.message


# The credential that Argo CD will use


@pytest.mark.slow
@pytest.mark.parametrize(
    ("token", "message"),
    [
        (gitserver.PASSWORD, " on main"),
        ("tok-that-was-revoked", "cannot be read with the token from GITOPSMITH_TOKEN:\nfatal: "),
        ("", "cannot be read without a credential:\nfatal: "),
    ],
    ids=["right", "wrong", "none"],
)
def test_a_token_is_tried_on_the_repository_itself(plain: Path, private: GitServer, token: str, message: str) -> None:
    given = replace(GIVEN, repo_url=f"{private.url}/origin.git", credential="token" if token else "none")
    environment = {"GITOPSMITH_TOKEN": f"{token}\n", "GITOPSMITH_USERNAME": gitserver.USERNAME}
    found = from_environment("token", given.repo_url, environment) if token else None
    said = asked.remote(plain, given, found, "")
    assert message in said.message
    assert (said.outcome is Outcome.PASSED) == (token == gitserver.PASSWORD)
    assert not token or token not in said.message
    if not token:
        assert "if it is private, say so: the answer `credential`" in said.message


def test_what_this_user_could_read_does_not_count(
    plain: Path, private: GitServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A credential helper of the user's must not make up for the credential that Argo CD lacks."""
    helper = f"!printf 'username={gitserver.USERNAME}\\npassword={gitserver.PASSWORD}\\n'"
    config = tmp_path / "gitconfig"
    checkout.git(tmp_path, "config", "--file", str(config), "credential.helper", helper)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    url = f"{private.url}/origin.git"
    assert access.ask_as_user(url, "main").commit == checkout.git(plain, "rev-parse", "HEAD").strip()
    assert access.ask(url, "main", None, "").complaint


@pytest.fixture(scope="session")
def app_key(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The private and the public key of a GitHub App."""
    folder = tmp_path_factory.mktemp("app")
    private, public = folder / "app.pem", folder / "app.pub"
    openssl = program("openssl")
    subprocess.run((openssl, "genrsa", "-out", str(private), "2048"), check=True, capture_output=True)
    subprocess.run(
        (openssl, "rsa", "-in", str(private), "-pubout", "-out", str(public)), check=True, capture_output=True
    )
    return private, public


@pytest.mark.parametrize("which", ["the App's key", "another key", "another installation"])
def test_a_github_app_is_tried_as_argocd_does(
    plain: Path, private: GitServer, app_key: tuple[Path, Path], tmp_path: Path, which: str
) -> None:
    private.app_key = app_key[1]
    key = app_key[0]
    if which == "another key":
        key = tmp_path / "other.pem"
        subprocess.run((program("openssl"), "genrsa", "-out", str(key), "2048"), check=True, capture_output=True)
    given = replace(GIVEN, repo_url=f"{private.url}/origin.git", credential="github-app")
    environment = {
        "GITOPSMITH_GITHUB_APP_ID": gitserver.APP,
        "GITOPSMITH_GITHUB_APP_INSTALLATION_ID": "99" if which == "another installation" else gitserver.INSTALLATION,
        "GITOPSMITH_GITHUB_APP_KEY_FILE": str(key),
    }
    said = asked.remote(plain, given, from_environment("github-app", given.repo_url, environment), "")
    if which == "the App's key":
        assert (said.outcome, said.message.endswith("on main")) == (Outcome.PASSED, True), said.message
    else:
        expected = f"{private.url}/api/v3 refuses the GitHub App: 401 A JSON web token could not be decoded"
        assert (said.outcome, said.message) == (Outcome.FAILED, expected)


def test_a_deploy_key_is_tried_with_argocd_s_known_hosts_and_nothing_else(
    plain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ssh_key: Path
) -> None:
    """The way over ssh ends in a script that looks at how it is called, and speaks git's protocol when all is right."""
    script = (
        f'printf "%s\\n" "$@" >{tmp_path}/arguments; hosts=$(printf "%s\\n" "$@" | sed -n s/^UserKnownHostsFile=//p)\n'
        f'cp "$hosts" {tmp_path}/hosts; exec git-upload-pack {tmp_path}/origin.git'
    )
    folder = executable(tmp_path / "bin/ssh", script).parent
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    given = replace(GIVEN, repo_url="git@git.example.com:team/fleet.git", credential="deploy-key")
    found = from_environment("deploy-key", given.repo_url, {"GITOPSMITH_SSH_KEY_FILE": str(ssh_key)})
    said = asked.remote(plain, given, found, "git.example.com ssh-ed25519 AAAA\n")
    assert said.outcome is Outcome.PASSED, said.message
    arguments = (tmp_path / "arguments").read_text().splitlines()
    assert f"IdentityFile={ssh_key}" in arguments
    assert {"IdentitiesOnly=yes", "StrictHostKeyChecking=yes", "BatchMode=yes"} <= set(arguments)
    assert arguments[:2] == ["-F", os.devnull]
    assert (tmp_path / "hosts").read_text() == "git.example.com ssh-ed25519 AAAA\n"


@pytest.fixture
def ssh_key(tmp_path: Path) -> Path:
    return _ssh_key(tmp_path / "id")


def _ssh_key(path: Path, passphrase: str = "") -> Path:
    command = (program("ssh-keygen"), "-q", "-t", "ed25519", "-N", passphrase, "-f", str(path))
    subprocess.run(command, check=True, capture_output=True)
    return path


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("public", "holds no private key; give the private half"),
        ("passphrase", "asks for a passphrase; Argo CD can use only a key without one"),
        ("encrypted", "asks for a passphrase"),
        ("gone", "cannot be read: No such file or directory"),
        ("folder", "cannot be read: Is a directory"),
        ("binary", "holds no private key"),
    ],
)
def test_a_key_that_argocd_cannot_use_is_refused_before_it_is_used(tmp_path: Path, what: str, message: str) -> None:
    path = tmp_path / "key"
    if what == "public":
        path = _ssh_key(path).with_suffix(".pub")
    elif what == "passphrase":
        _ssh_key(path, "opensesame")
    elif what == "encrypted":
        encrypt = ("genrsa", "-aes256", "-passout", "pass:opensesame", "-out", str(path), "2048")
        subprocess.run((program("openssl"), *encrypt), check=True, capture_output=True)
    elif what == "folder":
        path.mkdir()
    elif what == "binary":
        path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Failure, match=message) as caught:
        from_environment("deploy-key", "git@x:y", {"GITOPSMITH_SSH_KEY_FILE": str(path)})
    assert str(caught.value).startswith(f"GITOPSMITH_SSH_KEY_FILE names {path}, which ")


def test_half_a_github_app_is_named() -> None:
    with pytest.raises(
        Failure, match="GITOPSMITH_GITHUB_APP_INSTALLATION_ID and GITOPSMITH_GITHUB_APP_KEY_FILE must be"
    ):
        from_environment("github-app", "https://github.com/x/y", {"GITOPSMITH_GITHUB_APP_ID": "12"})


def test_a_credential_shows_no_value_in_any_representation() -> None:
    found = from_environment("token", "https://github.com/x/y", {"GITOPSMITH_TOKEN": "tok-123"})
    assert found is not None
    assert "tok-123" not in repr(found) + str(found)
    assert scrub("said tok-123 and dG9rLTEyMw==", found.secrets) == "said (secret) and (secret)"


@pytest.mark.parametrize("kind", ["token", "deploy-key", "github-app"])
def test_a_secret_of_another_kind_is_no_credential(kind: str) -> None:
    assert from_secret(kind, None) is None
    assert from_secret(kind, {"data": {"type": "Z2l0", "password": "not base64"}}) is None


# What is there already


def workload(namespace: str = "argocd", image: str = "quay.io/argoproj/argocd:v3.5.1") -> dict[str, Any]:
    spec = {"template": {"spec": {"containers": [{"name": "server", "image": image}]}}}
    return {"kind": "Deployment", "metadata": {"name": "argocd-server", "namespace": namespace}, "spec": spec}


def root_of(url: str) -> dict[str, Any]:
    return {"metadata": {"name": "platform-in-cluster"}, "spec": {"source": {"repoURL": url}}}


URL, WANTED = "https://git.example.com/team/fleet.git", "quay.io/argoproj/argocd:v3.6.1"
OURS = {"metadata": {"annotations": {existing.ANNOTATION: URL}}}
FOUND: dict[str, tuple[Any, list[Any], list[Any], Outcome, str]] = {
    "nothing": (None, [], [], Outcome.PASSED, f"none in this cluster yet; {WANTED} will be installed"),
    "ours, interrupted": (OURS, [], [], Outcome.PASSED, "none in this cluster yet"),
    "ours": (OURS, [workload(image=WANTED)], [], Outcome.PASSED, f"{WANTED}, from this repository"),
    "ours, older": (OURS, [workload()], [], Outcome.PASSED, f"from this repository; the repository has {WANTED}"),
    "ours by its root": ({}, [workload()], [root_of(URL.removesuffix(".git"))], Outcome.PASSED, "from this repository"),
    "of another repository": (
        {"metadata": {"annotations": {existing.ANNOTATION: "https://git.example.com/other.git"}}},
        [workload()],
        [],
        Outcome.FAILED,
        f"belongs to https://git.example.com/other.git, not to {URL}",
    ),
    "root of another repository": (
        {},
        [workload()],
        [root_of("https://git.example.com/other.git")],
        Outcome.FAILED,
        "belongs to https://git.example.com/other.git",
    ),
    "of somebody": ({}, [workload()], [], Outcome.FAILED, "argocd:v3.5.1) that did not come from this repository"),
    "in another namespace": (
        None,
        [workload("gitops")],
        [],
        Outcome.FAILED,
        "namespace gitops holds an Argo CD already",
    ),
}


@pytest.mark.parametrize("case", FOUND)
def test_an_argocd_that_is_not_ours_is_left_alone(case: str) -> None:
    namespace, workloads, applications, outcome, message = FOUND[case]
    said = existing.judge(URL, namespace, workloads, applications, WANTED)
    assert said.outcome is outcome
    assert message in said.message


def test_the_install_is_parted_and_what_the_cluster_lacks_is_named() -> None:
    text = (
        "kind: Service\napiVersion: v1\nmetadata: {name: a}\n---\n"
        "kind: CustomResourceDefinition\napiVersion: apiextensions.k8s.io/v1\nmetadata: {name: things.example.com}\n"
        "spec: {group: example.com, names: {plural: things}, versions: [{name: v1}]}\n---\n"
        "kind: Thing\napiVersion: example.com/v1\nmetadata: {name: b}\n---\n"
        "kind: HTTPRoute\napiVersion: gateway.networking.k8s.io/v1\nmetadata: {name: c}\n---\n"
        "kind: Namespace\napiVersion: v1\nmetadata: {name: argocd}\n"
    )
    found = install.parse(text)
    assert [one.kind for one in found.first] == ["CustomResourceDefinition", "Namespace"]
    assert [one.name for one in found.rest] == ["a", "b", "c"]
    assert found.unserved(frozenset({"v1", "apiextensions.k8s.io/v1"})) == {
        "gateway.networking.k8s.io/v1": "HTTPRoute/c"
    }


@pytest.mark.parametrize(
    ("kind", "spec", "status", "expected"),
    [
        ("Deployment", {}, {}, False),
        ("Deployment", {}, {"observedGeneration": 2, "updatedReplicas": 1, "availableReplicas": 1}, True),
        ("Deployment", {}, {"observedGeneration": 1, "updatedReplicas": 1, "availableReplicas": 1}, False),
        ("Deployment", {"replicas": 2}, {"observedGeneration": 2, "updatedReplicas": 1, "availableReplicas": 2}, False),
        ("Deployment", {"replicas": 0}, {"observedGeneration": 2}, True),
        ("StatefulSet", {}, {"observedGeneration": 2, "updatedReplicas": 1, "readyReplicas": 1}, True),
        ("StatefulSet", {}, {"observedGeneration": 2, "updatedReplicas": 1}, False),
    ],
)
def test_a_workload_is_available_when_all_of_its_newest_pods_are(
    kind: str, spec: dict[str, Any], status: dict[str, Any], expected: bool
) -> None:
    body = {"kind": kind, "metadata": {"generation": 2}, "spec": spec, "status": status}
    assert install.available(body) is expected


# What Argo CD says


def application(name: str, sync: str = "", health: str = "", **status: Any) -> dict[str, Any]:
    said = {"sync": {"status": sync}, "health": {"status": health, "message": status.pop("message", "")}, **status}
    return {"metadata": {"name": name}, "status": said}


def test_progress_is_one_line_a_change() -> None:
    before = progress.states([application("web", "OutOfSync", "Missing"), application("gone", "Synced", "Healthy")])
    after = progress.states([application("web", "Synced", "Progressing"), application("web-dev")])
    assert progress.changes(before, after) == [
        "web      Synced, Progressing",
        "web-dev  Unknown, Unknown",
        "gone     gone",
    ]
    assert progress.changes(after, after) == []


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ({"conditions": [{"type": "SyncError", "message": "no such\npath"}], "message": "late"}, "no such path"),
        ({"operationState": {"phase": "Failed", "message": "denied"}, "message": "late"}, "denied"),
        ({"operationState": {"phase": "Succeeded", "message": "applied"}, "message": "Caused by x"}, "Caused by x"),
        (
            {"resources": [{"kind": "Service", "name": "a", "status": "OutOfSync", "health": {"status": "Missing"}}]},
            "Service/a OutOfSync, Missing",
        ),
    ],
)
def test_what_is_not_in_order_is_named_with_argocd_s_reason(status: dict[str, Any], reason: str) -> None:
    now = progress.states(
        [application("web", "OutOfSync", "Degraded", **status), application("ok", "Synced", "Healthy")]
    )
    assert progress.remaining(now, ["ok", "platform"]) == [
        f"web: OutOfSync, Degraded: {reason}",
        "platform: is not there",
    ]
    assert not progress.all_done(now, ["ok"])


def test_an_application_whose_refresh_is_outstanding_is_not_done() -> None:
    stale = application("web", "Synced", "Healthy")
    stale["metadata"]["annotations"] = {REFRESH: "normal"}
    now = progress.states([stale])
    assert not progress.all_done(now, ["web"])
    assert "does its application-controller run?" in progress.remaining(now, ["web"])[0]
    assert progress.all_done(progress.states([application("web", "Synced", "Healthy")]), ["web"])


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ({"conditions": [{"type": "PodScheduled", "status": "False", "message": "0/1 nodes fit"}]}, "0/1 nodes fit"),
        (
            {"containerStatuses": [{"state": {"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}}]},
            "ImagePullBackOff: no such image",
        ),
        ({"containerStatuses": [{"state": {"waiting": {"reason": "ContainerCreating"}}}]}, ""),
        ({}, ""),
    ],
)
def test_a_pod_that_does_not_run_says_why(status: dict[str, Any], reason: str) -> None:
    assert steps.waiting_reason({"status": status}) == reason
