"""What identifies a finding, and in which order findings are read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gitopsmith.finding import Failure, Finding, Location, ObjectName, Severity

FINDING = Finding(
    rule="image-unpinned",
    severity=Severity.ERROR,
    message="image 'web:latest' can change",
    location=Location("apps/web/deployment.yaml", 12, 9, 12, 20),
    object=ObjectName("apps/v1", "Deployment", "web", "web"),
    source="Deployment/web",
    pointer="spec.template.spec.containers[name=web].image",
)


@pytest.mark.parametrize(
    "changed",
    [
        replace(FINDING, location=FINDING.location._replace(line=40, end_line=40)),
        replace(FINDING, message="image 'web:edge' can change"),
        replace(FINDING, severity=Severity.WARNING),
        replace(FINDING, object=ObjectName("apps/v1", "Deployment", "staging", "staging-web")),
        replace(FINDING, applications=("web",)),
    ],
    ids=["moved", "reworded", "weighed", "renamed by an overlay", "deployed"],
)
def test_a_fingerprint_survives(changed: Finding) -> None:
    assert changed.fingerprint == FINDING.fingerprint


@pytest.mark.parametrize(
    "changed",
    [
        replace(FINDING, rule="image-latest"),
        replace(FINDING, location=FINDING.location._replace(path="apps/api/deployment.yaml")),
        replace(FINDING, source="Deployment/api"),
        replace(FINDING, pointer="spec.template.spec.containers[name=sidecar].image"),
    ],
    ids=["rule", "file", "object", "field"],
)
def test_a_fingerprint_tells_apart(changed: Finding) -> None:
    assert changed.fingerprint != FINDING.fingerprint


def test_a_fingerprint_without_a_source_names_the_object() -> None:
    assert replace(FINDING, source="").fingerprint == FINDING.fingerprint
    assert replace(FINDING, source="", object=None).fingerprint != FINDING.fingerprint


def test_a_fingerprint_takes_a_file_name_that_is_no_text() -> None:
    odd = replace(FINDING, location=Location("caf\udce9.yaml"))
    assert len(odd.fingerprint) == 32


def test_findings_are_read_from_top_to_bottom_of_each_file() -> None:
    later = replace(FINDING, location=FINDING.location._replace(line=100))
    other = replace(FINDING, location=FINDING.location._replace(path="apps/aaa.yaml", line=500))
    assert sorted([later, FINDING, other], key=lambda item: item.order) == [other, FINDING, later]


def test_severities_are_ordered_and_written_small() -> None:
    assert [str(level) for level in sorted(Severity)] == ["info", "warning", "error"]
    assert str(FINDING.object) == "Deployment/web"


def test_a_failure_is_wrong_usage_unless_it_says_otherwise() -> None:
    assert (Failure("no").status, Failure("no", status=3).status, str(Failure("no"))) == (2, 3, "no")
