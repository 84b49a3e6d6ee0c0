"""What definitions demand in CEL is what Kubernetes' own code makes of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import ROOT
from gitopsmith.asking import Program
from gitopsmith.lint import Options, lint
from gitopsmith.validate import EVALUATOR, Rules, Schemas
from gitopsmith.validate.ruled import slim
from gitopsmith.validate.rules import route_of

FOLDER = ROOT / "tests" / "fixtures" / "repositories" / "rules-broken"
DEFINITION = yaml.safe_load((FOLDER / "app" / "definition.yaml").read_text())
POOL = {"apiVersion": "example.com/v1", "kind": "Pool", "metadata": {"name": "one"}}


@pytest.fixture
def rules(cel: str) -> Iterator[Rules]:
    """Rules of the fixture's definition, evaluated."""
    program = Program(EVALUATOR, 60)
    yield Rules(Schemas(crds=[DEFINITION]), program)
    program.close()


def told(rules: Rules, spec: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [(*problem.route, problem.message) for problem in rules.check(POOL | {"spec": spec})]


def test_a_default_counts(rules: Rules) -> None:
    assert told(rules, {"maximum": 2}) == []
    assert told(rules, {"maximum": 1}) == [("spec", "its definition demands self.minimum <= self.maximum")]


def test_a_rule_about_a_change_says_nothing_of_one_state(rules: Rules) -> None:
    assert told(rules, {"maximum": 3, "zone": "two"}) == []


def test_a_computed_message_is_not_shown(rules: Rules) -> None:
    found = told(rules, {"maximum": 3, "members": [{"name": "hunter2"}]})
    message = "its definition says: A member's name begins with member-"
    assert found == [("spec", "members", 0, "name", message)]


def test_a_kind_with_two_definitions_may_keep_to_either(cel: str) -> None:
    other = yaml.safe_load((FOLDER / "app" / "definition.yaml").read_text())
    properties = other["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]
    properties["spec"]["x-kubernetes-validations"] = [{"rule": "self.maximum < 10"}]
    program = Program(EVALUATOR, 60)
    both = Rules(Schemas(crds=[DEFINITION, other]), program)
    assert told(both, {"minimum": 5, "maximum": 1}) == []
    assert told(both, {"minimum": 50, "maximum": 40}) != []
    program.close()


def test_a_rule_that_does_not_compile_says_nothing_of_an_object(cel: str) -> None:
    broken = yaml.safe_load((FOLDER / "app" / "definition.yaml").read_text())
    properties = broken["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]
    properties["spec"]["x-kubernetes-validations"] = [{"rule": "self.nothing == 1"}]
    program = Program(EVALUATOR, 60)
    assert told(Rules(Schemas(crds=[broken]), program), {"maximum": 1}) == []
    program.close()


def test_without_the_program_objects_are_counted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GITOPSMITH_HELPER", str(tmp_path))
    root = shutil.copytree(FOLDER, tmp_path / "repository")
    report = lint(Options(paths=(root,), select=("schema-rule-broken",)))
    assert report.findings == ()
    said = [(note.message, note.count) for note in report.notes if "gitopsmith-cel" in note.message]
    message = "objects are of a kind whose definition has rules in CEL, which take the program gitopsmith-cel"
    assert said == [(f"{message}, such as Pool 'named'", 2)]


def test_a_schema_without_rules_asks_nobody() -> None:
    assert slim({"type": "object", "properties": {"spec": {"type": "object"}}}) is None
    assert Schemas(crds=[]).ruled("apps/v1", "Deployment") == []


def test_what_lies_beside_a_rule_is_not_needed() -> None:
    rules = [{"rule": "self.size() > 1"}]
    ruled = {"type": "string", "description": "long", "x-kubernetes-validations": rules}
    schema = {"type": "object", "properties": {"one": ruled, "two": {"type": "string"}}}
    kept = {"type": "string", "x-kubernetes-validations": rules}
    assert slim(schema) == {"type": "object", "properties": {"one": kept}}


@pytest.mark.parametrize(
    ("field", "route"),
    [
        ("<nil>", ()),
        ("spec.members[1].name", ("spec", "members", 1, "name")),
        ("spec.labels[a.b/c]", ("spec", "labels", "a.b/c")),
        ("spec.members[0].absent.deeper", ("spec", "members", 0)),
        ("spec..members", ("spec", "members")),
    ],
)
def test_a_field_is_found_as_far_as_it_exists(field: str, route: tuple[Any, ...]) -> None:
    body = {"spec": {"members": [{"name": "a"}, {"name": "b"}], "labels": {"a.b/c": "d"}}}
    assert route_of(field, body) == route
