"""The whole pipeline: nothing aborts a run, nothing is lost, and what cannot be known is said once."""

from __future__ import annotations

import ctypes
import os
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
    report = _lint(_repository(tmp_path, files), timeout=5)
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
    for name, target in {
        "loop.yaml": "loop.yaml", "around": "../plain", "out.yaml": secret, "etc": "/etc", "gone.yaml": "nothing",
        "absolute.yaml": root / "ordinary/web.yaml",
    }.items():  # fmt: skip
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
        ("yaml-syntax", "worse/kustomization.yaml", 1),
    }


def test_pipes_and_devices_are_not_read(tmp_path: Path) -> None:
    """Outside of git everything is listed."""
    write(tmp_path, {**ORDINARY, ".gitopsmith.yaml": f"repository: {{urls: ['{URL}']}}\n"})
    os.mkfifo(tmp_path / "ordinary/pipe.yaml")
    (tmp_path / "ordinary/zero.yaml").symlink_to("/dev/zero")
    assert _places(_lint(tmp_path).findings) == {DEFECT}


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
