"""What make does for a newcomer, and what it says when the machine lacks something."""

from __future__ import annotations

import importlib.metadata
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import checkout
from checkout import ROOT, git

ANOTHER = "name another Python: make PYTHON=/path/to/python3"
STAMP = ".venv/stamp"
PREREQUISITES = ROOT / "requirements" / "prerequisites"


def _prerequisites(python: str, path: str = os.environ["PATH"]) -> subprocess.CompletedProcess[str]:
    command = ("/bin/sh", str(PREREQUISITES), python)
    return subprocess.run(command, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False)


def _python(folder: Path, pretence: str) -> str:
    """Returns this Python with another face: a statement runs before what it is asked to run."""
    path = folder / "python"
    path.write_text(
        f'#!/bin/sh\nexec "{sys.executable}" -c "import sys, platform; {pretence}; exec(sys.argv[1])" "$2"\n'
    )
    path.chmod(0o755)
    return str(path)


def test_nothing_is_said_where_nothing_is_missing() -> None:
    done = _prerequisites(sys.executable)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("pretence", "sentence"),
    [
        (
            "sys.version_info = (3, 9, 18); platform.python_version = lambda: '3.9.18'",
            "is Python 3.9.18 and gitopsmith needs 3.11 or newer: " + ANOTHER,
        ),
        (
            "sys.modules['ensurepip'] = None",
            "has no venv module: install it (Debian and Ubuntu: apt install python3-venv), or " + ANOTHER,
        ),
    ],
    ids=["old-python", "no-venv"],
)
def test_one_sentence_says_what_python_lacks(tmp_path: Path, pretence: str, sentence: str) -> None:
    python = _python(tmp_path, pretence)
    done = _prerequisites(python)
    assert (done.returncode, done.stderr) == (1, f"{python} {sentence}\n")


def test_one_sentence_says_that_there_is_no_python() -> None:
    done = _prerequisites("python-of-nobody")
    assert done.returncode == 1
    assert done.stderr.startswith("python-of-nobody is not on PATH: install Python 3.11 or newer")


@pytest.mark.parametrize(("present", "sentence"), [((), "make is not on PATH"), (("make",), "git is not on PATH")])
def test_one_sentence_says_which_program_is_missing(tmp_path: Path, present: tuple[str, ...], sentence: str) -> None:
    for name in present:
        (tmp_path / name).symlink_to("/bin/sh")
    done = _prerequisites(sys.executable, path=str(tmp_path))
    assert done.returncode == 1
    assert done.stderr.startswith(sentence)


def test_requirements_are_pinned_with_hashes_and_name_no_registry() -> None:
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        text = path.read_text()
        pins = [line for line in text.splitlines() if "==" in line]
        assert pins, path
        assert [line for line in pins if not line.endswith("\\")] == [], path
        assert "://" not in text, path
        assert "index" not in text, path


def test_requirements_pin_what_the_program_asks_for() -> None:
    """The hook's renderer is the demo's, so that both are the one that was tested."""
    pinned = (ROOT / "requirements" / "kustomize.txt").read_text().split(" ", 1)[0]
    assert f'"{pinned}; ' in (ROOT / ".pre-commit-hooks.yaml").read_text()


def test_pins_have_the_extras_that_pinned_packages_ask_for() -> None:
    """Without them pip takes such a requirement for one that is not pinned, as soon as there is a newer release."""
    texts = [(ROOT / "requirements" / f"{name}.txt").read_text() for name in ("run", "dev", "build")]
    pins = [line.partition("==")[0] for text in texts for line in text.splitlines() if "==" in line]
    for pin in pins:
        for wanted in _requirements(pin.partition("[")[0]):
            found = re.match(r"([\w.-]+)\[([\w,-]+)\](?!.*extra ==)", wanted)
            if found:
                assert f"{found[1].lower()}[{found[2]}]" in pins, f"{pin} asks for {wanted}"


def _requirements(package: str) -> list[str]:
    try:
        return importlib.metadata.requires(package) or []
    except importlib.metadata.PackageNotFoundError:
        return []  # it is for another system


def _make(project: Path, target: str, path: str = os.environ["PATH"]) -> subprocess.CompletedProcess[str]:
    """Runs make in a copy of the project, with this Python instead of a ``.venv``."""
    command = ("make", "--silent", f"--old-file={STAMP}", target, f"BIN={project / 'bin'}")
    environment = {**os.environ, "PATH": path, "PYTHONPATH": str(project / "src")}
    return subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A committed copy of the project, with this Python and the console script in ``bin``."""
    project = checkout.commit(checkout.copy(tmp_path_factory.mktemp("project") / "gitopsmith"))
    (project / STAMP).parent.mkdir()
    (project / STAMP).write_text(str(project))
    (project / "bin").mkdir()
    (project / "bin" / ".gitignore").write_text("*\n")
    for name, arguments in {"python": "", "gitopsmith": "-m gitopsmith"}.items():
        (project / "bin" / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments} "$@"\n')
        (project / "bin" / name).chmod(0o755)
    return project


def _path(kustomize: str) -> str:
    return os.pathsep.join([str(Path(kustomize).parent), os.environ["PATH"]])


@pytest.mark.slow
def test_demo_shows_findings_and_succeeds(project: Path, kustomize: str) -> None:
    done = _make(project, "demo", _path(kustomize))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Every mistake was found, at its line" in done.stdout


@pytest.mark.slow
def test_regenerate_leaves_the_tree_as_it_is(project: Path, kustomize: str) -> None:
    done = _make(project, "regenerate", _path(kustomize))
    assert done.returncode == 0, done.stdout + done.stderr
    assert git(project, "status", "--porcelain") == ""
