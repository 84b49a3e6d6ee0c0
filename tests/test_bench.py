"""The scoring of bench/ is right: what is missed is called missed, what is false is called false."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from checkout import ROOT

sys.path.append(str(ROOT))

from bench import cases, conformance, diff, figures, gold, noise, replays, repositories, speed

from gitopsmith import documents, peers
from gitopsmith.finding import Finding, Location, ObjectName, Severity

DEAD = min(gold.DEAD_PATH)
REFERENCE = min(gold.DEAD_REFERENCE)


def _finding(rule: str, path: str, severity: Severity = Severity.ERROR, **options: Any) -> Finding:
    return Finding(rule, severity, options.pop("message", "wrong"), Location(path, *options.pop("at", ())), **options)


def _row(kind: str, file: str, **options: Any) -> dict[str, Any]:
    return {"repo": "shop", "kind": kind, "file": file, "detail": "", **options}


def _named(kind: str, name: str, api_version: str = "v1") -> ObjectName:
    return ObjectName(api_version, kind, "", name)


ROW = _row("missing-path", "app.yaml", object="Application/shop", path="apps/shop")


@pytest.mark.parametrize(
    ("finding", "hit"),
    [
        pytest.param(_finding(DEAD, "app.yaml"), True, id="right rule, right file"),
        pytest.param(_finding(DEAD, "app.yaml", Severity.WARNING), True, id="a warning counts"),
        pytest.param(_finding(DEAD, "app.yaml", Severity.INFO), False, id="an info does not"),
        pytest.param(_finding(DEAD, "other.yaml"), False, id="another file"),
        pytest.param(_finding("image-unpinned", "app.yaml"), False, id="another rule"),
        pytest.param(_finding(DEAD, "app.yaml", object=_named("Application", "shop")), True, id="its object"),
        pytest.param(_finding(DEAD, "app.yaml", object=_named("Application", "bar")), False, id="another object"),
        pytest.param(
            _finding(DEAD, "app.yaml", object=_named("Application", "shop-eu"), source="Application/shop"),
            True,
            id="its object, renamed by an overlay",
        ),
    ],
)
def test_a_defect_is_found_by_a_finding_that_means_it_at_its_file(finding: Finding, *, hit: bool) -> None:
    assert (gold.missed([ROW], [finding]) == []) is hit


def test_nothing_found_means_that_all_is_missed() -> None:
    rows = [ROW, _row("build-failure", "k.yaml", **{"class": "empty"}), _row("schema-invalid", "d.yaml")]
    assert gold.missed(rows, []) == rows


def test_a_failure_caused_elsewhere_need_not_be_reported_again() -> None:
    assert gold.missed([_row("build-failure", "k.yaml", cascade=True, **{"class": "empty"})], []) == []


@pytest.mark.parametrize(
    ("row", "finding", "false"),
    [
        pytest.param(_row("not-a-defect", "a.yaml"), _finding("image-unpinned", "a.yaml"), True, id="an error there"),
        pytest.param(
            _row("template-placeholder", "a.yaml"),
            _finding(DEAD, "a.yaml", Severity.WARNING),
            False,
            id="a warning there",
        ),
        pytest.param(
            _row("not-a-defect", "a.yaml"), _finding("image-unpinned", "b.yaml"), False, id="an error elsewhere"
        ),
        pytest.param(
            _row("not-a-defect", "a.yaml", other="b.yaml"),
            _finding(min(gold.DUPLICATE), "b.yaml"),
            True,
            id="called a duplicate, at the other file",
        ),
        pytest.param(
            _row("not-a-defect", "a.yaml", other=["b.yaml"]),
            _finding("image-unpinned", "a.yaml"),
            False,
            id="no duplicate, but wrong in another way",
        ),
    ],
)
def test_an_error_where_nothing_is_wrong_is_false(row: dict[str, Any], finding: Finding, *, false: bool) -> None:
    assert (gold.sprung([row], [finding]) == [(row, finding)]) is false


def test_a_file_with_a_known_defect_may_be_a_trap_for_another_rule() -> None:
    trap = _row("not-a-defect", "app.yaml", other="b.yaml")
    assert gold.sprung([ROW, trap], [_finding(DEAD, "app.yaml")]) == []


def test_errors_outside_gold_are_those_that_report_no_known_defect() -> None:
    known, other, mild = _finding(DEAD, "app.yaml"), _finding(DEAD, "b.yaml"), _finding("x", "c.yaml", Severity.WARNING)
    assert gold.outside_gold([ROW], [known, other, mild]) == [other]


def test_schema_findings_on_core_kinds_are_false_unless_known() -> None:
    row = _row("schema-invalid", "d.yaml", object="Deployment/web")
    known = _finding("schema-invalid", "d.yaml", object=_named("Deployment", "web", "apps/v1"))
    other = _finding("schema-unknown-field", "e.yaml", object=_named("Deployment", "api", "apps/v1"))
    custom = _finding("schema-invalid", "f.yaml", object=_named("Widget", "w", "example.com/v1"))

    def is_core(api_version: str, kind: str) -> bool:
        return (api_version, kind) == ("apps/v1", "Deployment")

    assert gold.false_schema([row], [known, other, custom], is_core) == [other]


def test_known_pairs_are_the_core_objects_in_every_directory_that_renders_them() -> None:
    rows = [
        _row("schema-invalid", "d.yaml", object="Deployment/web", rendered_in=["base", "overlays/eu"]),
        _row("schema-invalid", "s.yaml", object="ApplicationSet/all"),
    ]
    pairs = gold.known_pairs(rows, {"Deployment"}.__contains__)
    assert pairs == {("base", "Deployment/web"), ("overlays/eu", "Deployment/web")}


TEXTS = {"kustomization.yaml": "resources:\n- service.yaml\n- my-service.yaml\n- ../base/\n"}
REFERENCES = [{"file": "kustomization.yaml", "ref": ref} for ref in ("service.yaml", "my-service.yaml", "../base")]


def _dangling(line: int, columns: tuple[int, int]) -> Finding:
    return _finding(REFERENCE, "kustomization.yaml", at=(line, columns[0], line, columns[1]))


def test_every_dangling_reference_that_is_reported_is_claimed_once() -> None:
    found = [_dangling(2, (3, 15)), _dangling(3, (3, 18)), _dangling(4, (3, 11))]
    assert gold.replay(REFERENCES, found, TEXTS) == ([], [])


def test_a_reference_that_is_not_reported_is_missed_even_when_its_name_is_part_of_another() -> None:
    outcome = gold.replay(REFERENCES, [_dangling(3, (3, 18)), _dangling(4, (3, 11))], TEXTS)
    assert outcome == ([REFERENCES[0]], [])


def test_a_report_about_a_reference_that_leads_somewhere_is_false() -> None:
    finding = _dangling(2, (3, 15))
    assert gold.replay([], [finding], TEXTS) == ([], [finding])


def test_findings_of_other_rules_do_not_take_part_in_a_replay() -> None:
    assert gold.replay([], [_finding("image-unpinned", "kustomization.yaml")], TEXTS) == ([], [])


def test_what_a_fix_left_dangles_on_both_sides() -> None:
    pair = {"refs": [REFERENCES[0]], "still_dangling_after_fix": [REFERENCES[2]]}
    assert replays.dangling(pair, "broken") == [REFERENCES[0], REFERENCES[2]]
    assert replays.dangling(pair, "fixed") == [REFERENCES[2]]


def test_stubs_stand_for_files_and_for_directories_that_build() -> None:
    files = replays.stubs({"base": "dir", "web/deployment.yaml": "file"})
    assert sorted(files) == ["base/kustomization.yaml", "base/stub.yaml", "web/deployment.yaml"]


def test_a_missed_goal_is_counted_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    shown = figures.Figures()
    shown.goal("recall", 16, "17", met=False)
    shown.goal("false", 0, "0", met=True)
    assert shown.missed == 1
    assert capsys.readouterr().out == "MISS recall: 16 (goal 17)\nok   false: 0 (goal 0)\n"


SUITE = [
    {"id": "flagged", "check": "bad-comment", "file": "bad.yaml", "object": "ConfigMap/a", "verdict": "flag"},
    {"id": "silent", "check": "bad-comment", "file": "good.yaml", "object": "ConfigMap/a", "verdict": "clean"},
    {"id": "missed", "check": "bad-comment", "file": "good.yaml", "object": None, "verdict": "flag"},
    {"id": "false", "check": "bad-comment", "file": "bad.yaml", "object": None, "verdict": "clean"},
    {"id": "strange", "check": "something-else", "file": "bad.yaml", "object": None, "verdict": "flag"},
]
MANIFEST = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n"


def test_cases_are_judged_by_the_rule_that_stands_for_their_check(tmp_path: Path) -> None:
    suite = tmp_path / "kube-linter"
    suite.mkdir()
    (suite / "expected.json").write_text(json.dumps(SUITE))
    (suite / "good.yaml").write_text(MANIFEST)
    (suite / "bad.yaml").write_text(f"{MANIFEST}# gitopsmith: ignore[no-such-rule] because\n")
    known = {"bad-comment": cases.Counterpart(("suppression-invalid",), differs={"mis*": "we know better"})}
    verdicts = list(cases.judge(tmp_path, cases.cases(tmp_path, "kube-linter"), known))
    outcomes = {verdict.case.id: conformance.outcome(verdict) for verdict in verdicts}
    assert outcomes == {"flagged": "TP", "silent": "TN", "missed": "FN", "false": "FP", "strange": "not covered"}
    differing = conformance.differing(verdicts)
    assert [(verdict.case.id, verdict.reason) for verdict in differing] == [("missed", "we know better"), ("false", "")]


@pytest.mark.parametrize(
    ("object_name", "container", "hit"),
    [
        pytest.param("Deployment/web", "", True, id="its object"),
        pytest.param("Deployment/api", "", False, id="another object of the kind"),
        pytest.param("Service/web", "", False, id="another kind of the name"),
        pytest.param("Deployment", "main", True, id="its container, in an object without a name"),
        pytest.param("Deployment", "side", False, id="another container"),
        pytest.param("", "", True, id="the file as a whole"),
    ],
)
def test_a_case_about_one_object_is_met_by_findings_on_it_alone(object_name: str, container: str, *, hit: bool) -> None:
    finding = _finding("x", "f.yaml", object=_named("Deployment", "web"), pointer="spec.containers[name=main].image")
    case = cases.Case("s", "id", "check", flag=True, sources=("f.yaml",), object=object_name, container=container)
    assert cases.is_about(finding, case) is hit


def test_ratios_are_medians_of_pairs_not_of_sides() -> None:
    pairs = speed.Pairs(
        [speed.Run(1, 1), speed.Run(4, 4), speed.Run(9, 9)], [speed.Run(2, 1), speed.Run(4, 8), speed.Run(9, 90)]
    )
    assert pairs.ratio() == (1.0, 0.5)


def test_the_readme_of_the_corpora_names_every_remote(corpora: Path) -> None:
    found = repositories.urls(corpora)
    assert set(found) == set(repositories.truth(corpora, "builds.json")["repos"])
    assert found["vixens"] == "https://github.com/charchess/vixens"


def test_every_counterpart_is_of_a_check_that_the_suite_has(request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue("conformance")
    for suite, checks in documents.load((ROOT / "bench" / "conformance.yaml").read_text()).items():
        assert set(checks) <= {case.check for case in cases.cases(folder, suite)}, suite


@pytest.mark.parametrize(
    ("suite", "own"),
    [
        # a run of all checks at once, and templates that the tests configure with parameters of their own
        ("kube-linter", {"(all default checks)", "statefulset-volumeclaimtemplate-annotation"}),
        ("kube-score", set()),
        ("kyverno-argo", set()),
        ("argocd-source-lint", {cases.EVERY_CHECK}),
    ],
)
def test_every_check_of_a_suite_is_in_the_table_of_its_linter(
    request: pytest.FixtureRequest, suite: str, own: set[str]
) -> None:
    checks = {case.check for case in cases.cases(request.getfixturevalue("conformance"), suite)}
    left = checks - set(peers.load()[suite].checks)
    assert {check for check in left if not check.startswith("template-")} == own


def test_complaints_of_other_tools_are_told_apart_by_check_object_and_words() -> None:
    judged = [
        {
            "object_name": "Deployment/apps/v1//web",
            "checks": [
                {"check": {"id": "pod-probes"}, "grade": 1, "comments": [{"path": "web", "summary": "no readiness"}]},
                {"check": {"id": "label-values"}, "grade": 10, "comments": None},
                {"check": {"id": "service-type"}, "grade": 5, "skipped": True, "comments": None},
                {"check": {"id": "pod-networkpolicy"}, "grade": 5, "comments": None},
            ],
        }
    ]
    told = list(noise.complaints("kube-score", judged))
    assert told == [
        "pod-probes Deployment/apps/v1//web web no readiness",
        "pod-networkpolicy Deployment/apps/v1//web  ",
    ]
    report = {"Check": "latest-tag", "Diagnostic": {"Message": "no tag"}, "Object": {"K8sObject": {"Name": "web"}}}
    assert list(noise.complaints("kube-linter", {"Reports": [report]})) == ['latest-tag {"Name": "web"} no tag']
    assert list(noise.complaints("kube-linter", {"Reports": None})) == []
    said = noise.Said(told * 2, 8, ended=1)
    assert str(said) == "4 findings, 2 distinct, on 8 objects, ended early on 1 builds: 500 and 250 per 1,000"


@pytest.mark.slow
def test_the_published_table_is_current(request: pytest.FixtureRequest) -> None:
    judged = conformance.run(request.getfixturevalue("conformance"), cases.SUITES)
    known = cases.counterparts(conformance.MAP)
    assert conformance.PAGE.read_text() == conformance.page(judged, known), "run python bench/conformance.py"


@pytest.mark.slow
def test_the_run_over_corpora_says_what_it_misses(tmp_path: Path, kustomize: str) -> None:
    del kustomize
    table = f"| shop | example/shop {'0' * 40} (2026-01-01) | - |\n"
    (tmp_path / "README.md").write_text(table)
    rows = [ROW | {"file": "shop/kustomization.yaml"}, _row("not-a-defect", "shop/cm.yaml")]
    (tmp_path / "gold.json").write_text(json.dumps(rows))
    (tmp_path / "fix-pairs.json").write_text("[]")
    truth = {"ok_dirs": {"shop": 1, "gone": 1}, "fail_dirs": [], "components": []}
    (tmp_path / "builds.json").write_text(json.dumps({"repos": {"shop": truth}}))
    (tmp_path / "shop" / "shop").mkdir(parents=True)
    (tmp_path / "shop" / "shop" / "kustomization.yaml").write_text("resources: [cm.yaml]\n")
    (tmp_path / "shop" / "shop" / "cm.yaml").write_text(MANIFEST)
    command = (sys.executable, str(ROOT / "bench" / "corpora.py"), str(tmp_path), "--builds")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    lines = done.stdout.splitlines()
    assert "MISS builds that fail here: 1 (goal 0)" in lines
    assert "MISS gold.json, missing-path found at its file: 0 of 1 (goal all)" in lines
    assert "ok   errors where nothing is wrong (templates, not-a-defect rows): 0 (goal 0)" in lines
    assert "MISS core objects validated: 1 (goal 15,881 over all)" in lines


SETTINGS = ("", "ConfigMap", "", "settings")


def _told(what: str, lines: str) -> dict[str, Any]:
    named = {"apiVersion": "v1", "kind": "ConfigMap", "namespace": "", "name": "settings"}
    objects = [{"object": named, "what": "changed", "diff": lines}] if lines else []
    return {"label": "web", "what": what, "builds": ["web"], "unverifiable": [], "objects": objects}


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        ([_told("changed", "@@ -1 +1 @@\n-one\n+two\n")], []),
        ([_told("changed", "@@ -1 +1 @@\n-one\n+three\n")], [f"web (web): {SETTINGS} differs otherwise"]),
        ([_told("changed", "")], [f"web (web): {SETTINGS} differs in one of both alone"]),
        ([], ["web: differs, and nothing says so"]),
    ],
    ids=["right", "otherwise", "object-missing", "delivery-missing"],
)
def test_a_difference_that_is_told_wrong_is_called_wrong(told: list[dict[str, Any]], wrong: list[str]) -> None:
    old: diff.Rendered = {"web": {SETTINGS: "one\n"}}
    new: diff.Rendered = {"web": {SETTINGS: "two\n"}}
    assert diff.compare({"deliveries": told}, old, new, {"web"}).wrong == wrong
