"""The templates, and the repository that the default answers make of them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from conftest import ROOT
from gitopsmith import content
from gitopsmith.answers import Answers
from gitopsmith.generate import plan, write

EXAMPLE = ROOT / "example-repo"
DEFAULT = Answers(repo_url="https://github.com/example/gitops.git")
TEMPLATES = sorted(path.name for path in content.GENERATOR.iterdir() if path.is_dir())


def variables_page() -> str:
    """Writes down what every template is given."""
    everything = plan.variables(DEFAULT)
    items = {name: everything[f"{name}s"][0] for name in ("environment", "application", "team", "cluster")}
    rows = [f"| `{name}` | `{json.dumps(value)}` |" for name, value in sorted({**everything, **items}.items())]
    return (content.GENERATOR / "README.in.md").read_text().replace("{{ variables }}", "\n".join(rows))


def write_variables_page() -> None:
    (content.GENERATOR / "README.md").write_text(variables_page())


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


def test_the_page_of_variables_is_current() -> None:
    assert (content.GENERATOR / "README.md").read_text() == variables_page()


def test_every_template_is_in_the_page() -> None:
    page = (content.GENERATOR / "README.in.md").read_text()
    assert [name for name in TEMPLATES if f"`{name}`" not in page] == []
