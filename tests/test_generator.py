"""The templates, and the repository that the default answers make of them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from cookiecutter.main import cookiecutter

from conftest import ROOT
from gitopsmith import content
from gitopsmith.answers import Answers
from gitopsmith.generate import plan, write
from gitopsmith.generate.template import SETTINGS

EXAMPLE = ROOT / "example-repo"
DEFAULT = Answers(repo_url="https://github.com/example/gitops.git")
TEMPLATES = sorted(path.name for path in content.GENERATOR.iterdir() if path.is_dir())


def defaults(template: str) -> dict[str, Any]:
    """Returns what a template is rendered with by itself: the default answers, and the first item of each."""
    everything = plan.variables(DEFAULT)
    items = {name: everything[f"{name}s"][0] for name in ("environment", "application", "team", "cluster")}
    return {"directory": template, **everything, **items, "_jinja2_env_vars": SETTINGS}


def write_defaults() -> None:
    """Writes the variables of each template, with their default values, where cookiecutter looks for them."""
    for name in TEMPLATES:
        (content.GENERATOR / name / "cookiecutter.json").write_text(json.dumps(defaults(name), indent=2) + "\n")


def write_example() -> None:
    """Writes the repository that the default answers make."""
    shutil.rmtree(EXAMPLE, ignore_errors=True)
    EXAMPLE.mkdir()
    write(DEFAULT, EXAMPLE)


def files(folder: Path) -> dict[str, bytes]:
    """Returns the content of every file below a folder, by its path there; git's own folder is left out."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    paths = {path.relative_to(folder): path for path in found}
    return {name.as_posix(): path.read_bytes() for name, path in paths.items() if name.parts[0] != ".git"}


def test_the_example_is_what_the_default_answers_make(tmp_path: Path) -> None:
    write(DEFAULT, tmp_path)
    assert files(EXAMPLE) == files(tmp_path)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_is_one_of_cookiecutter_itself(tmp_path: Path, name: str) -> None:
    assert json.loads((content.GENERATOR / name / "cookiecutter.json").read_text()) == defaults(name)
    home = tmp_path / "config.yaml"
    home.write_text(f"cookiecutters_dir: {tmp_path}\nreplay_dir: {tmp_path}\n")
    cookiecutter(str(content.GENERATOR / name), no_input=True, output_dir=str(tmp_path), config_file=str(home))
    assert files(tmp_path / name)
