"""Fixtures that several test modules share."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, settings

import checkout
from gitopsmith.sandbox import State, folder_of, programs, reset, up

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
TOOLS = ROOT / ".tools"
# The same examples on every run and every machine, however slow it is.
settings.register_profile(
    "steady", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")
# A shell has its jobs in the background ignore these, as nohup does, and children inherit that. A handler, even one
# that does nothing, is not inherited: what the tests start heeds signals again.
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, lambda *_: None)


def _shared(name: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"needs the measuring data in ../shared/{name}, which is not here")
    return folder


@pytest.fixture(scope="session")
def corpora() -> Path:
    """Six real repositories with checked truth about them."""
    return _shared("corpora")


@pytest.fixture(scope="session")
def conformance() -> Path:
    """The peers' own cases."""
    return _shared("conformance")


@pytest.fixture
def unmeasured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Has what a test starts run without coverage, which never ends when it is interrupted while it holds its lock."""
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)


@pytest.fixture
def homes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user whose git, helm and docker know no login yet; returns the home."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    for kind in ("CACHE", "CONFIG", "DATA"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(home / kind.lower()))
    monkeypatch.delenv("DOCKER_CONFIG", raising=False)
    return home


def program(name: str) -> str:
    """Returns a program built into ``.tools/bin`` or found on PATH; skips where there is none."""
    built = TOOLS / "bin" / name
    sandboxed = programs.find_built()
    found = str(built) if built.is_file() else shutil.which(name)
    if found is None and sandboxed is not None and (sandboxed.bin / name).exists():
        return str(sandboxed.bin / name)
    if found is None:
        pytest.skip(f"needs {name}: run `make tools sandbox` (Go) or put it on PATH")
    return found


def argocd_manifests(version: str) -> Path:
    """Returns the folder of Argo CD's own installation, as its Go module has it; skips where it was not brought in."""
    folder = TOOLS / "argo-cd" / version
    if not (folder / "install.yaml").is_file():
        pytest.skip(f"needs Argo CD {version}'s manifests: run `make tools` (Go)")
    return folder


@pytest.fixture(scope="session")
def kustomize() -> str:
    """The kustomize program."""
    return program("kustomize")


@pytest.fixture
def helm(monkeypatch: pytest.MonkeyPatch) -> str:
    """The helm program, found on PATH behind all others."""
    found = program("helm")
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}{os.pathsep}{Path(found).parent}")
    return found


@pytest.fixture
def appset(monkeypatch: pytest.MonkeyPatch) -> str:
    """The program that expands ApplicationSets, found on PATH behind all others."""
    found = program("gitopsmith-appset")
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}{os.pathsep}{Path(found).parent}")
    return found


@pytest.fixture
def cel(monkeypatch: pytest.MonkeyPatch) -> str:
    """The program that evaluates the rules of definitions, found on PATH behind all others."""
    found = program("gitopsmith-cel")
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}{os.pathsep}{Path(found).parent}")
    return found


@pytest.fixture(scope="session")
def kubeconform() -> str:
    """The kubeconform program."""
    return program("kubeconform")


@pytest.fixture(scope="session", autouse=True)
def git_identity() -> None:
    """Git is the same on every machine: it has a name, and nobody's configuration."""
    who = {"NAME": "A Tester", "EMAIL": "tester@example.com"}
    os.environ |= {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in who.items()}
    os.environ |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}


class Sandbox(NamedTuple):
    """A running cluster without Argo CD, for whoever makes a namespace of its own in it."""

    name: str
    folder: Path
    state: State


@pytest.fixture(scope="session")
def sandbox_programs() -> programs.Programs:
    """The programs of a sandbox, built before."""
    found = programs.find_built()
    if found is None:
        pytest.skip("needs the programs of a sandbox: run `gitopsmith sandbox build`, which takes some ten minutes")
    return found


@pytest.fixture(scope="session")
def sandbox(sandbox_programs: programs.Programs) -> Iterator[Sandbox]:
    """A running sandbox; skips where its programs are not built."""
    name = f"tests-{os.getpid()}"
    try:
        yield Sandbox(name, folder_of(name), up(name, lambda _: None))
    finally:
        reset(name)


@pytest.fixture(scope="session")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the console script, of the checkout."""
    folder = tmp_path_factory.mktemp("scripts")
    script = folder / "gitopsmith"
    script.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(ROOT / 'src')!r})\n"
        "from gitopsmith.cli import main\nsys.exit(main())\n"
    )
    script.chmod(0o755)
    return folder


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    """A committed copy of the repository that `make demo` lints."""
    return checkout.commit(shutil.copytree(checkout.DEMO, tmp_path / "demo"))
