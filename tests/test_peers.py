"""Other linters: every check of theirs leads to rules of ours or to a reason; annotations count when asked for."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from gitopsmith import content, peers, policy
from gitopsmith.cli import main
from gitopsmith.config import read
from gitopsmith.finding import Failure
from gitopsmith.lint import Options, lint, show_config
from repository import ORDINARY, WEB, initialise, write

CHECKS = [check for peer in peers.load().values() for check in peer.checks.values()]


@pytest.fixture(autouse=True)
def _renderer_on_path(kustomize: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(kustomize).parent), prepend=os.pathsep)


def test_every_rule_that_a_check_leads_to_exists() -> None:
    known = {item.id for item in policy.load()}
    assert {rule for check in CHECKS for rule in check.ours} <= known


def test_a_check_without_a_rule_says_why() -> None:
    assert [check.name for check in CHECKS if bool(check.ours) == bool(check.why)] == []


@pytest.mark.parametrize(
    ("peer", "number"),
    [("kube-linter", 63), ("kube-score", 39), ("polaris", 44), ("checkov", 119), ("argocd-source-lint", 17)],
)
def test_no_check_is_left_out(peer: str, number: int) -> None:
    """As many as the linter has in the version that the table names."""
    assert len(peers.load()[peer].checks) == number


def test_a_table_with_neither_a_rule_nor_a_reason_is_refused(tmp_path: Path) -> None:
    (tmp_path / "strict.yaml").write_text("checks:\n  no-tabs: []\n")
    with pytest.raises(Failure, match="no-tabs has rules of ours, or none and a reason why"):
        peers.load(tmp_path)


@pytest.mark.parametrize("name", ["CKV_K8S_8", "kube-linter:no-liveness-probe", "no-liveness-probe"])
def test_a_check_of_another_linter_is_explained_by_ours(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", name]) == 0
    told = capsys.readouterr().out
    assert told.startswith(
        ("checkov:CKV_K8S_8 is liveness-missing here.", "kube-linter:no-liveness-probe is liveness-")
    )
    assert "# liveness-missing\n" in told


def test_a_part_of_a_rule_and_a_check_without_a_rule_are_told_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "hostIPCSet"]) == 0
    assert "polaris:hostIPCSet is part of what host-namespace-shared asks for here.\n" in capsys.readouterr().out
    assert main(["explain", "sorted-keys"]) == 0
    assert capsys.readouterr().out == "kube-linter:sorted-keys has no rule here: the order of keys changes nothing.\n"


def test_a_rule_names_its_counterparts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "liveness-missing"]) == 0
    assert "- kube-linter: `no-liveness-probe`\n" in capsys.readouterr().out


def test_a_mistyped_check_gets_the_nearest_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "CKV_K8S_800"]) == 2
    assert "did you mean 'CKV_K8S_80'?" in capsys.readouterr().err


# --- annotations


def _annotated(annotation: str, *, of_pods: bool = False) -> str:
    if of_pods:
        return WEB.replace("labels: {app: web}}\n", f"labels: {{app: web}}, annotations: {{{annotation}}}}}\n")
    return WEB.replace("metadata:\n", f"metadata:\n  annotations:\n    {annotation}\n", 1)


def _silenced(folder: Path, web: str, configuration: str) -> list[tuple[str, str]]:
    files = {**ORDINARY, "ordinary/web.yaml": web, ".gitopsmith.yaml": configuration}
    report = lint(Options(paths=(initialise(write(folder, files)),), select=("image-unpinned",)))
    assert len(report.findings) + len(report.suppressed) == 1
    return [(item.reason, item.how) for item in report.suppressed]


@pytest.mark.parametrize(
    ("peer", "annotation", "reason"),
    [
        ("kube-linter", "ignore-check.kube-linter.io/latest-tag: the vendor has one tag", "the vendor has one tag"),
        ("kube-linter", "kube-linter.io/ignore-all: made by a vendor", "made by a vendor"),
        ("kube-linter", 'ignore-check.kube-linter.io/latest-tag: ""', "as kube-linter's annotation says"),
        ("kube-score", "kube-score/ignore: service-type, container-image-tag", "as kube-score's annotation says"),
        ("polaris", 'polaris.fairwinds.com/tagNotSpecified-exempt: "true"', "as polaris's annotation says"),
        ("polaris", 'polaris.fairwinds.com/exempt: "True"', "as polaris's annotation says"),
        ("checkov", "checkov.io/skip1: CKV_K8S_14=one tag = one vendor", "one tag = one vendor"),
        ("checkov", "bridgecrew.io/skip2: CKV_K8S_14", "as checkov's annotation says"),
    ],
)
def test_an_annotation_for_another_linter_silences_its_rule(
    tmp_path: Path, peer: str, annotation: str, reason: str
) -> None:
    silenced = _silenced(tmp_path, _annotated(annotation), f"peers: [{peer}]\n")
    assert silenced == [(reason, "annotation")]


def test_kube_score_is_told_by_the_pods_too(tmp_path: Path) -> None:
    web = _annotated("kube-score/ignore: container-image-tag", of_pods=True)
    assert _silenced(tmp_path, web, "peers: [kube-score]\n") == [("as kube-score's annotation says", "annotation")]


@pytest.mark.parametrize(
    ("annotation", "configuration"),
    [
        pytest.param(
            "ignore-check.kube-linter.io/latest-tag: why not", "profile: standard\n", id="nobody asked for it"
        ),
        pytest.param("ignore-check.kube-linter.io/latest-tag: why not", "peers: [checkov]\n", id="another linter's"),
        pytest.param("ignore-check.kube-linter.io/ssh-port: no", "peers: [kube-linter]\n", id="another check"),
        pytest.param("ignore-check.kube-linter.io/mine: no", "peers: [kube-linter]\n", id="a check of the user's own"),
        pytest.param('polaris.fairwinds.com/exempt: "no"', "peers: [polaris]\n", id="not true"),
        pytest.param("kube-score/ignore: 5", "peers: [kube-score]\n", id="a number"),
        pytest.param("checkov.io/skip1: CKV_K8S_1=x", "peers: [checkov]\n", id="a check without a rule"),
    ],
)
def test_anything_else_silences_nothing(tmp_path: Path, annotation: str, configuration: str) -> None:
    assert _silenced(tmp_path, _annotated(annotation), configuration) == []


def test_a_rule_that_asks_for_more_than_the_check_is_not_silenced(tmp_path: Path) -> None:
    web = _annotated("ignore-check.kube-linter.io/host-ipc: it has to").replace(
        "    spec:\n", "    spec:\n      hostPID: true\n"
    )
    files = {**ORDINARY, "ordinary/web.yaml": web, ".gitopsmith.yaml": "peers: [kube-linter]\n"}
    report = lint(Options(paths=(initialise(write(tmp_path, files)),), select=("host-namespace-shared",)))
    assert len(report.findings) == 1


def test_the_schema_of_the_configuration_names_the_linters_whose_annotations_are_read() -> None:
    schema = json.loads((content.SCHEMAS / "config" / "config.schema.json").read_text())
    assert tuple(schema["properties"]["peers"]["items"]["enum"]) == peers.ANNOTATED


def test_another_word_is_refused_and_the_right_ones_are_told(tmp_path: Path) -> None:
    (tmp_path / ".gitopsmith.yaml").write_text("peers: [kubelinter]\n")
    with pytest.raises(Failure, match="write one of kube-linter, kube-score, polaris, checkov, not 'kubelinter'"):
        read(tmp_path / ".gitopsmith.yaml", ())


def test_the_configuration_in_force_shows_them(tmp_path: Path) -> None:
    folder = initialise(write(tmp_path, {**ORDINARY, ".gitopsmith.yaml": "peers: [polaris]\n"}))
    assert "peers:\n- polaris\n" in show_config(Options(paths=(folder,)))
