"""``gitopsmith add secret``: what arrives in the cluster is the value, and nothing but ciphertext reaches the disk."""

from __future__ import annotations

import base64
import functools
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conftest import program
from gitopsmith import documents
from gitopsmith.answers import Answers, Environment
from gitopsmith.finding import Failure
from gitopsmith.generate import secret, write
from gitopsmith.generate.secret import Certificate, Entry, Request, Sources
from repository import PROGRAM, executable
from test_generator import files

VALUE = 'pa$$ "word" ünd more: it\'s long'
GIVEN = Answers(
    repo_url="https://git.example.com/team/fleet.git",
    environments=(Environment("dev"), Environment("prod", protected=True)),
)
STORE = Entry("vault", "ClusterSecretStore", "apps/web")
NOWHERE = Entry("", "ClusterSecretStore", "")
Make = Callable[..., Path]


@pytest.fixture(scope="session")
def kubeseal() -> str:
    """The kubeseal program."""
    return program("kubeseal")


@pytest.fixture(scope="session")
def key_pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A controller's private key and its certificate."""
    folder = tmp_path_factory.mktemp("controller")
    key, certificate = folder / "key.pem", folder / "cert.pem"
    request = ("req", "-x509", "-nodes", "-newkey", "rsa:2048", "-days", "30", "-subj", "/CN=sealed-secret")
    files = ("-keyout", str(key), "-out", str(certificate))
    subprocess.run((program("openssl"), *request, *files), check=True, capture_output=True)
    return key, certificate


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Answers], Path]:
    """Makes each repository once; it is only copied from."""

    @functools.cache
    def once(given: Answers) -> Path:
        root = tmp_path_factory.mktemp("made") / "fleet"
        root.mkdir()
        write(given, root)
        return root

    return once


@pytest.fixture
def make(tmp_path: Path, made: Callable[[Answers], Path]) -> Make:
    """Makes a repository from answers, or returns the one that the test has made before."""

    def get(**changed: Any) -> Path:
        root = tmp_path / "fleet"
        return root if root.is_dir() else shutil.copytree(made(replace(GIVEN, **changed)), root)

    return get


def add(
    root: Path, *arguments: str, stdin: bytes = b"", path: str = "", **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """Runs the command in a repository."""
    inherited = os.environ | {"PATH": path or f"{Path(program('kubeseal')).parent}:{os.environ['PATH']}"}
    return subprocess.run(
        (*PROGRAM, "add", "secret", *arguments),
        cwd=root,
        env=inherited | environment,
        input=stdin,
        capture_output=True,
        check=False,
    )


def unsealed(kubeseal: str, key: Path, manifest: bytes) -> Any:
    """Returns the Secret that a controller with this key makes of a SealedSecret."""
    command = (kubeseal, "--recovery-unseal", f"--recovery-private-key={key}")
    done = subprocess.run(command, input=manifest, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def values(made: Any) -> dict[str, str]:
    return {key: base64.b64decode(value).decode() for key, value in made["data"].items()}


def no_stdin() -> bytes:
    raise AssertionError("stdin is nobody's business here")


def request(keys: tuple[str, ...] = ("password=DB_PASSWORD",), **changed: Any) -> Request:
    return replace(Request("db", "web", "dev", keys, Certificate("cert.pem"), NOWHERE), **changed)


def sources(environment: Mapping[str, str] | None = None) -> Sources:
    return Sources({"DB_PASSWORD": VALUE} if environment is None else environment, no_stdin, None)


@pytest.mark.slow
@pytest.mark.parametrize("source", ["variable", "file", "stdin"])
def test_a_value_arrives_in_the_cluster_and_is_nowhere_else(
    make: Make, key_pair: tuple[Path, Path], kubeseal: str, tmp_path: Path, source: str
) -> None:
    root = make(secrets="sealed-secrets")
    before = files(root)
    (tmp_path / "value").write_text(VALUE)
    written = {"variable": "DB_PASSWORD", "file": f"@{tmp_path / 'value'}", "stdin": "-"}[source]
    stdin = f"{VALUE}\n".encode() if source == "stdin" else b""
    flags = ("--app", "web", "--env", "dev", "--cert", str(key_pair[1]))
    done = add(root, "db", "--key", f"password={written}", *flags, stdin=stdin, DB_PASSWORD=VALUE)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.decode().splitlines() == [
        "created apps/web/overlays/dev/db.yaml",
        "changed apps/web/overlays/dev/kustomization.yaml",
        "lint finds nothing new",
    ]
    made = unsealed(kubeseal, key_pair[0], (root / "apps/web/overlays/dev/db.yaml").read_bytes())
    assert values(made) == {"password": VALUE}
    assert (made["metadata"]["name"], made["metadata"]["namespace"], made["type"]) == ("db", "web-dev", "Opaque")
    after = files(root)
    added = "apps/web/overlays/dev/kustomization.yaml"
    assert after[added] == before[added].replace(b"  - ../../base\n", b"  - ../../base\n  - db.yaml\n")
    assert {name for name in after if after[name] != before.get(name)} == {"apps/web/overlays/dev/db.yaml", added}
    plain = (VALUE.encode(), base64.b64encode(VALUE.encode()))
    assert not [text for text in (*after.values(), done.stdout, done.stderr) if any(one in text for one in plain)]


def test_the_sealed_value_is_bound_to_its_name_and_namespace(
    make: Make, key_pair: tuple[Path, Path], kubeseal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = sealed(make, key_pair, kubeseal, monkeypatch)
    for old, new in ((b"web-dev", b"web-prod"), (b"name: db\n", b"name: other\n")):
        command = (kubeseal, "--recovery-unseal", f"--recovery-private-key={key_pair[0]}")
        assert subprocess.run(command, input=manifest.replace(old, new), capture_output=True, check=False).returncode


def sealed(make: Make, key_pair: tuple[Path, Path], kubeseal: str, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Makes a repository with one sealed secret in it, in memory; returns that secret."""
    monkeypatch.setenv("PATH", f"{Path(kubeseal).parent}:{os.environ['PATH']}")
    root = make(secrets="sealed-secrets")
    found = secret.application(root, request(certificate=Certificate(str(key_pair[1]))), sources())
    return found.files["apps/web/overlays/dev/db.yaml"]


def test_more_keys_and_new_values_leave_the_rest_of_the_file(
    make: Make, key_pair: tuple[Path, Path], kubeseal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = sealed(make, key_pair, kubeseal, monkeypatch).replace(b"spec:\n", b"spec:\n  # ours, of the database\n")
    root = put(make(), manifest)
    wanted = request(("user=DB_PASSWORD",), certificate=Certificate(str(key_pair[1])))
    path = "apps/web/overlays/dev/db.yaml"
    more = secret.application(root, wanted, sources({"DB_PASSWORD": "somebody"})).files
    assert set(more) == {path}  # the overlay lists it already
    kept = [line for line in more[path].splitlines() if not line.startswith(b"    user: ")]
    assert kept == manifest.splitlines()
    assert values(unsealed(kubeseal, key_pair[0], more[path])) == {"password": VALUE, "user": "somebody"}
    (root / path).write_bytes(more[path])
    with pytest.raises(Failure, match="has the key user already; --replace puts the new value in its place"):
        secret.application(root, wanted, sources())
    newest = secret.application(root, replace(wanted, replace=True), sources({"DB_PASSWORD": "other"})).files[path]
    assert values(unsealed(kubeseal, key_pair[0], newest)) == {"password": VALUE, "user": "other"}
    assert b"# ours, of the database" in newest


def put(root: Path, manifest: bytes) -> Path:
    """Puts a secret into a repository as its owner would by hand."""
    (root / "apps/web/overlays/dev/db.yaml").write_bytes(manifest)
    overlay = root / "apps/web/overlays/dev/kustomization.yaml"
    overlay.write_text(overlay.read_text().replace("  - ../../base\n", "  - ../../base\n  - db.yaml\n"))
    return root


@pytest.mark.slow
def test_kubeseal_is_given_no_value_on_its_command_line(
    make: Make, key_pair: tuple[Path, Path], kubeseal: str, tmp_path: Path
) -> None:
    root = make(secrets="sealed-secrets")
    spy = f'printf "%s\\n" "$@" >{tmp_path}/arguments\nexec {kubeseal} "$@"'
    folder = executable(tmp_path / "spy/kubeseal", spy).parent
    flags = ("--app", "web", "--env", "dev", "--cert", str(key_pair[1]))
    path = f"{folder}:{os.environ['PATH']}"
    done = add(root, "db", "--key", "password=DB_PASSWORD", *flags, path=path, DB_PASSWORD=VALUE)
    assert done.returncode == 0, done.stderr.decode()
    expected = ["--format=json", "--scope=strict", f"--cert={key_pair[1]}"]
    assert (tmp_path / "arguments").read_text().splitlines() == expected


def test_what_kubeseal_complains_of_never_holds_a_value(
    make: Make, key_pair: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that fails may print what it was given; here it does so on purpose, whole and encoded."""
    tell = 'IFS= read -r line; echo "cannot seal $line $DB_PASSWORD" >&2; exit 1'
    folder = executable(tmp_path / "talker/kubeseal", tell).parent
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setenv("DB_PASSWORD", VALUE)
    root = make(secrets="sealed-secrets")
    with pytest.raises(Failure, match="kubeseal seals nothing: cannot seal") as caught:
        secret.application(root, request(certificate=Certificate(str(key_pair[1]))), sources())
    said = str(caught.value)
    assert "(secret)" in said
    assert VALUE not in said
    assert base64.b64encode(VALUE.encode()).decode() not in said


REFUSED: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "no operator": ({}, {}, "the answer secrets is none"),
    "unknown application": ({"application": "wob"}, {"secrets": "sealed-secrets"}, "--app 'wob'.*did you mean 'web'"),
    "unknown environment": ({"environment": "qa"}, {"secrets": "sealed-secrets"}, "--env 'qa'.*there are dev, prod"),
    "name": ({"name": "Db_1"}, {"secrets": "sealed-secrets"}, "NAME 'Db_1' is no name in Kubernetes"),
    "reserved name": ({"name": "kustomization"}, {"secrets": "sealed-secrets"}, "NAME is what the overlay's own file"),
    "no certificate": (
        {"certificate": Certificate()},
        {"secrets": "sealed-secrets"},
        "give --cert FILE.*--context NAME",
    ),
    "missing certificate": ({}, {"secrets": "sealed-secrets"}, "--cert cert.pem is no file"),
    "key": ({"keys": ("pass word=DB_PASSWORD",)}, {"secrets": "sealed-secrets"}, "'pass word' is no key of a Secret"),
    "key twice": ({"keys": ("a=DB_PASSWORD", "a=@x")}, {"secrets": "sealed-secrets"}, "--key a stands there twice"),
    "stdin twice": ({"keys": ("a=-", "b=-")}, {"secrets": "sealed-secrets"}, "stdin holds the value of one key only"),
    "no source": ({"keys": ("a",)}, {"secrets": "sealed-secrets"}, "--key a says no source, and nobody is here to ask"),
    "missing file": ({"keys": ("a=@gone",)}, {"secrets": "sealed-secrets"}, "--key a: gone cannot be read"),
    "empty": ({"keys": ("a=EMPTY",)}, {"secrets": "sealed-secrets"}, "--key a: the value is empty"),
    "no store": ({"keys": ("a",)}, {"secrets": "external-secrets"}, "give --store NAME"),
    "no entry": (
        {"keys": ("a",), "entry": Entry("vault", "SecretStore", "")},
        {"secrets": "external-secrets"},
        "give --remote-key KEY",
    ),
    "value for a store": (
        {"keys": ("a=DB_PASSWORD",), "entry": STORE},
        {"secrets": "external-secrets"},
        "--key a: with external-secrets the value is in the store",
    ),
    "whole with two keys": (
        {"keys": ("a", "b"), "entry": STORE._replace(whole=True)},
        {"secrets": "external-secrets"},
        "--whole takes an entry of the store as one value",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_done_is_refused_and_changes_nothing(
    make: Make, case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed, given, message = REFUSED[case]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{executable(tmp_path / 'bin/kubeseal', 'exit 1').parent}:{os.environ['PATH']}")
    root = make(**given)
    before = files(root)
    with pytest.raises(Failure, match=message) as caught:
        secret.application(root, request(**changed), sources({"DB_PASSWORD": VALUE, "EMPTY": ""}))
    assert VALUE not in str(caught.value)
    assert files(root) == before


@pytest.mark.parametrize("value", ["hunter2", "p@ss/word+x", "$(cat secret)"])
def test_a_value_on_the_command_line_is_refused_and_not_repeated(make: Make, value: str) -> None:
    with pytest.raises(Failure, match="--key password: what follows = must name a variable") as caught:
        secret.application(make(secrets="sealed-secrets"), request((f"password={value}",)), sources())
    assert value not in str(caught.value)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("namePrefix: my-\n", "has a namePrefix: the secret would get another name"),
        ("nameSuffix: -v2\n", "has a nameSuffix: the secret would get another name"),
        ("namespace: elsewhere\n", "puts everything into namespace elsewhere, not into web-dev"),
    ],
)
def test_an_overlay_that_renames_is_refused(make: Make, line: str, message: str) -> None:
    root = make(secrets="sealed-secrets")
    overlay = root / "apps/web/overlays/dev/kustomization.yaml"
    kept = [one for one in overlay.read_text().splitlines(keepends=True) if not one.startswith("namespace:")]
    overlay.write_text("".join(kept) + line)
    with pytest.raises(Failure, match=message):
        secret.application(root, request(), sources())


@pytest.mark.parametrize("kind", ["sealed-secrets", "external-secrets"])
def test_another_file_of_that_name_is_not_touched(
    make: Make, key_pair: tuple[Path, Path], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make(secrets=kind)
    (root / "apps/web/overlays/dev/db.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: db}\n")
    wanted = request(("a=DB_PASSWORD",) if kind == "sealed-secrets" else ("a",), entry=STORE)
    with pytest.raises(Failure, match=r"db\.yaml is there already, and is no (Sealed|External)Secret"):
        secret.application(root, replace(wanted, certificate=Certificate(str(key_pair[1]))), sources())


def test_a_missing_kubeseal_is_named(
    make: Make, key_pair: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    root = make(secrets="sealed-secrets")
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    with pytest.raises(Failure, match="kubeseal is not on PATH, and nothing else can seal"):
        secret.application(root, request(certificate=Certificate(str(key_pair[1]))), sources())


@pytest.mark.slow
def test_an_external_secret_names_the_entry_of_a_store(make: Make) -> None:
    root = make(secrets="external-secrets")
    flags = ("--app", "web", "--env", "prod", "--store", "vault", "--remote-key", "apps/web")
    done = add(root, "db", "--key", "password", "--key", "user", *flags, path=os.environ["PATH"])
    assert (done.returncode, done.stdout.decode().splitlines()[-1]) == (0, "lint finds nothing new"), done.stderr
    body = documents.load((root / "apps/web/overlays/prod/db.yaml").read_text())
    assert (body["apiVersion"], body["kind"]) == ("external-secrets.io/v1", "ExternalSecret")
    assert body["metadata"] == {"name": "db", "namespace": "web-prod"}
    assert body["spec"] == {
        "refreshInterval": "1h0m0s",
        "secretStoreRef": {"kind": "ClusterSecretStore", "name": "vault"},
        "target": {"name": "db"},
        "data": [
            {"secretKey": "password", "remoteRef": {"key": "apps/web", "property": "password"}},
            {"secretKey": "user", "remoteRef": {"key": "apps/web", "property": "user"}},
        ],
    }
    again = add(root, "db", "--key", "user", "--key", "password", *flags, path=os.environ["PATH"])
    assert (again.returncode, again.stdout) == (0, b"nothing changed\n"), again.stderr


def test_more_keys_of_the_same_store_are_added_and_others_are_refused(make: Make) -> None:
    root = make(secrets="external-secrets")
    path = "apps/web/overlays/dev/db.yaml"
    first = secret.application(root, request(("password",), entry=STORE), sources()).files[path]
    (root / path).write_bytes(b"# by hand\n" + first)
    more = secret.application(root, request(("user",), entry=STORE), sources()).files[path]
    assert more.startswith(b"# by hand\n" + first)
    assert [one["secretKey"] for one in documents.load(more.decode())["spec"]["data"]] == ["password", "user"]
    for entry, message in (
        (STORE._replace(store="other"), "reads the store vault; --replace writes it anew"),
        (STORE._replace(key="other"), "has the key password from another entry"),
    ):
        with pytest.raises(Failure, match=message):
            secret.application(root, request(("password",), entry=entry), sources())
    whole = request(("password",), entry=STORE._replace(key="apps/db", whole=True), replace=True)
    anew = documents.load(secret.application(root, whole, sources()).files[path].decode())
    assert anew["spec"]["data"] == [{"secretKey": "password", "remoteRef": {"key": "apps/db"}}]


@pytest.fixture(scope="session")
def private_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An RSA key, as GitHub gives it to an App."""
    path = tmp_path_factory.mktemp("app") / "app.pem"
    subprocess.run((program("openssl"), "genrsa", "-out", str(path), "2048"), check=True, capture_output=True)
    return path


CREDENTIALS = {
    "token": ({"GITOPSMITH_TOKEN": "tok-123456"}, {"username": "git", "password": "tok-123456"}),
    "token and user": (
        {"GITOPSMITH_TOKEN": "tok-123456", "GITOPSMITH_USERNAME": "argocd"},
        {"username": "argocd", "password": "tok-123456"},
    ),
    "deploy-key": ({"GITOPSMITH_SSH_KEY_FILE": "KEY"}, {"sshPrivateKey": "KEY"}),
    "github-app": (
        {
            "GITOPSMITH_GITHUB_APP_ID": "12",
            "GITOPSMITH_GITHUB_APP_INSTALLATION_ID": "34",
            "GITOPSMITH_GITHUB_APP_KEY_FILE": "KEY",
        },
        {
            "githubAppID": "12",
            "githubAppInstallationID": "34",
            "githubAppPrivateKey": "KEY",
            "githubAppEnterpriseBaseUrl": "https://git.example.com/api/v3",
        },
    ),
}


@pytest.mark.parametrize("case", CREDENTIALS)
def test_the_repository_s_credential_is_sealed_with_the_labels_that_argocd_looks_for(
    make: Make,
    key_pair: tuple[Path, Path],
    kubeseal: str,
    private_key: Path,
    case: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", f"{Path(kubeseal).parent}:{os.environ['PATH']}")
    environment, fields = CREDENTIALS[case]
    url = "ssh://git@git.example.com/team/fleet.git" if case == "deploy-key" else GIVEN.repo_url
    root = make(secrets="sealed-secrets", credential=case.split(maxsplit=1)[0], repo_url=url)
    there = {name: value.replace("KEY", str(private_key)) for name, value in environment.items()}
    found = secret.repository(root, there, Certificate(str(key_pair[1])), NOWHERE).files
    assert found["clusters/in-cluster/kustomization.yaml"].decode().count("  - repository.yaml\n") == 1
    manifest = found["clusters/in-cluster/repository.yaml"]
    made = unsealed(kubeseal, key_pair[0], manifest)
    expected = {name: value.replace("KEY", private_key.read_text()) for name, value in fields.items()}
    assert values(made) == {"type": "git", "url": url, **expected}
    assert made["metadata"]["labels"] == {"argocd.argoproj.io/secret-type": "repository"}
    assert (made["metadata"]["name"], made["metadata"]["namespace"]) == ("repository", "argocd")
    own = documents.load(manifest.decode())["metadata"]["annotations"]
    assert own["argocd.argoproj.io/sync-options"] == "SkipDryRunOnMissingResource=true"
    assert 0 < int(own["argocd.argoproj.io/sync-wave"]) < 10  # behind the operator, before the environments


def test_the_repository_s_credential_in_a_store_has_what_is_no_secret_beside_it(make: Make) -> None:
    root = make(secrets="external-secrets", credential="token")
    entry = STORE._replace(key="argocd/repository")
    found = secret.repository(root, {}, Certificate(), entry).files["clusters/in-cluster/repository.yaml"]
    spec = documents.load(found.decode())["spec"]
    assert spec["target"] == {
        "name": "repository",
        "template": {
            "metadata": {"labels": {"argocd.argoproj.io/secret-type": "repository"}},
            "data": {"type": "git", "url": GIVEN.repo_url, "username": "git", "password": "{{ .password }}"},
        },
    }
    assert spec["data"] == [
        {"secretKey": "password", "remoteRef": {"key": "argocd/repository", "property": "password"}}
    ]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"secrets": "sealed-secrets"}, "the answer credential is none"),
        ({"credential": "token"}, "the answer secrets is none"),
        ({"credential": "token", "secrets": "sealed-secrets"}, "set GITOPSMITH_TOKEN in the environment"),
    ],
)
def test_a_credential_that_is_not_there_is_said(make: Make, given: dict[str, str], message: str) -> None:
    with pytest.raises(Failure, match=message):
        secret.repository(make(**given), {}, Certificate("cert.pem"), NOWHERE)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--app", "web"), "NAME is missing"),
        (("db", "--env", "dev", "--key", "a"), "--app is missing"),
        (("db", "--app", "web", "--env", "dev"), "--key is missing"),
        (("db", "--repository"), "--repository has its own name"),
    ],
)
def test_wrong_usage_is_told(make: Make, arguments: tuple[str, ...], message: str) -> None:
    done = add(make(secrets="sealed-secrets"), *arguments, path=os.environ["PATH"])
    assert done.returncode == 2
    assert message in done.stderr.decode()


def test_the_rendered_overlay_holds_the_secret(
    make: Make, key_pair: tuple[Path, Path], kubeseal: str, kustomize: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = sealed(make, key_pair, kubeseal, monkeypatch)
    root = put(make(), manifest)
    built = subprocess.run((kustomize, "build", str(root / "apps/web/overlays/dev")), capture_output=True, check=True)
    objects = [one.body for one in documents.read(built.stdout).documents]
    [found] = [body for body in objects if body["kind"] == "SealedSecret"]
    assert (found["metadata"]["name"], found["metadata"]["namespace"]) == ("db", "web-dev")
    assert values(unsealed(kubeseal, key_pair[0], json.dumps(found).encode())) == {"password": VALUE}
