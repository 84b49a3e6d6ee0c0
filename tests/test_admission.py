"""The linter and a real API server agree: on each case of the linter's own tests, and on what ``new`` writes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from conftest import ROOT
from gitopsmith import sandbox, tree
from gitopsmith.finding import Failure
from gitopsmith.sandbox import programs
from gitopsmith.validate import Schemas
from test_validate_server import ACCEPTED, REFUSED

sys.path.append(str(ROOT))

from bench import admission, cluster, generated, mutants
from bench.cluster import Cluster

NAME = "admission-test"
POOLS: list[dict[str, Any]] = [
    {"maximum": 1},
    {"maximum": 2},
    {"maximum": 3, "minimum": 3},
    {"maximum": 3, "minimum": 4},
    {"minimum": 1},
    {"maximum": 3, "zone": "two"},
    {"maximum": 3, "members": [{"name": "member-one"}, {}]},
    {"maximum": 3, "members": [{"name": "one"}]},
    {"maximum": None, "minimum": None},
    {"maximum": "3"},
]
WITHOUT_SERVER = {"user-of-openshift"}
"""Kinds that only OpenShift's own API server has."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """An empty cluster; skips where the sandbox's programs are not built."""
    try:
        built = programs.locate(programs.find_go()).is_built
    except Failure as error:
        pytest.skip(str(error))
    if not built:
        pytest.skip("needs the programs of a sandbox: run `gitopsmith sandbox build`")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("s")))
        # What is not on this machine is not fetched: the kinds of a definition that is missing are left out.
        patch.setenv("GOPROXY", "off")
        try:
            found = cluster.start(NAME)
            yield found
            found.close()
        finally:
            sandbox.reset(NAME)


@pytest.mark.slow
@pytest.mark.parametrize("body", [case[0] for case in REFUSED.values()], ids=list(REFUSED))
def test_the_server_refuses_what_the_linter_refuses(server: Cluster, body: Any) -> None:
    assert not server.ask(body).accepted


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in ACCEPTED if name not in WITHOUT_SERVER])
def test_the_server_accepts_what_the_linter_accepts(server: Cluster, name: str) -> None:
    answer = server.ask(ACCEPTED[name])
    assert (answer.accepted, answer.message) == (True, "")


@pytest.mark.slow
@pytest.mark.parametrize("spec", POOLS)
def test_both_agree_on_the_rules_of_a_definition(server: Cluster, cel: str, spec: dict[str, Any]) -> None:
    definition = yaml.safe_load((ROOT / "tests/fixtures/repositories/rules-broken/app/definition.yaml").read_text())
    server.install([definition])
    body = {"apiVersion": "example.com/v1", "kind": "Pool", "metadata": {"name": "one"}, "spec": spec}
    schemas = Schemas(crds=[definition])
    with admission.evaluated(schemas) as rules:
        found = admission.told(schemas, rules, (), body)
    assert server.ask(body).accepted == (not found), found


@pytest.mark.slow
def test_both_agree_on_the_example(server: Cluster) -> None:
    folder = ROOT / "example-repo"
    files = tree.open_tree(folder)
    found = admission.compare(server, files, admission.rendered(files, generated.directories(folder)))
    assert len(found) >= 20
    assert [(item.cause, item.answer) for item in found if not item.agree] == []


@pytest.mark.slow
@pytest.mark.parametrize("secrets", ["sealed-secrets", "external-secrets"])
def test_both_agree_on_new_repositories(server: Cluster, kustomize: str, tmp_path: Path, secrets: str) -> None:
    given = replace(dict(generated.answers())["gitlab, none, prometheus-operator"], secrets=secrets)
    folder = generated.make(tmp_path / "fleet", given)
    files = tree.open_tree(folder)
    found = admission.compare(server, files, admission.rendered(files, generated.directories(folder)))
    assert len(found) >= 30
    assert [(item.cause, item.answer) for item in found if not item.agree] == []


@pytest.mark.slow
def test_the_linter_refuses_no_mutant_that_the_server_accepts(server: Cluster) -> None:
    drawn = mutants.draw(ACCEPTED[name] for name in ACCEPTED if name not in WITHOUT_SERVER)
    tally = admission.Tally()
    admission.judge_mutants(server, drawn, tally)
    assert tally.too_strict == []
    assert len(tally.caught) > 100


def test_classes_of_disagreement_have_no_names_in_them() -> None:
    message = 'Service "a" is invalid: spec.ports[3].port: Invalid value: 99999: must be less, spec.type: Invalid'
    assert admission.generalised(admission._refusal(message)) == "spec.ports[].port: Invalid value: N: must be less"


def test_every_explanation_is_whole() -> None:
    for item in admission.explanations():
        assert item.side in {"accepted", "refused"}
        assert item.right in {"the linter", "the API server", "neither"}
        assert item.why
