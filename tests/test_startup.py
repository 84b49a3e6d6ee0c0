"""What a start costs: libraries that are slow to import stay out of the way to the version and to the first finding."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SLOW = {
    "asyncio",
    "concurrent.futures",
    "cookiecutter",
    "importlib.metadata",
    "jinja2",
    "jsonschema",
    "pydantic",
    "requests",
    "rich",
    "ruamel.yaml",
}
MANIFEST = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  colour: blue\n"


def _imported(folder: Path, *arguments: str) -> set[str]:
    """Returns the modules that one run of the program imports."""
    command = (sys.executable, "-X", "importtime", "-m", "gitopsmith", *arguments)
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    timed = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rsplit("|", 1)[1].strip() for line in timed}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder that holds one plain manifest."""
    (tmp_path / "one.yaml").write_text(MANIFEST)
    return tmp_path


@pytest.mark.parametrize("arguments", [("--version",), ("lint", "one.yaml")], ids=" ".join)
def test_nothing_slow_is_imported(folder: Path, arguments: tuple[str, ...]) -> None:
    assert SLOW & _imported(folder, *arguments) == set()


def test_version_needs_no_part_of_the_linter(folder: Path) -> None:
    ours = {name for name in _imported(folder, "--version") if name.startswith("gitopsmith")}
    assert ours <= {"gitopsmith", "gitopsmith.cli", "gitopsmith.finding"}
