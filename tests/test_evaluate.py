"""Violations become findings at the place where a person mends them, each defect once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gitopsmith import evaluate, kustomization
from gitopsmith.finding import Finding, Location, Related, Report, Severity
from gitopsmith.lint import Options, lint
from gitopsmith.render.blame import blame
from gitopsmith.tree import open_tree
from repository import WEB, application_of, initialise, write

HERE = Location("base/web.yaml", 12, 18, 12, 21)
FINDING = Finding("image-unpinned", Severity.WARNING, "no tag", HERE, pointer="spec.image", applications=("b",))


@pytest.fixture(autouse=True)
def _renderer_on_path(kustomize: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(kustomize).parent), prepend=os.pathsep)


def _lint(folder: Path, files: dict[str, str]) -> Report:
    return lint(Options(paths=(initialise(write(folder, files)),)))


def _one(report: Report, rule: str) -> Finding:
    (finding,) = (finding for finding in report.findings if finding.rule == rule)
    return finding


def test_one_edit_is_one_finding() -> None:
    first = Finding(**{name: getattr(FINDING, name) for name in ("rule", "severity", "message", "location", "pointer")})
    related = Related(Location("overlay/kustomization.yaml"), "rendered by this kustomization")
    worse = Finding(
        "image-unpinned", Severity.ERROR, "no tag", HERE, pointer="spec.image", applications=("a",), related=(related,)
    )
    (merged,) = evaluate.merge([first, FINDING, worse, worse])
    assert (merged.severity, merged.applications, merged.related) == (Severity.ERROR, ("a", "b"), (related,))


@pytest.mark.parametrize(
    "other",
    [
        Finding("other-rule", Severity.WARNING, "no tag", HERE, pointer="spec.image"),
        Finding("image-unpinned", Severity.WARNING, "no tag", HERE._replace(line=13), pointer="spec.image"),
        Finding("image-unpinned", Severity.WARNING, "no tag", HERE, pointer="spec.other"),
    ],
    ids=["rule", "place", "field"],
)
def test_other_edits_are_other_findings(other: Finding) -> None:
    assert len(evaluate.merge([FINDING, other])) == 2


PATCH = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: %s}\nspec: {replicas: 2}\n"
SOURCE = "{kind: Secret, name: gone, fieldPath: data.x}"
TARGET = "{select: {kind: Deployment}, fieldPaths: [spec.x]}"
OPERATIONS = "{target: {kind: Deployment}, path: operations.yaml}"
BLAMED = {
    "the same file twice": ("  - web.yaml\n", 2, "resources[web.yaml]"),
    "a patch of nothing": ("patches:\n  - path: ok.yaml\n  - path: patch.yaml\n", 5, "patches[path=patch.yaml]"),
    "a short patch of nothing": ("patches: [{path: patch.yaml}]\n", 3, "patches[path=patch.yaml]"),
    "an old patch of nothing": (
        "patchesStrategicMerge:\n  - ok.yaml\n  - patch.yaml\n", 5, "patchesStrategicMerge[patch.yaml]",
    ),
    "a JSON patch of nothing": (
        f"patches:\n  - path: ok.yaml\n  - {OPERATIONS}\n", 5, "patches[path=operations.yaml]",
    ),
    "a patch that is neither": (
        "patches:\n  - {target: {kind: Deployment}, patch: '[{op: remove, path: /spec/nothing}]'}\n", 1, "",
    ),
    "a replacement from nothing": (
        f"replacements:\n  - {{source: {SOURCE}, targets: [{TARGET}]}}\n", 4, "replacements[0]",
    ),
    "a merge into nothing": (
        "configMapGenerator:\n  - {name: x, behavior: merge, literals: [a=b]}\n", 4, "configMapGenerator[name=x]",
    ),
    "replicas of nothing": ("replicas:\n  - {name: gone, count: 2}\n", 4, "replicas[name=gone]"),
    "a variable of nothing": (
        "vars:\n  - {name: X, objref: {apiVersion: v1, kind: Secret, name: gone}}\n", 4, "vars[name=X]",
    ),
    "two JSON patches of nothing": (
        f"patches: [{OPERATIONS}, {OPERATIONS}]\n", 1, "",
    ),
    "two patches of nothing": ("patches: [{path: patch.yaml}, {path: patch.yaml}]\n", 3, "patches[path=patch.yaml]"),
}  # fmt: skip


@pytest.mark.parametrize(("more", "line", "pointer"), [pytest.param(*case, id=name) for name, case in BLAMED.items()])
def test_a_failing_build_points_at_the_entry_that_is_to_blame(
    tmp_path: Path, more: str, line: int, pointer: str
) -> None:
    files = {
        "a/kustomization.yaml": "resources:\n  - web.yaml\n" + more,
        "a/web.yaml": WEB,
        "a/patch.yaml": PATCH % "api",
        "a/ok.yaml": PATCH % "web",
        "a/operations.yaml": "- {op: remove, path: /spec/nothing}\n",
    }
    finding = _one(_lint(tmp_path, files), "kustomize-build")
    assert (finding.location.path, finding.location.line, finding.pointer) == ("a/kustomization.yaml", line, pointer)
    assert "0x" not in finding.message


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ('invalid Kustomization: json: unknown field "Resources2"', ("resources2",)),
        ("cannot unmarshal string into Go struct field Kustomization.patches of type types.Patch", ("patches",)),
        ("something else", ()),
    ],
)
def test_a_complaint_about_a_field_is_blamed_on_the_field(
    tmp_path: Path, message: str, expected: tuple[str, ...]
) -> None:
    tree = open_tree(write(tmp_path, {"kustomization.yaml": "resources2: []\npatches: x\n"}))
    assert blame(tree, kustomization.read(tree, "kustomization.yaml"), message) == expected


def test_a_file_that_kustomize_takes_for_no_object_is_to_blame(tmp_path: Path) -> None:
    report = _lint(
        tmp_path,
        {"a/kustomization.yaml": "resources:\n  - web.yaml\n  - odd.yaml\n", "a/web.yaml": WEB, "a/odd.yaml": "a: b\n"},
    )
    finding = _one(report, "kustomize-build")
    assert (finding.location.line, finding.pointer) == (3, "resources[odd.yaml]")
    assert finding.message == "kustomize cannot build this: 'odd.yaml': missing Resource metadata"


def test_a_wrong_kustomization_is_judged_by_its_schema(tmp_path: Path) -> None:
    report = _lint(tmp_path, {"a/kustomization.yaml": "resource: [web.yaml]\nnamePrefix: 5\n", "a/web.yaml": WEB})
    assert {(item.rule, item.location.line) for item in report.findings} == {
        ("schema-unknown-field", 1),
        ("schema-invalid", 2),
    }


def test_a_removed_api_is_one_finding(tmp_path: Path) -> None:
    old = "apiVersion: extensions/v1beta1\nkind: Ingress\nmetadata: {name: web}\nspec: {}\n"
    finding = _one(_lint(tmp_path, {"a/kustomization.yaml": "resources: [i.yaml]\n", "a/i.yaml": old}), "api-removed")
    assert (finding.location.path, finding.location.line, finding.pointer) == ("a/i.yaml", 1, "apiVersion")


def test_a_duplicate_key_names_the_first(tmp_path: Path) -> None:
    twice = WEB.replace("  name: web\nspec", "  name: web\n  name: web\nspec")
    finding = _one(
        _lint(tmp_path, {"a/kustomization.yaml": "resources: [w.yaml]\n", "a/w.yaml": twice}), "yaml-duplicate-key"
    )
    assert (finding.location.line, finding.related[0].location) == (5, Location("a/w.yaml", 4, 1, 4, 2))


def test_findings_of_manifests_that_nothing_renders_name_no_kustomization(tmp_path: Path) -> None:
    files = {
        "apps/web.yaml": application_of("web", "web"),
        "web/deep/web.yaml": WEB,
        "kustomization.yaml": "resources: []\n",
    }
    files["apps/web.yaml"] = application_of("web", "web", "directory: {recurse: true}")
    files["apps/dead.yaml"] = application_of("dead", "gone")
    report = _lint(tmp_path, files)
    assert {(item.rule, item.related) for item in report.findings} == {
        ("image-unpinned", ()),
        ("application-path-missing", ()),
    }


def test_a_generator_that_reads_no_yaml_is_not_read_as_yaml(tmp_path: Path) -> None:
    files = {"a/kustomization.yaml": "configMapGenerator: [{name: a, files: [raw.yaml]}]\n", "a/raw.yaml": "a: b: c\n"}
    assert _lint(tmp_path, files).findings == ()


def test_a_finding_of_a_rendered_field_says_which_kustomization_renders_it(tmp_path: Path) -> None:
    files = {
        "kustomization.yaml": "resources: [base]\n",
        "base/kustomization.yaml": "resources: [web.yaml]\n",
        "base/web.yaml": WEB,
        "apps/root.yaml": application_of("root", "."),
    }
    finding = _one(_lint(tmp_path, files), "image-unpinned")
    assert [item.location.path for item in finding.related] == ["kustomization.yaml"]
    assert (finding.location.path, finding.applications) == ("base/web.yaml", ("root",))


def test_an_application_that_a_build_renders_is_judged_at_its_source(tmp_path: Path) -> None:
    files = {
        "root/kustomization.yaml": "resources: [web.yaml]\nnameSuffix: -dev\n",
        "root/web.yaml": application_of("web", "gone"),
    }
    finding = _one(_lint(tmp_path, files), "application-path-missing")
    assert (finding.location.path, finding.location.line) == ("root/web.yaml", 11)
    assert (finding.object.name if finding.object else "", finding.source) == ("web-dev", "Application/web")


def test_twice_in_one_build_is_found_once(tmp_path: Path) -> None:
    files = {
        "root/kustomization.yaml": "resources: [one.yaml, two]\n",
        "root/one.yaml": application_of("web", "root"),
        "root/two/kustomization.yaml": "resources: [two.yaml]\nnamespace: argocd\n",
        "root/two/two.yaml": application_of("web", "root").replace("namespace: argocd", "namespace: other"),
    }
    report = _lint(tmp_path, files)
    assert [item.rule for item in report.findings] in (["application-name-duplicate"], ["kustomize-build"])
