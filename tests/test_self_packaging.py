"""What users install is what is in git: the wheel, built directly and through the sdist, and the program in it."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest

import checkout
import gitopsmith
from checkout import ROOT, git

pytestmark = pytest.mark.slow

CONTENT = ("generator", "peers", "policies", "sandbox", "schemas")


def _run(*command: str | Path, cwd: Path, path: str = os.environ["PATH"]) -> subprocess.CompletedProcess[str]:
    """Runs a program the way a user's shell does, without the checkout on Python's path."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {"PATH": path}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def _built(*command: str | Path, cwd: Path) -> None:
    done = _run(sys.executable, "-m", *command, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr


def _wheel(project: Path, target: Path) -> Path:
    _built("pip", "wheel", "--no-index", "--no-deps", "--no-build-isolation", "-w", target, project, cwd=target.parent)
    [wheel] = target.glob("*.whl")
    return wheel


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout, with the leftovers of a developer's day in it."""
    folder = checkout.commit(checkout.copy(tmp_path_factory.mktemp("source")))
    for content in CONTENT:
        leftover = folder / content / "__pycache__" / "leftover.cpython-311.pyc"
        leftover.parent.mkdir(parents=True)
        leftover.write_bytes(b"")
    return folder


@pytest.fixture(scope="session")
def wheels(source: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The wheel that the source gives, and the one that its sdist gives."""
    folder = tmp_path_factory.mktemp("wheels")
    _built("hatchling", "build", "-t", "sdist", "-d", folder, cwd=source)
    [sdist] = folder.glob("*.tar.gz")
    return {"direct": _wheel(source, folder / "direct"), "sdist": _wheel(sdist, folder / "sdist")}


def _expected(source: Path) -> dict[str, bytes]:
    """Every file of the program and its content, by its place in the wheel."""
    places = {f"{name}/": f"gitopsmith/_content/{name}/" for name in CONTENT} | {"src/": ""}
    return {
        places[root] + name.removeprefix(root): (source / name).read_bytes()
        for root in places
        for name in git(source, "ls-files", "-z", root).split("\0")[:-1]
    }


@pytest.mark.parametrize("way", ["direct", "sdist"])
def test_wheel_holds_exactly_what_git_holds(source: Path, wheels: dict[str, Path], way: str) -> None:
    with zipfile.ZipFile(wheels[way]) as wheel:
        found = {name: wheel.read(name) for name in wheel.namelist() if ".dist-info/" not in name}
    expected = _expected(source)
    assert sorted(found) == sorted(expected)
    assert [name for name in expected if found[name] != expected[name]] == []


def test_content_holds_no_link() -> None:
    """A link that dangles in someone's checkout would end the build."""
    assert [name for name in checkout.files(*CONTENT) if (ROOT / name).is_symlink()] == []


def _metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        return Parser().parsestr(archive.read(name).decode())


def test_wheel_says_what_it_is_and_under_which_licence(wheels: dict[str, Path]) -> None:
    metadata = _metadata(wheels["direct"])
    assert metadata["Version"] == gitopsmith.__version__
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata.get_all("License-File") == ["LICENSE", "NOTICE"]


@pytest.fixture(scope="session")
def installed(wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The scripts folder of a fresh environment with the wheel, which borrows the dependencies of this one."""
    folder = tmp_path_factory.mktemp("fresh") / "venv"
    _built("venv", folder, cwd=folder.parent)
    scripts = folder / "bin"
    done = _run(scripts / "pip", "install", "--no-index", "--no-deps", wheels["sdist"], cwd=folder.parent)
    assert done.returncode == 0, done.stdout + done.stderr
    [site] = folder.glob("lib/python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    return scripts


def test_installed_program_finds_its_own_content(installed: Path, tmp_path: Path) -> None:
    done = _run(installed / "python", "-c", "from gitopsmith import content; print(content.ROOT)", cwd=tmp_path)
    assert Path(done.stdout.strip()) == next(installed.parent.glob("lib/python*/site-packages/gitopsmith/_content"))


def test_installed_program_says_its_version(installed: Path, tmp_path: Path) -> None:
    done = _run(installed / "gitopsmith", "--version", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert gitopsmith.__version__ in done.stdout


def test_installed_program_lints(installed: Path, demo: Path, kustomize: str) -> None:
    path = os.pathsep.join([str(Path(kustomize).parent), os.environ["PATH"]])
    done = _run(installed / "gitopsmith", "lint", cwd=demo, path=path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "applications/metrics.yaml:11" in done.stdout
