"""Findings are silenced where a person wrote down why, and nowhere else."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Any

import pytest

from gitopsmith import suppress
from gitopsmith.finding import Finding, Location, Report, Severity
from gitopsmith.lint import Options, lint
from gitopsmith.tree import open_tree
from repository import ORDINARY, WEB, application_of, initialise, write

RULE = "image-unpinned"
IMAGE = "          image: web\n"
TODAY = dt.date(2026, 11, 24)


@pytest.fixture(autouse=True)
def _renderer_on_path(kustomize: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(kustomize).parent), prepend=os.pathsep)


def _lint(folder: Path, *paths: str, **options: Any) -> Report:
    return lint(Options(paths=tuple(folder / path for path in paths or (".",)), today=TODAY, **options))


def _repository(folder: Path, web: str = WEB, **more: str) -> Path:
    files = {
        **ORDINARY,
        "ordinary/web.yaml": web,
        **{name.replace("__", "/") + ".yaml": text for name, text in more.items()},
    }
    return initialise(write(folder, files))


def _rules(report: Report) -> list[tuple[str, int]]:
    return sorted((finding.rule, finding.location.line) for finding in report.findings)


def _silenced(report: Report) -> list[tuple[str, str, str]]:
    return [(item.finding.rule, item.reason, item.how) for item in report.suppressed]


# --- comments


@pytest.mark.parametrize(
    "lines",
    [
        "          image: web  # gitopsmith: ignore[image-unpinned] the vendor has one tag\n",
        "          # gitopsmith: ignore[image-unpinned] the vendor has one tag\n" + IMAGE,
        "          # gitopsmith: ignore[image-unpinned] the vendor has one tag\n\n          # so far\n\n" + IMAGE,
        "          # gitopsmith: ignore[image-tag-floating, image-unpinned] the vendor has one tag\n" + IMAGE,
        "          #gitopsmith:ignore[image-unpinned] the vendor has one tag\n" + IMAGE,
        "          # gitopsmith: ignore[image-unpinned] the vendor has one tag (until 2026-11-24)\n" + IMAGE,
    ],
    ids=["on the line", "above", "above blank and comment lines", "several rules", "without spaces", "last day"],
)
def test_a_comment_with_a_reason_silences(tmp_path: Path, lines: str) -> None:
    report = _lint(_repository(tmp_path, WEB.replace(IMAGE, lines)))
    assert _rules(report) == []
    assert _silenced(report) == [(RULE, "the vendor has one tag", "comment")]


@pytest.mark.parametrize(
    ("lines", "expected", "message"),
    [
        (
            "          # gitopsmith: ignore[image-unpinned]\n" + IMAGE,
            [(RULE, 13), ("suppression-invalid", 12)],
            "needs a reason",
        ),
        (
            "          # gitopsmith: ignore[image-unpined] why not\n" + IMAGE,
            [(RULE, 13), ("suppression-invalid", 12)],
            "unknown rule 'image-unpined'",
        ),
        (
            "          # gitopsmith: ignore[] why not\n" + IMAGE,
            [(RULE, 13), ("suppression-invalid", 12)],
            "unknown rule name",
        ),
        (
            "          # gitopsmith: ignore[image-unpinned] soon (until 2026-11-23)\n" + IMAGE,
            [(RULE, 13), ("suppression-unused", 12)],
            "this suppression ended on 2026-11-23",
        ),
        (
            "          # gitopsmith: ignore[image-unpinned] soon (until next May)\n" + IMAGE,
            [(RULE, 13), ("suppression-invalid", 12)],
            "'next May' is no date; write (until 2027-01-31)",
        ),
        (
            IMAGE + "          # gitopsmith: ignore[image-unpinned] too late\n",
            [(RULE, 12), ("suppression-unused", 13)],
            "nothing here violates image-unpinned; delete this comment",
        ),
        (
            "          # gitopsmith: ignore[image-tag-floating] another rule\n" + IMAGE,
            [(RULE, 13), ("suppression-unused", 12)],
            "nothing here violates image-tag-floating",
        ),
        (
            "          # gitopsmith: ignore[image-unpinned] not the next line\n          args: []\n" + IMAGE,
            [(RULE, 14), ("suppression-unused", 12)],
            "nothing here violates image-unpinned",
        ),
    ],
    ids=["no reason", "unknown rule", "no rule", "ended", "no date", "below", "other rule", "other line"],
)
def test_a_comment_that_silences_nothing_is_itself_a_finding(
    tmp_path: Path, lines: str, expected: list[tuple[str, int]], message: str
) -> None:
    report = _lint(_repository(tmp_path, WEB.replace(IMAGE, lines)))
    assert _rules(report) == expected
    assert message in next(item.message for item in report.findings if item.rule.startswith("suppression"))
    assert report.suppressed == ()


def test_a_comment_for_a_rule_that_is_off_is_left_alone(tmp_path: Path) -> None:
    commented = WEB.replace(IMAGE, "          # gitopsmith: ignore[image-unpinned] one tag\n" + IMAGE)
    assert _rules(_lint(_repository(tmp_path, commented), ignore=("pinning",))) == []


def test_complaints_about_comments_can_be_switched_off(tmp_path: Path) -> None:
    commented = WEB.replace(IMAGE, IMAGE + "          # gitopsmith: ignore[image-unpinned] too late\n")
    assert _rules(_lint(_repository(tmp_path, commented), ignore=("suppression",))) == [(RULE, 12)]


def test_a_comment_in_a_base_holds_for_all_overlays(tmp_path: Path) -> None:
    commented = WEB.replace(IMAGE, "          image: web  # gitopsmith: ignore[image-unpinned] one tag\n")
    overlays = {f"{name}__kustomization": f"resources: [../ordinary]\nnamePrefix: {name}-\n" for name in ("one", "two")}
    applications = {f"apps__{name}": application_of(name, name) for name in ("one", "two")}
    report = _lint(_repository(tmp_path, commented, **overlays, **applications))
    assert _rules(report) == []
    (silenced,) = report.suppressed
    assert silenced.finding.applications == ("one", "ordinary", "two")


def test_a_comment_in_a_patch_silences_what_the_patch_writes(tmp_path: Path) -> None:
    patch = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n"
        "      containers:\n"
        "        - name: web\n          # gitopsmith: ignore[image-unpinned] built on the spot\n"
        "          image: local\n"
    )
    overlay = "resources: [../ordinary]\npatches:\n  - path: patch.yaml\n"
    pinned = WEB.replace(IMAGE, IMAGE.replace("web", "web:1.0.0"))
    more = {"one__kustomization": overlay, "one__patch": patch, "apps__one": application_of("one", "one")}
    report = _lint(_repository(tmp_path, pinned, **more))
    assert _rules(report) == []
    assert _silenced(report) == [(RULE, "built on the spot", "comment")]


def test_a_comment_in_a_kustomization_silences_what_it_writes(tmp_path: Path) -> None:
    overlay = (
        "resources:\n  # gitopsmith: ignore[kustomize-reference-missing] generated before the build\n  - made.yaml\n"
    )
    report = _lint(_repository(tmp_path, WEB.replace("image: web", "image: web:1.0.0"), made__kustomization=overlay))
    assert _rules(report) == []
    assert _silenced(report) == [("kustomize-reference-missing", "generated before the build", "comment")]


@pytest.mark.parametrize(
    "more",
    [
        {"other__kustomization": "resources: [gone.yaml, ../ordinary]\n"},
        {"other__kustomization": "resources: ['https://git.example.com/x/y//z?ref=v1', ../ordinary]\n"},
    ],
    ids=["a failing build", "a remote base"],
)
def test_a_comment_that_what_could_not_be_built_may_need_is_not_called_unused(
    tmp_path: Path, more: dict[str, str]
) -> None:
    pinned = WEB.replace(IMAGE, "          image: web:1.0.0  # gitopsmith: ignore[image-unpinned] one tag\n")
    assert "suppression-unused" not in dict(_rules(_lint(_repository(tmp_path, pinned, **more))))


def test_a_comment_that_only_deployed_builds_need_is_not_called_unused_elsewhere(tmp_path: Path) -> None:
    loose = {"loose__kustomization": "resources: [web.yaml]\n"}
    loose["loose__web"] = WEB.replace(IMAGE, "          image: web  # gitopsmith: ignore[image-unpinned] one tag\n")
    report = _lint(_repository(tmp_path, WEB.replace("image: web", "image: web:1.0.0"), **loose))
    assert _rules(report) == []


def test_a_comment_is_not_called_unused_by_a_run_on_a_part(tmp_path: Path) -> None:
    pinned = WEB.replace(IMAGE, "          image: web:1.0.0  # gitopsmith: ignore[image-unpinned] one tag\n")
    _repository(tmp_path, pinned)
    assert _rules(_lint(tmp_path, "ordinary/web.yaml")) == []
    assert _rules(_lint(tmp_path)) == [("suppression-unused", 12)]


def test_comments_are_read_with_their_places(tmp_path: Path) -> None:
    text = "a: 1\n  # gitopsmith: ignore[x, y] why (until 2027-01-31)\n\n# more\nb: 2\n"
    (comment,) = suppress.comments(open_tree(write(tmp_path, {"a.yaml": text})), "a.yaml")
    assert comment.location == Location("a.yaml", 2, 3, 2, 52)
    assert (comment.covers, comment.rules, comment.reason, comment.until) == (5, ("x", "y"), "why", "2027-01-31")
    assert suppress.comments(open_tree(tmp_path), "gone.yaml") == ()


def test_a_comment_at_the_end_of_a_file_covers_nothing(tmp_path: Path) -> None:
    tree = open_tree(write(tmp_path, {"a.yaml": "a: 1\n# gitopsmith: ignore[x] why\n"}))
    finding = Finding("x", Severity.ERROR, "", Location("a.yaml", 1))
    kept, silenced = suppress.apply(tree, [finding], frozenset("x"), {"x": Severity.ERROR}, TODAY)
    assert (kept, silenced) == ([finding], [])


# --- annotations


def test_an_annotation_silences_where_it_stands(tmp_path: Path) -> None:
    annotated = WEB.replace(
        "  name: web\nspec", "  name: web\n  annotations: {gitopsmith.io/ignore.image-unpinned: one tag}\nspec"
    )
    other = {
        "other__kustomization": "resources: [web.yaml]\n",
        "other__web": WEB,
        "apps__other": application_of("o", "other"),
    }
    report = _lint(_repository(tmp_path, annotated, **other))
    assert [finding.location.path for finding in report.findings] == ["other/web.yaml"]
    assert _silenced(report) == [(RULE, "one tag", "annotation")]


@pytest.mark.parametrize("reason", ["''", "' '"])
def test_an_annotation_without_a_reason_silences_nothing(tmp_path: Path, reason: str) -> None:
    line = f"  annotations: {{gitopsmith.io/ignore.image-unpinned: {reason}}}"
    annotated = WEB.replace("  name: web\nspec", f"  name: web\n{line}\nspec")
    assert RULE in dict(_rules(_lint(_repository(tmp_path, annotated))))


def test_an_annotation_of_one_overlay_does_not_silence_another(tmp_path: Path) -> None:
    quiet = "resources: [../ordinary]\ncommonAnnotations: {gitopsmith.io/ignore.image-unpinned: one tag}\n"
    report = _lint(_repository(tmp_path, quiet__kustomization=quiet, apps__quiet=application_of("quiet", "quiet")))
    (finding,) = (finding for finding in report.findings if finding.rule == RULE)
    assert finding.applications == ("ordinary",)
    assert _silenced(report) == [(RULE, "one tag", "annotation")]


# --- configuration


@pytest.mark.parametrize("rule", [RULE, "pinning"], ids=["rule", "family"])
@pytest.mark.parametrize("paths", ["ordinary", "ordinary/*.yaml", "ordinary/web.yaml"])
def test_an_override_switches_off_for_some_paths(tmp_path: Path, rule: str, paths: str) -> None:
    override = f"overrides: [{{paths: ['{paths}'], rules: {{{rule}: off}}, reason: it goes away}}]\n"
    report = _lint(_repository(tmp_path, **{".gitopsmith": override}))
    assert _rules(report) == []
    assert _silenced(report) == [(RULE, "it goes away", "configuration")]


@pytest.mark.parametrize(
    ("rules", "severity"),
    [
        ([{RULE: "warning"}], Severity.WARNING),
        ([{"pinning": "info"}], Severity.INFO),
        ([{"pinning": "info", RULE: "warning"}], Severity.WARNING),
        ([{RULE: "warning"}, {"pinning": "info"}], Severity.INFO),
        ([{"health": "info"}], Severity.ERROR),
    ],
    ids=["rule", "family", "rule over family", "last override", "other family"],
)
def test_an_override_weighs_for_some_paths(tmp_path: Path, rules: list[dict[str, str]], severity: Severity) -> None:
    overrides = [{"paths": ["ordinary"], "rules": item, "reason": "known"} for item in rules]
    report = _lint(_repository(tmp_path, **{".gitopsmith": f"overrides: {overrides}\n"}))
    assert [finding.severity for finding in report.findings] == [severity]


def test_an_override_of_an_environment_holds_for_its_paths(tmp_path: Path) -> None:
    configuration = (
        "environments: [{name: staging, paths: [ordinary]}, {name: production, paths: [clusters/production]}]\n"
        "overrides: [{environments: [staging], rules: {pinning: off}, reason: a playground}]\n"
    )
    report = _lint(_repository(tmp_path, **{".gitopsmith": configuration}))
    assert _silenced(report) == [(RULE, "a playground", "configuration")]


def test_an_override_switches_on_for_some_paths_what_is_off_elsewhere(tmp_path: Path) -> None:
    both = {
        "other__kustomization": "resources: [web.yaml]\n",
        "other__web": WEB,
        "apps__o": application_of("o", "other"),
    }
    configuration = (
        f"rules: {{{RULE}: off}}\noverrides: [{{paths: [other], rules: {{{RULE}: warning}}, reason: ours}}]\n"
    )
    report = _lint(_repository(tmp_path, **both, **{".gitopsmith": configuration}))
    assert [(item.location.path, str(item.severity)) for item in report.findings] == [("other/web.yaml", "warning")]
    assert report.suppressed == ()


def test_an_override_gives_an_environment_the_rules_of_another_profile(tmp_path: Path) -> None:
    configuration = (
        "profile: minimal\nenvironments: [{name: production, paths: [ordinary]}]\n"
        "overrides: [{environments: [production], rules: {pinning: error}, reason: what runs is pinned}]\n"
    )
    other = {
        "other__kustomization": "resources: [web.yaml]\n",
        "other__web": WEB,
        "apps__o": application_of("o", "other"),
    }
    assert _rules(_lint(_repository(tmp_path, **other, **{".gitopsmith": configuration}))) == [(RULE, 12)]
    assert _rules(_lint(tmp_path, ignore=("pinning",))) == []
