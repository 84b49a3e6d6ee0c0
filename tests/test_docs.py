"""The documentation tells the truth: pages are current, links lead somewhere, the house is the real one."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

from checkout import ROOT
from gitopsmith import config, policy

README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PAGES = sorted(str(path.relative_to(ROOT)) for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")))


def _generate() -> ModuleType:
    specification = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_the_reference_of_commands_is_what_the_program_offers() -> None:
    written = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    assert written == _generate().commands(), "run make regenerate"


def test_every_rule_has_its_page() -> None:
    written = {path: path.read_text(encoding="utf-8") for path in (ROOT / "docs" / "rules").glob("*.md")}
    assert written == _generate().rules(), "run make regenerate"


def test_the_readme_shows_what_the_program_says(kustomize: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(kustomize).parent), prepend=":")
    assert (ROOT / "README.md").read_text(encoding="utf-8") == _generate().readme(), "run make regenerate"


def test_the_readme_configures_what_can_be_configured(tmp_path: Path) -> None:
    [example] = re.findall(r"```yaml\n(repository:.*?)```", README, re.DOTALL)
    (tmp_path / config.FILE_NAME).write_text(example)
    names = {item.id for item in policy.load()} | set(policy.FAMILIES)
    assert config.read(tmp_path / config.FILE_NAME, names).urls == ("https://git.example.com/shop/gitops.git",)


def test_the_readme_names_rules_and_families_that_exist() -> None:
    table = README.partition("## What it checks")[2].partition("\n\n")[2].partition("\n\n")[0]
    families = [name for row in re.findall(r"^\| ([a-z, ]+) \|", table, re.MULTILINE) for name in row.split(", ")]
    assert sorted(set(families) - {"family"}) == sorted({item.family for item in policy.load()})
    named = set(re.findall(r"gitopsmith explain ([\w-]+)|ignore\[([\w-]+)\]", README))
    assert {name for pair in named for name in pair if name} <= {item.id for item in policy.load()}


def _rooms() -> list[tuple[int, str]]:
    return [(int(floor), room) for floor, room in re.findall(r"^\| (\d+) \| `(\w+)` \|", ARCHITECTURE, re.MULTILINE)]


def test_architecture_names_every_room() -> None:
    modules = {path.stem for path in (ROOT / "src" / "gitopsmith").iterdir() if path.suffix == ".py"}
    packages = {path.parent.name for path in (ROOT / "src" / "gitopsmith").glob("*/__init__.py")}
    assert sorted(room for _, room in _rooms()) == sorted((modules | packages) - {"__init__", "__main__"})


def test_architecture_puts_every_room_on_the_floor_of_the_contract() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    [contract] = project["tool"]["importlinter"]["contracts"]
    floors = [{room.strip(" ()") for room in re.split(r"[|:]", layer)} for layer in reversed(contract["layers"])]
    assert _rooms()[::-1] != []
    assert [{room for floor, room in _rooms() if floor == number} for number in range(1, len(floors) + 1)] == floors


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_to_files(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = [target.split("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target]
    assert [target for target in targets if target and not ((ROOT / page).parent / target).exists()] == []


def test_contributing_fits_on_a_screen() -> None:
    assert len((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines()) <= 50


def test_no_page_names_a_package_registry_or_a_place_that_does_not_exist_yet() -> None:
    names = ("pypi" + ".org", "python" + "hosted.org", "gitopsmith.io/docs", "github.com/gitopsmith")
    pages = {page: (ROOT / page).read_text(encoding="utf-8") for page in PAGES}
    assert [(page, name) for page, text in pages.items() for name in names if name in text] == []
