"""Every secret of a table is found at its line, nothing that only looks like one is, and no value is ever shown."""

from __future__ import annotations

import base64
from collections import defaultdict
from pathlib import Path

import pytest

import repository
from checkout import git
from gitopsmith import policy
from gitopsmith.finding import Finding, Report
from gitopsmith.lint import Options, lint
from gitopsmith.report import FORMATS
from gitopsmith.report import Options as Look
from secret_cases import Case
from secret_look_alikes import CASES as LOOK_ALIKES
from secret_true import CASES as TRUE
from secret_true import SECRETS

UNSEALABLE = "sealed-secret-renamed"
"""It finds what nobody can read any more, and no secret."""
RULES = frozenset(item.id for item in policy.load() if item.family == "secrets") - {UNSEALABLE}
RULE_OF_SOPS = (
    "creation_rules:\n  - path_regex: ^files/guarded/\n    encrypted_regex: ^(data|stringData)$\n    age: age1\n"
)
CONFIGURATION = f"repository:\n  urls:\n    - {repository.URL}\n"


def path_of(case: Case, folder: str) -> str:
    """Returns where a case lies: each kind where the program looks for it."""
    return {
        "object": f"{folder}/app/{case.name}.yaml",
        "application": f"{folder}/applications/{case.name}.yaml",
        "kustomization": f"{folder}/made/{case.name}/kustomization.yaml",
        "file": f"{folder}/{case.name}",
    }[case.kind]


def files_of(cases: list[Case], folder: str) -> dict[str, str]:
    """Returns the files of a repository with all cases below a folder, each object deployed by one Application."""
    files = {f"{folder}/.sops.yaml": RULE_OF_SOPS, ".gitopsmith.yaml": CONFIGURATION}
    for case in cases:
        path = path_of(case, folder)
        files[path] = case.text
        files |= {f"{path.rpartition('/')[0]}/{name}": text for name, text in case.beside}
    objects = "".join(f"  - {case.name}.yaml\n" for case in cases if case.kind == "object")
    files[f"{folder}/app/kustomization.yaml"] = f"resources:\n{objects}"
    files[f"root/{folder}.yaml"] = repository.application_of(folder, f"{folder}/app")
    return files


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, kustomize: str) -> Path:
    files = files_of(TRUE, "true") | files_of(LOOK_ALIKES, "alike")
    return repository.write(tmp_path_factory.mktemp("secrets"), files)


@pytest.fixture(scope="module")
def report(root: Path) -> Report:
    return lint(Options(paths=(root,), profile="production"))


@pytest.fixture(scope="module")
def found(report: Report) -> dict[str, list[Finding]]:
    by_path = defaultdict(list)
    for finding in report.findings:
        if finding.rule in RULES:
            by_path[finding.location.path].append(finding)
    return by_path


def test_the_table_is_large_and_about_every_rule() -> None:
    assert len(TRUE) >= 80
    assert len(LOOK_ALIKES) >= 80
    assert {case.rule for case in TRUE} == RULES
    assert all(case.line for case in TRUE)
    assert len({(case.kind, case.name) for case in TRUE}) == len(TRUE)


@pytest.mark.parametrize("case", TRUE, ids=lambda case: case.name)
def test_a_secret_is_found_once_at_its_line(case: Case, found: dict[str, list[Finding]]) -> None:
    findings = [(one.rule, str(one.severity), one.location.line) for one in found.get(path_of(case, "true"), [])]
    assert findings == [(case.rule, case.severity, case.line)]


@pytest.mark.parametrize("case", LOOK_ALIKES, ids=lambda case: case.name)
def test_what_looks_like_a_secret_is_left_alone(case: Case, found: dict[str, list[Finding]]) -> None:
    findings = [(one.rule, one.location.line) for one in found.get(path_of(case, "alike"), [])]
    assert findings == []


def shown(text: str) -> list[int]:
    """Returns which secrets a text shows, in plain text or in base64, by their numbers: they are shown nowhere."""
    return [
        number
        for number, value in enumerate(SECRETS)
        if value in text or base64.b64encode(value.encode()).decode().rstrip("=") in text
    ]


@pytest.mark.parametrize("form", FORMATS)
def test_no_format_shows_a_secret(form: str, report: Report) -> None:
    assert shown(FORMATS[form](report, Look())) == []


@pytest.mark.slow
@pytest.mark.usefixtures("kustomize")
@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_no_difference_shows_a_secret(form: str, tmp_path: Path) -> None:
    without = files_of([], "true") | {"true/app/kustomization.yaml": "resources: []\n"}
    root = repository.initialise(repository.write(tmp_path / "fleet", without))
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message=Before")
    repository.write(root, files_of(TRUE, "true"))
    came = repository.run("diff", f"--format={form}", cwd=root)
    assert came.returncode in {0, 1}, shown(came.stderr.decode())
    assert shown(came.stdout.decode()) == []
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message=After")
    repository.write(root, without)
    assert shown(repository.run("diff", f"--format={form}", cwd=root).stdout.decode()) == []


def test_no_fingerprint_depends_on_a_secret(report: Report) -> None:
    named = (f"{one.rule}{one.message}{one.pointer}{one.source}{one.fingerprint}" for one in report.findings)
    assert shown("\n".join(named)) == []


def test_no_test_is_named_by_a_secret() -> None:
    assert shown("\n".join(case.name for case in TRUE)) == []
