"""What an Application's kustomize options do wrong is told at the option, wherever the Application is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitopsmith.finding import Finding, Report
from gitopsmith.lint import Options, lint
from repository import WEB, application_of, executable, initialise, write

WEBSITE = {
    "web/kustomization.yaml": "resources: [web.yaml]\n",
    "web/web.yaml": WEB.replace("image: web", "image: web:1.0.0"),
}
FIRST = 13
"""The line below ``kustomize:`` in an Application."""


@pytest.fixture(autouse=True)
def _kustomize(kustomize: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(kustomize).parent), prepend=":")


def _app(name: str, *options: str) -> str:
    return application_of(name, "web", "kustomize:" + "".join(f"\n      {line}" for line in options))


def _lint(root: Path, files: dict[str, str]) -> Report:
    root.mkdir(exist_ok=True)
    return lint(Options(paths=(write(initialise(root), WEBSITE | files),)))


def _places(findings: tuple[Finding, ...]) -> set[tuple[str, str, int]]:
    return {(one.rule, one.location.path, one.location.line) for one in findings}


def test_a_value_that_an_option_set_is_mended_at_the_option(tmp_path: Path) -> None:
    report = _lint(
        tmp_path,
        {"apps/web.yaml": _app("web", "namePrefix: dev-", "images:", "  - web=registry.example.com/web:latest")},
    )
    (found,) = report.findings
    assert _places((found,)) == {("image-unpinned", "apps/web.yaml", FIRST + 2)}
    assert str(found.object) == "Deployment/dev-web"
    assert found.pointer == "spec.template.spec.containers[name=web].image"


def test_a_value_of_the_sources_is_mended_there_whatever_options_do(tmp_path: Path) -> None:
    files = {"web/web.yaml": WEB, "apps/web.yaml": _app("web", "namePrefix: dev-", "nameSuffix: -x", "namespace: web")}
    assert _places(_lint(tmp_path, files).findings) == {("image-unpinned", "web/web.yaml", 12)}


def test_a_value_in_a_patch_is_mended_at_the_patch(tmp_path: Path) -> None:
    patch = (
        "patches:",
        "  - target: {kind: Deployment}",
        "    patch: |",
        "      - op: add",
        "        path: /spec/replicas",
        "        value: many",
    )
    report = _lint(tmp_path, {"apps/web.yaml": _app("web", *patch)})
    assert _places(report.findings) == {("schema-invalid", "apps/web.yaml", FIRST + 2)}


def test_applications_that_share_a_build_are_each_told(tmp_path: Path) -> None:
    report = _lint(tmp_path, {f"apps/{name}.yaml": _app(name, "images: [web=other:latest]") for name in ("a", "b")})
    images = {place for place in _places(report.findings) if place[0] == "image-unpinned"}
    assert images == {("image-unpinned", f"apps/{name}.yaml", FIRST) for name in ("a", "b")}
    assert report.summary.builds == 1 + 1 + 2, "with options, without, and the Applications' files"


def test_the_option_of_a_rendered_application_is_found_in_its_file(tmp_path: Path) -> None:
    files = {
        "apps/base/web.yaml": _app("web", "images: [wbe:2.0.0]"),
        "apps/base/kustomization.yaml": "resources: [web.yaml]\n",
        "apps/prod/kustomization.yaml": "resources: [../base]\nnameSuffix: -prod\n",
    }
    report = _lint(tmp_path, files)
    assert _places(report.findings) == {("application-option-dead", "apps/base/web.yaml", FIRST)}


def test_an_option_that_a_patch_gives_is_found_in_the_patch(tmp_path: Path) -> None:
    patch = (
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  name: web\n  namespace: argocd\n"
        "spec:\n  source:\n    kustomize:\n      images:\n        - wbe:2.0.0\n"
    )
    files = {
        "apps/base/web.yaml": application_of("web", "web"),
        "apps/base/kustomization.yaml": "resources: [web.yaml]\n",
        "apps/prod/kustomization.yaml": "resources: [../base]\npatches: [{path: patch.yaml}]\n",
        "apps/prod/patch.yaml": patch,
    }
    report = _lint(tmp_path, files)
    assert _places(report.findings) == {("application-option-dead", "apps/prod/patch.yaml", 10)}


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["images:", "  - web:2.0.0", "  - web"], FIRST + 2),
        (["replicas:", "  - {name: web, count: 2}", "  - {name: wbe, count: 2}"], FIRST + 2),
        (["commonLabels: {team: a}", "labelIncludeTemplates: true"], FIRST),
        (["components:", "  - ../missing"], FIRST + 1),
        (["patches:", "  - patch: '{apiVersion: v1, kind: Secret, metadata: {name: x}}'"], FIRST + 1),
        (["patches:", "  - {target: {kind: Deployment}, patch: '[{op: add, path: /spec/x}]'}"], FIRST),
    ],
    ids=["image", "replicas", "label", "component", "patch", "patch that cannot be read"],
)
def test_what_kustomize_refuses_is_told_at_the_option(tmp_path: Path, options: list[str], line: int) -> None:
    report = _lint(tmp_path, {"apps/web.yaml": _app("web", *options)})
    assert _places(report.findings) == {("kustomize-build", "apps/web.yaml", line)}
    (found,) = report.findings
    assert "gitopsmith-" not in found.message, "no temporary folder is named"
    assert "Usage" not in found.message


def test_an_option_is_told_to_who_names_the_overlay(tmp_path: Path) -> None:
    root = write(initialise(tmp_path), WEBSITE | {"apps/web.yaml": _app("web", "images: [wbe:2.0.0]")})
    report = lint(Options(paths=(root / "web/kustomization.yaml",)))
    assert _places(report.findings) == {("application-option-dead", "apps/web.yaml", FIRST)}


def test_a_patch_that_finds_nothing_is_told(tmp_path: Path) -> None:
    patch = "patch: '- {op: add, path: /spec/paused, value: true}'"
    targets = [f"  - {{target: {{kind: Deployment, name: {name}}}, {patch}}}" for name in ("web", "wbe")]
    report = _lint(tmp_path, {"apps/web.yaml": _app("web", "patches:", *targets)})
    assert _places(report.findings) == {("application-option-dead", "apps/web.yaml", FIRST + 2)}


def test_a_comment_in_the_application_silences_it(tmp_path: Path) -> None:
    option = "images: [wbe:2.0.0]  # gitopsmith: ignore[application-option-dead] it comes next week"
    report = _lint(tmp_path, {"apps/web.yaml": _app("web", option)})
    assert not report.findings
    assert len(report.suppressed) == 1


def test_options_need_no_note_where_kustomize_is(tmp_path: Path) -> None:
    report = _lint(tmp_path, {"apps/web.yaml": _app("web", "namePrefix: dev-", "kubeVersion: '1.30'")})
    assert [note.kind for note in report.notes] == ["repository"]
    assert report.summary.rendered_share == 1.0


def test_without_the_kustomize_program_options_are_a_note(
    tmp_path: Path, kustomize: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """kubectl builds, and cannot edit."""
    said = "echo 'Kustomize Version: v5.8.1'"
    executable(tmp_path / "bin/kubectl", f'case "$1" in version) {said};; *) shift; exec {kustomize} build "$@";; esac')
    for name in ("git", "env"):
        executable(tmp_path / "bin" / name, f'exec /usr/bin/{name} "$@"')
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    report = _lint(tmp_path / "fleet", {"apps/web.yaml": _app("web", "namePrefix: dev-")})
    assert ["kustomize options" in note.message for note in report.notes] == [False, True]
    assert not report.findings


def test_options_that_no_command_line_can_hold_end_no_run(tmp_path: Path) -> None:
    options = ('commonAnnotations: {a: "x\\0y"}', f"commonAnnotations: {{a: {'x' * 200_000}}}")
    files = {f"apps/{number}.yaml": _app(f"app-{number}", option) for number, option in enumerate(options)}
    report = _lint(tmp_path, files)
    assert _places(report.findings) == {("kustomize-build", "apps/0.yaml", FIRST - 1)}
    assert any("cannot be applied" in note.message for note in report.notes)


def test_an_option_from_a_file_beside_the_manifests_is_found_there(tmp_path: Path) -> None:
    """As Argo CD Image Updater writes it; a list there takes the place of the Application's."""
    override = "kustomize:\n  images:\n    - web:2.0.0\n    - wbe:2.0.0\n"
    files = {"apps/web.yaml": _app("web", "images: [other:1.0.0]"), "web/.argocd-source-web.yaml": override}
    report = _lint(tmp_path, files)
    assert _places(report.findings) == {("application-option-dead", "web/.argocd-source-web.yaml", 4)}


def test_another_kustomize_is_a_note(tmp_path: Path) -> None:
    report = _lint(tmp_path, {"apps/web.yaml": _app("web", "version: v4.5.7")})
    assert any("v4.5.7" in note.message for note in report.notes)
    assert report.summary.rendered_share == 1.0
