"""Every policy keeps what its page promises: its examples are judged as they are marked, and it can be switched off."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

import repository
from gitopsmith import documents, fix, policy
from gitopsmith.finding import Finding, Severity
from gitopsmith.lint import Options, lint
from gitopsmith.manifest import is_object
from gitopsmith.policy import FAMILIES, SUBJECTS, Policy
from judging import judged, marked_lines

REPOSITORIES = Path(__file__).parent / "fixtures" / "repositories"
POLICIES = policy.load()
CONFIGURATION = f"repository:\n  urls:\n    - {repository.URL}\n"
DEPLOYED_BY = f"""\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: deployed-by
  namespace: argocd
spec:
  project: shop
  source:
    repoURL: {repository.URL}
    targetRevision: main
    path: app
  destination:
    name: production
    namespace: web
"""
SECRET_VALUES = ("kD8vq2LxT0mZ", "a0Q4dnEyTHhUMG1a", "a0Q4dnEyTHhUMG1aQGRhdGFiYXNl")


def is_folder(example: str) -> bool:
    return "\n" not in example


EXAMPLES = [
    pytest.param(item, example, id=f"{item.id}-{kind}{number}")
    for item in POLICIES
    for kind, examples in (("good", item.good), ("bad", item.bad))
    for number, example in enumerate(examples, 1)
]
TEXTS = [
    parameters
    for parameters in EXAMPLES
    if not is_folder(str(parameters.values[1])) and parameters.values[0].subject in SUBJECTS  # type: ignore[union-attr]
]
FIXES = [
    pytest.param(item, before, after, id=f"{item.id}-{number}")
    for item in POLICIES
    for number, (before, after) in enumerate(item.fixed, 1)
]
EACH = [pytest.param(item, id=item.id) for item in POLICIES]


@pytest.fixture(autouse=True)
def programs_are_there(request: pytest.FixtureRequest) -> None:
    """What an example needs is on PATH: helm for a chart, and our own programs."""
    for rule, needed in (("helm-build", "helm"), ("application-set-invalid", "appset"), ("schema-rule-broken", "cel")):
        if rule in request.node.name:
            request.getfixturevalue(needed)


@pytest.mark.parametrize("item", EACH)
def test_a_policy_is_documented(item: Policy) -> None:
    assert re.fullmatch(r"[A-Z`][^\n]*\.", item.summary), "the first line is one sentence"
    assert len(item.documentation.strip().splitlines()) > 2, "and more follows"
    assert not any(len(line) > 120 for line in item.documentation.splitlines())
    if item.family != "suppression":
        assert re.search(r"\bExempt: ", item.documentation), "what is exempt is said"


@pytest.mark.parametrize("item", EACH)
def test_a_policy_has_an_id_of_words_a_family_and_examples_of_both_kinds(item: Policy) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)+", item.id)
    assert item.family in FAMILIES
    assert isinstance(item.severity, Severity)
    assert item.good
    assert item.bad
    assert bool(item.kinds) == (item.subject == "resource")


def test_ids_are_unique_and_no_family_is_a_rule() -> None:
    assert [name for name, times in Counter(item.id for item in POLICIES).items() if times > 1] == []
    assert {item.id for item in POLICIES} & set(FAMILIES) == set()


@pytest.mark.parametrize(("item", "example"), TEXTS)
def test_a_policy_finds_the_marked_lines_of_a_text_and_no_others(item: Policy, example: str, tmp_path: Path) -> None:
    found = [(line, violation.message) for line, violation in judged(item, example, tmp_path)]
    assert sorted(line for line, _ in found) == marked_lines(example), found
    assert bool(found) == (example in item.bad)


@pytest.mark.parametrize(("item", "example"), TEXTS)
def test_a_message_keeps_the_house_style_and_no_secret(item: Policy, example: str, tmp_path: Path) -> None:
    for _, violation in judged(item, example, tmp_path):
        assert is_well_written(violation.message)
        assert violation.severity is None or violation.severity <= item.severity


def is_well_written(message: str) -> bool:
    """Lower case, unless a name begins it; no full stop; one line; no value of the examples' secrets."""
    first, *_ = message.split(maxsplit=1)
    is_name = re.fullmatch(r"'.*|[A-Z][a-z]+([A-Z]\w*)*|\w+[.\[].*", first) is not None
    assert first[0].islower() or (is_name and first not in {"The", "A", "This", "There"}), message
    assert not message.endswith((".", "!", ";", ",")), message
    assert "\n" not in message
    assert not any(value in message for value in SECRET_VALUES), message
    return True


@pytest.mark.usefixtures("kustomize")
@pytest.mark.parametrize(("item", "example"), EXAMPLES)
def test_the_program_finds_the_marked_lines_of_a_repository_and_no_others(
    item: Policy, example: str, tmp_path: Path
) -> None:
    root = written(item, example, tmp_path / "repository")
    findings = [finding for finding in run(root, item, select=(item.id,)) if finding.rule == item.id]
    assert sorted(places(findings)) == sorted(marks(root)), [finding.message for finding in findings]
    assert bool(findings) == (example in item.bad)
    assert all(is_well_written(finding.message) for finding in findings)


@pytest.mark.usefixtures("kustomize")
@pytest.mark.parametrize("item", EACH)
def test_a_policy_that_is_switched_off_finds_nothing(item: Policy, tmp_path: Path) -> None:
    root = written(item, item.bad[0], tmp_path / "repository")
    assert item.id not in {finding.rule for finding in run(root, item, ignore=(item.id,))}


@pytest.mark.usefixtures("kustomize")
@pytest.mark.parametrize(("item", "before", "after"), FIXES)
def test_a_fix_makes_of_an_example_what_is_written_there_and_nothing_else(
    item: Policy, before: str, after: str, tmp_path: Path
) -> None:
    root = written(item, before, tmp_path / "repository")
    original = texts(root)
    needed = (item.id, "image-unpinned") if item.family == "suppression" else (item.id,)
    asked = Options(paths=(root,), select=needed, jobs=1)
    outcome = fix.fix(asked, unsafe=not item.fix_is_safe)
    fix.write(outcome)
    changed = [text for path, text in texts(root).items() if text != original[path]]
    assert changed == [after] if not is_folder(before) else after in changed, outcome.left
    assert {each.rule for each in outcome.fixed} == {item.id}
    assert fix.fix(asked, unsafe=True).texts == {}


@pytest.mark.parametrize("item", EACH)
def test_what_a_policy_mends_is_shown_by_an_example(item: Policy) -> None:
    assert bool(item.fixed) == (item.fix is not None or item.family == "suppression")


def texts(root: Path) -> dict[Path, str]:
    return {path: path.read_bytes().decode() for path in sorted(root.rglob("*")) if path.is_file()}


@pytest.mark.usefixtures("kustomize")
def test_a_private_key_that_a_generator_takes_from_a_file_is_found_there(tmp_path: Path) -> None:
    dashes, body = "-" * 5, "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQC7\n" * 3
    files = {
        "applications/deployed-by.yaml": DEPLOYED_BY,
        ".gitopsmith.yaml": CONFIGURATION,
        "app/kustomization.yaml": "secretGenerator:\n  - name: web\n    files:\n      - tls.key\n",
        "app/tls.key": f"{dashes}BEGIN PRIVATE KEY{dashes}\n{body}{dashes}END PRIVATE KEY{dashes}\n",
    }
    root = repository.write(tmp_path / "repository", files)
    found = lint(Options(paths=(root,), select=("secrets",), jobs=1)).findings
    assert [(finding.rule, str(finding.severity), *finding.location[:2]) for finding in found] == [
        ("secret-generator-file", "warning", "app/kustomization.yaml", 4),
        ("secret-plaintext", "error", "app/tls.key", 1),
    ]


def written(item: Policy, example: str, root: Path) -> Path:
    """Makes a repository of an example: a folder as it is, a text as an Application or as what one deploys."""
    if is_folder(example):
        return Path(shutil.copytree(REPOSITORIES / example, root, symlinks=True))
    files: dict[str, str] = {".gitopsmith.yaml": CONFIGURATION}
    if item.subject in {"application", "repository"}:
        files["applications/example.yaml"] = example
    else:
        files["applications/deployed-by.yaml"] = DEPLOYED_BY
        is_kustomization = item.subject in {"kustomization", "layer"}
        files |= {"app/kustomization.yaml": example} if is_kustomization else manifests(example)
    return repository.write(root, {name: str(text) for name, text in files.items()})


def manifests(text: str) -> dict[str, str]:
    return {"app/manifests.yaml": text, "app/kustomization.yaml": "resources:\n  - manifests.yaml\n"}


def run(root: Path, item: Policy, select: tuple[str, ...] = (), ignore: tuple[str, ...] = ()) -> tuple[Finding, ...]:
    needed = (*select, "image-unpinned") if item.family == "suppression" and select else select
    return lint(Options(paths=(root,), select=needed, ignore=ignore, jobs=1)).findings


def places(findings: list[Finding]) -> list[tuple[str, int]]:
    return [(finding.location.path, finding.location.line) for finding in findings]


def marks(root: Path) -> list[tuple[str, int]]:
    """Returns the marked lines of the files of a repository; a link can hold no mark, so its name does."""
    links = [(path.relative_to(root).as_posix(), 1) for path in root.rglob("here-*") if path.is_symlink()]
    return links + [
        (path.relative_to(root).as_posix(), line)
        for path in sorted(root.rglob("*"))
        if path.is_file()
        for line in marked_lines(path.read_text())
    ]


def test_every_folder_of_an_example_is_used() -> None:
    named = {example for item in POLICIES for example in (*item.good, *item.bad) if is_folder(example)}
    assert named <= {path.name for path in REPOSITORIES.iterdir()}


def test_documents_of_an_example_are_objects() -> None:
    for item in POLICIES:
        if item.subject in {"resource", "application", "repository"}:
            for example in (*item.good, *item.bad):
                if not is_folder(example):
                    assert all(is_object(document.body) for document in documents.read(example.encode()).documents)
