"""The whole pipeline: nothing aborts a run, nothing is lost, and what cannot be known is said once."""

from __future__ import annotations

import copy
import ctypes
import json
import os
import random
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from checkout import git
from gitopsmith.finding import Failure, Finding, Report, Severity
from gitopsmith.lint import Options, lint, status
from repository import DEFECT, ORDINARY, PROGRAM, URL, WEB, application_of, initialise, write

CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\n"
Place = tuple[str, str, int]


@pytest.fixture(autouse=True)
def _renderer_on_path(kustomize: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(kustomize).parent), prepend=os.pathsep)


def _lint(folder: Path, *paths: str, **options: Any) -> Report:
    return lint(Options(paths=tuple(folder / path for path in paths or (".",)), **options))


def _places(findings: Iterable[Finding]) -> set[Place]:
    return {(finding.rule, finding.location.path, finding.location.line) for finding in findings}


def _notes(report: Report, kind: str) -> list[tuple[str, int]]:
    return [(note.message, note.count) for note in report.notes if note.kind == kind]


def _repository(folder: Path, files: dict[str, str | bytes] | dict[str, str]) -> Path:
    return initialise(write(folder, {**ORDINARY, **files}))


# --- files that are no manifests


def _bomb() -> str:
    lines = ["a0: &a0 [x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    return "\n".join(lines) + "\nkind: ConfigMap\napiVersion: v1\nmetadata: {name: bomb}\n"


BROKEN = CONFIG + "---\napiVersion: v1\nkind: Secret\nmetadata: {name: [}\n---\n" + WEB
BAD_FILES: dict[str, tuple[str | bytes, int, str]] = {
    "binary": (b"\x7fELF\x00\xff\xfe" * 100, 1, "binary"),
    "Latin-1": ("# é\n# è\n".encode("latin-1") + CONFIG.encode(), 1, "not UTF-8"),
    "UTF-16": (CONFIG.encode("utf-16"), 1, "UTF-8"),
    "broken document": (BROKEN, 7, "did not find expected"),
    "alias bomb": (_bomb(), 5, "alias"),
    "10,000 levels": (CONFIG + "data: " + "[" * 10_000 + "]" * 10_000 + "\n", 4, "nesting depth"),
    "tab": (CONFIG + "data:\n\ta: b\n", 5, "cannot start any token"),
}
bad_files = pytest.mark.parametrize(
    ("content", "line", "message"), [pytest.param(*case, id=name) for name, case in BAD_FILES.items()]
)


@bad_files
def test_a_bad_file_in_a_directory_source_is_a_finding(
    tmp_path: Path, content: str | bytes, line: int, message: str
) -> None:
    report = _lint(_repository(tmp_path, {"plain/bad.yaml": content, "apps/plain.yaml": application_of("p", "plain")}))
    assert _places(report.findings) >= {DEFECT, ("yaml-syntax", "plain/bad.yaml", line)}
    (finding,) = (finding for finding in report.findings if finding.rule == "yaml-syntax")
    assert message in finding.message
    assert finding.applications == ("p",)
    assert status(report, Severity.ERROR) == 1


@bad_files
def test_a_bad_file_in_a_kustomization_is_a_finding(
    tmp_path: Path, content: str | bytes, line: int, message: str
) -> None:
    files = {"bad/kustomization.yaml": "resources: [bad.yaml]\n", "bad/bad.yaml": content}
    report = _lint(_repository(tmp_path, files), timeout=2)
    assert _places(report.findings) == {DEFECT, ("yaml-syntax", "bad/bad.yaml", line)}


@bad_files
def test_a_bad_kustomization_is_a_finding(tmp_path: Path, content: str | bytes, line: int, message: str) -> None:
    report = _lint(_repository(tmp_path, {"bad/kustomization.yaml": content}))
    assert _places(report.findings) >= {DEFECT, ("yaml-syntax", "bad/kustomization.yaml", line)}


@bad_files
def test_a_bad_file_that_is_named_is_a_finding(tmp_path: Path, content: str | bytes, line: int, message: str) -> None:
    report = _lint(write(tmp_path, {"bad.yaml": content}), "bad.yaml")
    assert ("yaml-syntax", "bad.yaml", line) in _places(report.findings)


def test_documents_beside_a_broken_one_are_judged(tmp_path: Path) -> None:
    report = _lint(_repository(tmp_path, {"plain/bad.yaml": BROKEN, "apps/plain.yaml": application_of("p", "plain")}))
    assert ("image-unpinned", "plain/bad.yaml", 20) in _places(report.findings)


def test_a_broken_application_is_a_finding(tmp_path: Path) -> None:
    broken = application_of("bad", "gone").replace("spec:", "spec: [")
    report = _lint(_repository(tmp_path, {"apps/bad.yaml": broken}))
    assert _places(report.findings) == {DEFECT, ("yaml-syntax", "apps/bad.yaml", 8)}


@pytest.mark.parametrize("content", ["", "# nothing\n", "---\n---\n"], ids=["empty", "comment", "markers"])
def test_an_empty_file_is_no_finding_but_an_empty_kustomization_is(tmp_path: Path, content: str) -> None:
    files = {"plain/e.yaml": content, "apps/p.yaml": application_of("p", "plain"), "bad/kustomization.yaml": content}
    report = _lint(_repository(tmp_path, files))
    assert {place[:2] for place in _places(report.findings)} == {
        DEFECT[:2],
        ("application-path-empty", "apps/p.yaml"),
        ("kustomize-empty", "bad/kustomization.yaml"),
    }


def test_a_huge_file_is_left_unread(tmp_path: Path) -> None:
    _repository(tmp_path, {"plain/huge.yaml": "", "apps/plain.yaml": application_of("p", "plain")})
    os.truncate(tmp_path / "plain/huge.yaml", 3 << 30)
    report = _lint(tmp_path)
    assert _places(report.findings) == {DEFECT, ("yaml-syntax", "plain/huge.yaml", 1)}
    assert "3072 MB is too much" in next(item.message for item in report.findings if item.rule == "yaml-syntax")


def test_an_unreadable_file_is_a_finding(tmp_path: Path) -> None:
    _repository(tmp_path, {"plain/secret.yaml": CONFIG, "apps/plain.yaml": application_of("p", "plain")})
    (tmp_path / "plain/secret.yaml").chmod(0)
    done = subprocess.run(
        (*PROGRAM, "lint", "--format", "github"),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=_read_no_more_than_others,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "::error file=plain/secret.yaml,line=1" in done.stdout
    assert "cannot be read: Permission denied" in done.stdout
    assert f"::error file={DEFECT[1]},line={DEFECT[2]}" in done.stdout


def _read_no_more_than_others() -> None:
    """Gives up what lets root read every file (CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH)."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None)
        libc.prctl(24, 1, 0, 0, 0)
        libc.prctl(24, 2, 0, 0, 0)


# --- links, pipes, circles


def test_links_in_circles_and_out_of_the_repository_are_not_followed(tmp_path: Path) -> None:
    secret = write(tmp_path / "elsewhere", {"password.yaml": "do-not-show: me\n"}) / "password.yaml"
    root = _repository(
        tmp_path / "fleet", {"apps/plain.yaml": application_of("p", "plain", "directory: {recurse: true}")}
    )
    (root / "plain").mkdir()
    links: dict[str, str | Path] = {
        "loop.yaml": "loop.yaml", "around": "../plain", "out.yaml": secret, "etc": "/etc", "gone.yaml": "nothing",
        "absolute.yaml": root / "ordinary/web.yaml",
    }  # fmt: skip
    for name, target in links.items():
        (root / "plain" / name).symlink_to(target)
    report = _lint(root)
    assert DEFECT in _places(report.findings)
    assert "do-not-show" not in repr(report)


def test_a_kustomization_may_not_link_out_of_the_repository(tmp_path: Path) -> None:
    elsewhere = write(tmp_path / "elsewhere", {"kustomization.yaml": "resources: []\n"})
    root = _repository(tmp_path / "fleet", {"bad/kustomization.yaml": "resources: [out]\n", "worse/.keep": ""})
    (root / "bad/out").symlink_to(elsewhere)
    (root / "worse/kustomization.yaml").symlink_to(elsewhere / "kustomization.yaml")
    report = _lint(root)
    assert _places(report.findings) == {
        DEFECT,
        ("kustomize-reference-refused", "bad/kustomization.yaml", 1),
        ("link-leads-out", "bad/out", 1),
        ("link-leads-out", "worse/kustomization.yaml", 1),
        ("yaml-syntax", "worse/kustomization.yaml", 1),
    }


def test_pipes_and_devices_are_not_read(tmp_path: Path) -> None:
    """Outside of git everything is listed."""
    write(tmp_path, {**ORDINARY, ".gitopsmith.yaml": f"repository: {{urls: ['{URL}']}}\n"})
    os.mkfifo(tmp_path / "ordinary/pipe.yaml")
    (tmp_path / "ordinary/zero.yaml").symlink_to("/dev/zero")
    assert _places(_lint(tmp_path).findings) == {DEFECT, ("link-leads-out", "ordinary/zero.yaml", 1)}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"a/kustomization.yaml": "resources: [../a]\n"}, ("kustomize-reference-refused", "a/kustomization.yaml", 1)),
        ({"a/kustomization.yaml": "resources: [.]\n"}, ("kustomize-reference-refused", "a/kustomization.yaml", 1)),
        (
            {"a/b/kustomization.yaml": "resources: [../../a]\n", "a/kustomization.yaml": "resources: [b]\n"},
            ("kustomize-reference-refused", "a/b/kustomization.yaml", 1),
        ),
        (
            {"a/kustomization.yaml": "resources: [../b]\n", "b/kustomization.yaml": "resources:\n  - ../a\n"},
            ("kustomize-build", "b/kustomization.yaml", 2),
        ),
    ],
    ids=["itself", "here", "parent", "circle"],
)
def test_a_kustomization_that_includes_itself_is_a_finding(
    tmp_path: Path, files: dict[str, str], expected: Place
) -> None:
    assert _places(_lint(_repository(tmp_path, files)).findings) == {DEFECT, expected}


# --- whose repository, and which part of it


def test_paths_of_applications_are_checked_where_the_repository_is_known(tmp_path: Path) -> None:
    dead = {"apps/dead.yaml": application_of("dead", "gone")}
    expected = ("application-path-missing", "apps/dead.yaml", 11)
    known = _lint(_repository(tmp_path / "remote", dead))
    assert expected in _places(known.findings)
    assert _notes(known, "repository") == [("this repository is git.example.com/team/fleet (by git remotes)", 1)]
    configured = write(tmp_path / "configured", {**dead, ".gitopsmith.yaml": f"repository: {{urls: ['{URL}']}}\n"})
    assert expected in _places(_lint(configured).findings)
    unknown = _lint(write(tmp_path / "unknown", dead))
    assert _places(unknown.findings) == set()
    ((message, _),) = _notes(unknown, "repository")
    assert "not known, so paths of Applications were not checked" in message


def test_a_remote_that_no_application_names_gives_way_to_evidence(tmp_path: Path) -> None:
    more = {f"apps/{n}.yaml": application_of(n, "ordinary") for n in ("a", "b")}
    write(tmp_path, {**ORDINARY, **more})
    report = _lint(initialise(tmp_path, "git@git.example.com:somebody/fork.git"))
    assert _notes(report, "repository") == [("this repository is git.example.com/team/fleet (by evidence)", 1)]
    assert _places(report.findings) == {DEFECT}


def test_what_nobody_deploys_gets_no_opinions_about_workloads(tmp_path: Path) -> None:
    files = {
        "loose/kustomization.yaml": "resources: [web.yaml]\n",
        "loose/web.yaml": WEB.replace("containers:", "contaners:").replace("replicas", "x"),
    }
    report = _lint(_repository(tmp_path, files))
    assert ("schema-unknown-field", "loose/web.yaml", 10) in _places(report.findings)
    assert [place for place in _places(report.findings) if place[0] == "image-unpinned"] == [DEFECT]


def test_the_root_is_where_the_configuration_is(tmp_path: Path) -> None:
    _repository(tmp_path, {"part/.gitopsmith.yaml": "", "part/web/kustomization.yaml": "resources: [gone.yaml]\n"})
    report = _lint(tmp_path, "part/web")
    assert _places(report.findings) == {("kustomize-reference-missing", "web/kustomization.yaml", 1)}
    isolated = _lint(tmp_path, "part/web", isolated=True)
    assert _places(isolated.findings) == {("kustomize-reference-missing", "part/web/kustomization.yaml", 1)}


def test_a_configuration_above_the_repository_is_not_about_it(tmp_path: Path) -> None:
    write(tmp_path, {".gitopsmith.yaml": "rules: {pinning: off}\n"})
    assert _places(_lint(_repository(tmp_path / "fleet", {})).findings) == {DEFECT}


def test_manifests_alone_are_linted_where_there_is_nothing_else(tmp_path: Path) -> None:
    report = _lint(write(tmp_path, {"a/web.yaml": WEB, "b.yaml": CONFIG, "notes.md": ""}))
    assert _places(report.findings) == {("image-unpinned", "a/web.yaml", 12)}
    assert (report.summary.objects, report.renderer) == (2, "")


SHARED = {
    "base/kustomization.yaml": "resources: [web.yaml]\n",
    "base/web.yaml": WEB,
    "one/kustomization.yaml": "resources: [../base]\nnamePrefix: one-\n",
    "two/kustomization.yaml": "resources: [../base]\nnamePrefix: two-\n",
    "apps/one.yaml": application_of("first", "one"),
    "apps/two.yaml": application_of("second", "two"),
    "apps/three.yaml": application_of("third", "two"),
}


def test_a_defect_in_a_shared_base_is_one_finding(tmp_path: Path) -> None:
    report = _lint(_repository(tmp_path, SHARED))
    (finding,) = (finding for finding in report.findings if finding.location.path == "base/web.yaml")
    assert finding.applications == ("first", "second", "third")
    assert [related.location.path for related in finding.related] == [
        "one/kustomization.yaml",
        "two/kustomization.yaml",
    ]
    assert finding.source == "Deployment/web"
    assert finding.pointer == "spec.template.spec.containers[name=web].image"


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        (("base/web.yaml",), {("image-unpinned", "base/web.yaml", 12)}),
        (("base",), {("image-unpinned", "base/web.yaml", 12)}),
        (("one",), {("image-unpinned", "base/web.yaml", 12)}),
        (("two/kustomization.yaml",), {("image-unpinned", "base/web.yaml", 12)}),
        (("ordinary",), {DEFECT}),
        (("ordinary", "one"), {DEFECT, ("image-unpinned", "base/web.yaml", 12)}),
        (("apps",), set()),
        (("apps/dead.yaml",), {("application-path-missing", "apps/dead.yaml", 11)}),
        ((".",), {DEFECT, ("image-unpinned", "base/web.yaml", 12), ("application-path-missing", "apps/dead.yaml", 11)}),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, tuple) else "",
)
def test_named_paths_restrict_a_run_to_what_they_reach(
    tmp_path: Path, named: tuple[str, ...], expected: set[Place]
) -> None:
    dead = {"apps/dead.yaml": application_of("dead", "gone")}
    found = _places(_lint(_repository(tmp_path, {**SHARED, **dead}), *named).findings)
    assert found == (expected or {("application-path-missing", "apps/dead.yaml", 11)})


def test_a_named_base_is_reported_with_the_applications_that_it_reaches(tmp_path: Path) -> None:
    (finding,) = _lint(_repository(tmp_path, SHARED), "base/web.yaml").findings
    assert finding.applications == ("first", "second", "third")


def test_a_named_manifest_is_judged_even_when_nothing_reaches_it(tmp_path: Path) -> None:
    report = _lint(_repository(tmp_path, {"loose/web.yaml": WEB}), "loose/web.yaml")
    assert _places(report.findings) == {("image-unpinned", "loose/web.yaml", 12)}


# --- rules


def test_rules_are_weighed_by_configuration_then_by_the_command_line(tmp_path: Path) -> None:
    _repository(tmp_path, {".gitopsmith.yaml": "rules: {pinning: off, image-unpinned: info}\n"})
    (finding,) = _lint(tmp_path).findings
    assert finding.severity is Severity.INFO
    assert _lint(tmp_path, ignore=("image-unpinned",)).findings == ()
    assert [item.rule for item in _lint(tmp_path, isolated=True, select=("pinning",)).findings] == ["image-unpinned"]


def test_a_rule_that_is_off_by_default_is_on_when_it_is_asked_for(tmp_path: Path) -> None:
    alone = WEB.replace("Deployment", "StatefulSet").replace(
        "spec:\n  selector", "spec:\n  serviceName: web\n  selector", 1
    )
    _repository(tmp_path, {"ordinary/web.yaml": alone.replace("image: web", "image: web:1.0.0")})
    assert _lint(tmp_path).findings == ()
    write(
        tmp_path,
        {"on.yaml": "rules: {statefulset-service-missing: warning}\n", "profile.yaml": "profile: production\n"},
    )
    for options in (
        {"select": ("statefulset-service-missing",)},
        {"profile": "production"},
        {"config": tmp_path / "on.yaml"},
        {"config": tmp_path / "profile.yaml"},
    ):
        assert "statefulset-service-missing" in {item.rule for item in _lint(tmp_path, **options).findings}


def test_an_opinion_is_on_only_when_it_is_asked_for_by_its_name(tmp_path: Path) -> None:
    _repository(tmp_path, {"ordinary/web.yaml": WEB.replace("image: web", "image: web:1.0.0")})
    write(tmp_path, {"on.yaml": "rules: {cpu-limit-missing: info}\n"})

    def found(**options: Any) -> list[str]:
        return [item.rule for item in _lint(tmp_path, **options).findings if item.rule == "cpu-limit-missing"]

    assert found() == found(profile="production") == found(select=("reliability",)) == []
    assert found(select=("cpu-limit-missing",)) == found(config=tmp_path / "on.yaml") == ["cpu-limit-missing"]


def test_both_schema_engines_are_of_one_mind(tmp_path: Path, kubeconform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(kubeconform).parent), prepend=os.pathsep)
    wrong = WEB.replace("image: web", "image: web:1.0.0\n          imagePulPolicy: Always")
    _repository(tmp_path, {"ordinary/web.yaml": wrong})
    found = [_places(_lint(tmp_path, engine=engine).findings) for engine in ("builtin", "kubeconform")]
    assert found[0]
    assert {path for _, path, _ in found[0]} == {path for _, path, _ in found[1]} == {"ordinary/web.yaml"}


def test_a_definition_in_the_repository_validates_its_own_kind(tmp_path: Path) -> None:
    definition = """apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: boats.sea.example.com}
spec:
  group: sea.example.com
  scope: Namespaced
  names: {plural: boats, singular: boat, kind: Boat}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties: {spec: {type: object, properties: {length: {type: integer}}}}
"""
    boat = "apiVersion: sea.example.com/v1\nkind: Boat\nmetadata: {name: b}\nspec: {length: long}\n"
    files = {"fleet/kustomization.yaml": "resources: [crd.yaml, boat.yaml]\n", "fleet/crd.yaml": definition}
    report = _lint(_repository(tmp_path, {**files, "fleet/boat.yaml": boat}))
    assert _places(report.findings) == {DEFECT, ("schema-invalid", "fleet/boat.yaml", 4)}


# --- what cannot be known


def test_what_cannot_be_known_is_said_once_and_counted(tmp_path: Path) -> None:
    files: dict[str, str] = {}
    for name in ("a", "b"):
        other = (
            application_of(name, "web")
            .replace(URL, "https://git.example.com/other/thing.git")
            .replace("main", "v1.0.0")
        )
        files[f"apps/other-{name}.yaml"] = other
        files[f"apps/chart-{name}.yaml"] = application_of(f"c{name}", "chart")
        files[f"remote-{name}/kustomization.yaml"] = "resources: ['https://git.example.com/x/y//z?ref=v1.0.0']\n"
        files[f"helm-{name}/kustomization.yaml"] = (
            "helmCharts: [{name: x, repo: 'https://charts.example.com', version: 1.0.0}]\n"
        )
        files[f"plain/{name}.jsonnet"] = "{}"
        files[f"boats/{name}.yaml"] = f"apiVersion: sea.example.com/v1\nkind: Boat\nmetadata: {{name: {name}}}\n"
    files["apps/plain.yaml"] = application_of("plain", "plain")
    files["apps/boats.yaml"] = application_of("boats", "boats")
    files["apps/pinned.yaml"] = application_of("pinned", "ordinary").replace(
        "targetRevision: main", "targetRevision: v9.0.0"
    )
    files["chart/Chart.yaml"] = "apiVersion: v2\nname: chart\nversion: 1.0.0\n"
    files["sets/set.yaml"] = (
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: '${SET}'}\n"
        "spec: {generators: [], template: {metadata: {}, spec: {project: team, destination: {}}}}\n"
    )
    report = _lint(_repository(tmp_path, files))
    said = dict(_notes(report, "unverifiable"))
    assert {message.partition(",")[0]: count for message, count in said.items()} == {
        "sources lie in other repositories": 2,
        "sources or builds render a Helm chart": 4,
        "builds include a remote base": 2,
        "files are Jsonnet": 2,
        "sources ask for a revision of this repository that git does not have here": 1,
        "ApplicationSets are templates to be filled in": 1,
    }
    assert _notes(report, "schema") == [("no schema for Boat.sea.example.com", 2)]
    assert report.summary.rendered_share < 1
    assert DEFECT in _places(report.findings)


def test_notes_show_no_credentials(tmp_path: Path) -> None:
    other = "https://user:open-sesame@git.example.com/other/thing.git"
    files = {
        "apps/other.yaml": application_of("other", "web").replace(URL, other).replace("main", "v1.0.0"),
        "remote/kustomization.yaml": f"resources: ['{other}//deploy?ref=v1.0.0']\n",
    }
    report = _lint(_repository(tmp_path, files))
    assert len(_notes(report, "unverifiable")) == 2
    assert "open-sesame" not in repr(report.notes)


TEMPLATE = {
    "skeleton/kustomization.yaml": "resources: [web.yaml, '{{ name }}.yaml', gone.yaml]\n",
    "skeleton/web.yaml": WEB,
}


def test_a_template_that_no_application_reaches_gets_a_note(tmp_path: Path) -> None:
    report = _lint(_repository(tmp_path, TEMPLATE))
    assert _places(report.findings) == {DEFECT}
    ((message, count),) = _notes(report, "template")
    assert "looks like a template to be filled in" in message
    assert count == 1


def test_a_template_that_an_application_reaches_is_none(tmp_path: Path) -> None:
    report = _lint(_repository(tmp_path, {**TEMPLATE, "apps/t.yaml": application_of("t", "skeleton")}))
    assert ("kustomize-reference-missing", "skeleton/kustomization.yaml", 1) in _places(report.findings)
    assert _notes(report, "template") == []


def test_a_template_whose_build_fails_gets_a_note(tmp_path: Path) -> None:
    files = {
        "web-template/kustomization.yaml": "resources: [web.yaml]\nnamePrefix: [a]\n",
        "web-template/web.yaml": WEB,
    }
    report = _lint(_repository(tmp_path, {**files, "loose/kustomization.yaml": "resources: [../web-template]\n"}))
    assert _places(report.findings) == {DEFECT}
    assert len(_notes(report, "template")) == 1


def test_a_cause_is_reported_once_however_many_builds_it_breaks(tmp_path: Path) -> None:
    files = {f"{name}/kustomization.yaml": "resources: [../broken]\n" for name in ("a", "b", "c")}
    report = _lint(_repository(tmp_path, {**files, "broken/kustomization.yaml": "resources: [gone.yaml]\n"}))
    assert _places(report.findings) == {DEFECT, ("kustomize-reference-missing", "broken/kustomization.yaml", 1)}
    assert report.summary.failed_builds == 3


def test_a_failing_build_is_reported_at_its_cause_with_the_builds_that_fail(tmp_path: Path) -> None:
    files = {f"{name}/kustomization.yaml": "resources: [../broken]\n" for name in ("a", "b")}
    patch = "patches:\n  - target: {kind: Deployment, name: api}\n    patch: '[{op: remove, path: /x}]'\n"
    files |= {"broken/kustomization.yaml": f"resources: [web.yaml]\n{patch}", "broken/web.yaml": WEB}
    report = _lint(_repository(tmp_path, files))
    (finding,) = (finding for finding in report.findings if finding.rule == "kustomize-build")
    assert finding.location.path == "broken/kustomization.yaml"
    assert [related.location.path for related in finding.related] == ["a/kustomization.yaml", "b/kustomization.yaml"]


def test_nothing_to_lint_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="nothing to lint") as caught:
        _lint(write(tmp_path, {"README.md": ""}))
    assert caught.value.status == 2


def test_a_summary_counts_what_was_looked_at(tmp_path: Path) -> None:
    summary = _lint(_repository(tmp_path, SHARED)).summary
    assert (summary.applications, summary.failed_builds, summary.rendered_share) == (4, 0, 1.0)
    assert summary.files == len(ORDINARY) + len(SHARED)
    assert summary.validated == summary.objects


def test_two_runs_say_the_same(tmp_path: Path) -> None:
    _repository(tmp_path, {**SHARED, **TEMPLATE})
    first, second = _lint(tmp_path, jobs=1), _lint(tmp_path, jobs=8)
    assert (first.findings, first.notes, first.suppressed) == (second.findings, second.notes, second.suppressed)


def test_ignored_files_are_not_linted(tmp_path: Path) -> None:
    _repository(tmp_path, {".gitignore": "rendered/\n", "rendered/kustomization.yaml": "resources: [gone.yaml]\n"})
    git(tmp_path, "add", "--all")
    assert _places(_lint(tmp_path).findings) == {DEFECT}


def test_a_file_that_git_tracks_and_somebody_deleted_is_missing(tmp_path: Path) -> None:
    _repository(tmp_path, {})
    git(tmp_path, "add", "--all")
    (tmp_path / "ordinary/web.yaml").unlink()
    assert _places(_lint(tmp_path).findings) == {("kustomize-reference-missing", "ordinary/kustomization.yaml", 1)}


# --- whatever a field may hold

ODD: tuple[Any, ...] = (
    None, [], {}, "", 0, -1, 3.5, True, "x", ["x"], {"a": "b"}, [[]], [None], {"": None}, "{{ x }}", "../..", "*",
)  # fmt: skip
MANIFESTS: dict[str, dict[str, Any]] = {
    "apps/full.yaml": {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "full", "namespace": "argocd", "annotations": {"argocd.argoproj.io/sync-wave": "1"}},
        "spec": {
            "project": "team",
            "sources": [
                {"repoURL": URL, "path": "ordinary", "kustomize": {"namePrefix": "a-"}},
                {"repoURL": URL, "path": "plain", "directory": {"recurse": True, "include": "*", "exclude": "b"}},
                {"repoURL": "https://charts.example.com", "chart": "x", "targetRevision": "1.0.0"},
                {"repoURL": URL, "targetRevision": "main", "ref": "values"},
            ],
            "destination": {"name": "in-cluster", "namespace": "web"},
            "syncPolicy": {"syncOptions": ["CreateNamespace=true"], "automated": {"prune": True}},
        },
    },
    "more/kustomization.yaml": {
        "resources": ["web.yaml", "../ordinary"],
        "components": ["../component"],
        "patches": [{"path": "web.yaml"}, {"target": {"kind": "Service"}, "patch": "[]"}],
        "images": [{"name": "web", "newTag": "1.0.0"}],
        "configMapGenerator": [{"name": "x", "files": ["a=web.yaml"], "envs": ["gone.env"]}],
        "replacements": [{"source": {"kind": "Secret", "name": "x"}, "targets": [{"select": {"kind": "Pod"}}]}],
        "generators": ["web.yaml"],
        "sortOptions": {"order": "fifo"},
        "buildMetadata": ["managedByLabel"],
        "openapi": {"path": "web.yaml"},
        "helmCharts": [{"name": "x", "valuesFile": "web.yaml"}],
    },
    "plain/service.yaml": {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web", "labels": {"a": "b"}, "annotations": {"argocd.argoproj.io/hook": "PreSync"}},
        "spec": {"selector": {"app": "web"}, "ports": [{"name": "http", "port": 80, "targetPort": "http"}]},
    },
}


def _routes(body: Any, route: tuple[Any, ...] = ()) -> Iterable[tuple[Any, ...]]:
    if route:
        yield route
    for key, value in body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ():
        yield from _routes(value, (*route, key))


@pytest.mark.parametrize("seed", range(60))
def test_no_value_of_any_field_aborts_a_run(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    manifests = copy.deepcopy(MANIFESTS)
    name = chance.choice(list(manifests))
    *parents, last = chance.choice(list(_routes(manifests[name])))
    body: Any = manifests[name]
    for step in parents:
        body = body[step]
    body[last] = copy.deepcopy(chance.choice(ODD))
    report = _lint(_repository(tmp_path, {path: json.dumps(text) for path, text in manifests.items()}))
    assert DEFECT in _places(report.findings)
