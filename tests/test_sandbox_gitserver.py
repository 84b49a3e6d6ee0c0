"""The git host of a sandbox, by git itself: the process, its certificate, and no Argo CD behind it."""

from __future__ import annotations

import base64
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from conftest import ROOT, program
from gitopsmith.sandbox import gitserver, state
from gitopsmith.sandbox.state import State

ADDRESS = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Running:
    """A git host that runs, and a work tree with one commit."""

    folder: Path
    url: str
    work: Path

    def git(self, *arguments: str, password: str | None = None) -> subprocess.CompletedProcess[str]:
        """Runs git in the work tree, with a login if a password is given."""
        token = base64.b64encode(f"me:{password}".encode()).decode()
        login = ("-c", f"http.extraHeader=Authorization: Basic {token}") if password is not None else ()
        environment = os.environ | {"GIT_SSL_CAINFO": str(self.folder / "keys" / "ca.crt"), "GIT_TERMINAL_PROMPT": "0"}
        command = ("git", *login, *arguments)
        return subprocess.run(command, cwd=self.work, env=environment, capture_output=True, text=True, check=False)

    @property
    def password(self) -> str:
        return (self.folder / "git-password").read_text()

    def log(self) -> str:
        return (self.folder / "log").read_text()


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("sandbox")
    _certificate(folder / "keys")
    ports = dict(zip(("git", "server", "kube-apiserver"), _free_ports(3), strict=True))
    state.write(folder, State(ports=ports))
    work = folder / "work"
    command = (sys.executable, "-m", "gitopsmith.sandbox.gitserver", str(folder))
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(ROOT / "src")}, stderr=log)
    found = Running(folder, f"https://{ADDRESS}:{ports['git']}", work)
    try:
        _wait(ports["git"])
        work.mkdir()
        (work / "file").write_text("one\n")
        for arguments in (("init", "-q", "-b", "main"), ("add", "."), ("commit", "-qm", "One")):
            assert found.git(*arguments).returncode == 0
        yield found
    finally:
        process.terminate()
        process.wait()


def _certificate(folder: Path) -> None:
    folder.mkdir()
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", str(folder / "admin.key"))
    name = ("-subj", "/CN=sandbox", "-addext", f"subjectAltName=IP:{ADDRESS}", "-days", "2")
    made = (program("openssl"), "req", "-x509", *key, *name, "-out", str(folder / "admin.crt"))
    subprocess.run(made, check=True, capture_output=True)
    (folder / "ca.crt").write_bytes((folder / "admin.crt").read_bytes())


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server((ADDRESS, 0)) for _ in range(count)]
    numbers = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return numbers


def _wait(port: int) -> None:
    for _ in range(400):
        try:
            socket.create_connection((ADDRESS, port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("the git host does not listen")


def test_a_push_makes_the_repository_and_everybody_may_read_a_public_one(host: Running) -> None:
    url = f"{host.url}/public/new.git"
    assert host.git("push", url, "HEAD:main", password=host.password).returncode == 0
    commit = host.git("rev-parse", "HEAD").stdout.strip()
    assert host.git("ls-remote", url, "refs/heads/main").stdout.startswith(commit)
    cloned = host.git("clone", "--quiet", url, str(host.folder / "cloned"))
    assert cloned.returncode == 0, cloned.stderr
    assert (host.folder / "cloned" / "file").read_text() == "one\n"


@pytest.mark.parametrize("password", [None, "", "wrong"])
def test_nobody_pushes_without_the_password(host: Running, password: str | None) -> None:
    name = f"refused-{password}"
    done = host.git("push", f"{host.url}/public/{name}.git", "HEAD:main", password=password)
    assert done.returncode != 0
    assert not (host.folder / "git" / "public" / f"{name}.git").exists()


def test_a_private_repository_is_read_with_the_password_alone(host: Running) -> None:
    url = f"{host.url}/private/own.git"
    assert host.git("push", url, "HEAD:main", password=host.password).returncode == 0
    assert "could not read Username" in host.git("ls-remote", url).stderr
    assert host.git("ls-remote", url, password="wrong").returncode != 0
    assert host.git("ls-remote", url, password=host.password).returncode == 0


@pytest.mark.parametrize("path", ["/new.git", "/public/more/new.git", "/other/new.git", "/public/.git"])
def test_there_are_no_other_places(host: Running, path: str) -> None:
    assert host.git("push", f"{host.url}{path}", "HEAD:main", password=host.password).returncode != 0


def test_large_pushes_and_compressed_requests_arrive(host: Running) -> None:
    """What is larger than postBuffer comes in chunks, and what asks for many commits comes compressed."""
    (host.work / "large").write_bytes(os.urandom(3_000_000))
    for arguments in (("add", "."), ("commit", "-qm", "Large")):
        assert host.git(*arguments).returncode == 0
    url = f"{host.url}/public/large.git"
    branches = [f"HEAD:refs/heads/branch-{number}" for number in range(60)]
    done = host.git("-c", "http.postBuffer=65536", "push", url, *branches, password=host.password)
    assert done.returncode == 0, done.stderr
    fetched = host.folder / "fetched"
    assert host.git("init", "-q", "--bare", str(fetched)).returncode == 0
    protocol = ("-c", "protocol.version=0", f"--git-dir={fetched}")
    done = host.git(*protocol, "fetch", "-q", url, "refs/heads/*:refs/heads/*")
    assert done.returncode == 0, done.stderr
    assert len(host.git(f"--git-dir={fetched}", "for-each-ref").stdout.splitlines()) == 60


def test_a_push_is_made_though_nobody_hears_of_it(host: Running) -> None:
    url = f"{host.url}/public/alone.git"
    assert host.git("push", url, "HEAD:main", password=host.password).returncode == 0
    for _ in range(100):
        if "alone.git: webhook is not heard" in host.log():
            break
        time.sleep(0.05)
    assert "refs/heads/main of alone.git: webhook is not heard: " in host.log()
    assert host.password not in host.log()


def test_the_password_is_the_owners_alone(host: Running) -> None:
    assert (host.folder / "git-password").stat().st_mode & 0o777 == 0o600
    assert len(host.password) >= 32


def test_an_event_names_the_branch_its_commits_and_the_files_that_changed(host: Running) -> None:
    host.git("push", f"{host.url}/public/event.git", "HEAD:main", password=host.password)
    bare = host.folder / "git" / "public" / "event.git"
    before = gitserver.branches(bare)["refs/heads/main"]
    (host.work / "sp ace").write_text("two\n")
    for arguments in (("add", "."), ("commit", "-qm", "Two")):
        assert host.git(*arguments).returncode == 0
    host.git("push", f"{host.url}/public/event.git", "HEAD:main", password=host.password)
    after = gitserver.branches(bare)["refs/heads/main"]
    sent = gitserver.event(bare, "https://host/public/event", "refs/heads/main", before, after)
    assert b'"modified": ["sp ace"]' in sent
    assert b'"html_url": "https://host/public/event"' in sent
    assert f'"before": "{before}", "after": "{after}"'.encode() in sent
