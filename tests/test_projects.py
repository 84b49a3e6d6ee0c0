"""What an AppProject permits, by Argo CD's own tables and by its source code."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from checkout import ROOT

sys.path.append(str(ROOT))

from bench.facts import KINDS, answer

from gitopsmith.argocd import globs, projects, urls
from gitopsmith.argocd.projects import Target

IN_CLUSTER = "https://kubernetes.default.svc"
PROD = "https://prod.example.com"


def project(**spec: Any) -> projects.Project:
    return projects.read({"metadata": {"name": "shop", "namespace": "argocd"}, "spec": spec})


def test_every_fact_of_argo_cds_own_tables_that_needs_no_cluster(conformance: Path) -> None:
    facts = json.loads((conformance / "argo-cd" / "facts" / "appproject.json").read_text("utf-8"))
    counts: Counter[str] = Counter()
    for name, fact in facts.items():
        found = answer(fact)
        counts["agrees" if found == fact.get("isPermitted", fact.get("matches")) else "open"] += fact["kind"] in KINDS
        assert found in {None, fact.get("isPermitted", fact.get("matches"))}, name
    assert counts == {"agrees": 88, "open": 4}  # those four ask which clusters belong to the project


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://git.example.com/Team/fleet.git", "https://git.example.com/team/fleet"),
        ("git@git.example.com:team/fleet.git", "git@git.example.com/team/fleet"),
        ("ssh://git@git.example.com/team/fleet", "git@git.example.com/team/fleet"),
        ("ssh://git@git.example.com:team/fleet", ""),
        ("https://git.example.com/{a,b}/*", "https://git.example.com/%7Ba,b%7D/%2A"),
        ("registry.example.com:5000/charts", "registry.example.com:5000/charts"),
        ("127.0.0.1:5000/charts", ""),
        ("https://git.example.com/a%20b", None),
        ("https://[::1]/team/fleet", None),
        ("*", "*"),
        (" https://git.example.com/a b ", "https://git.example.com/a%20b"),
    ],
)
def test_a_url_is_compared_as_go_writes_it(url: str, expected: str | None) -> None:
    assert urls.normalized(url) == expected


@pytest.mark.parametrize(
    ("pattern", "value", "separators", "expected"),
    [
        ("https://git.example.com/*", "https://git.example.com/team/fleet", "/", False),
        ("https://git.example.com/**", "https://git.example.com/team/fleet", "/", True),
        ("web-*", "web-/x", "", True),
        ("{web,shop}-[a-c]?", "shop-b1", "", True),
        ("{web,{a,b}x}", "bx", "", True),
        ("[!a-c]", "d", "", True),
        (r"a\*", "a*", "", True),
        ("a,b}", "a,b}", "", True),
        ("[a-]", "a", "", False),
        ("{a", "a", "", False),
        ("a\\", "a", "", False),
    ],
)
def test_globs_are_gobwas_globs(pattern: str, value: str, separators: str, expected: bool) -> None:
    assert (globs.glob(pattern, separators).match(value) is not None) is expected


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("*", "Namespace", True), ("*", "a/b", False), ("Name?pace", "Namespace", True), ("[A-M]*", "Namespace", False),
        ("[^A-M]*", "Namespace", True), ("[", "[", False), (r"\*", "*", True), ("[z-a]", "b", False),
        ("{a,b}", "a", False),
    ],
)  # fmt: skip
def test_kinds_are_matched_as_file_names(pattern: str, value: str, expected: bool) -> None:
    assert (globs.name_pattern(pattern).match(value) is not None) is expected


@pytest.mark.parametrize(
    ("destination", "wanted", "expected"),
    [
        ({"server": PROD, "namespace": "web"}, Target(PROD, None, "web"), True),
        ({"server": PROD, "namespace": "web"}, Target(IN_CLUSTER, None, "web"), False),
        ({"name": "prod", "namespace": "web"}, Target(PROD, None, "web"), None),
        ({"server": PROD, "namespace": "web"}, Target(None, "prod", "web"), None),
        ({"server": PROD, "namespace": "web"}, Target(None, "prod", "shop"), False),
        ({"server": "*", "namespace": "web-*"}, Target(None, "prod", "web-1"), True),
        ({"name": "*", "namespace": "web"}, Target(PROD, None, "web"), None),
        ({"server": IN_CLUSTER, "namespace": "*"}, projects.target({"name": "in-cluster", "namespace": "x"}), True),
        ({"server": PROD}, Target(PROD, None, "web"), False),
        ({"server": PROD}, Target(PROD, None, ""), True),
        ({"server": "*", "namespace": "*"}, Target(None, None, "web"), None),
    ],
)
def test_a_destination_is_decided_where_git_decides_it(
    destination: dict[str, Any], wanted: Target, expected: bool | None
) -> None:
    assert projects.permits_destination(project(destinations=[destination]), wanted) is expected


def test_a_denied_namespace_wins_over_what_is_allowed() -> None:
    shop = project(
        destinations=[{"server": "*", "namespace": "*"}, {"server": "*", "namespace": "!kube-system"}],
    )
    assert projects.permits_destination(shop, Target(PROD, None, "kube-system")) is False
    assert projects.permits_destination(shop, Target(PROD, None, "web")) is True


def test_a_project_of_its_own_clusters_can_deny_and_never_surely_allow() -> None:
    shop = project(destinations=[{"server": "*", "namespace": "web"}], permitOnlyProjectScopedClusters=True)
    assert projects.permits_destination(shop, Target(PROD, None, "web")) is None
    assert projects.permits_destination(shop, Target(PROD, None, "shop")) is False


def test_a_source_that_cannot_be_compared_is_left_open() -> None:
    assert projects.permits_source(project(sourceRepos=["*"]), "https://git.example.com/a%20b") is True
    assert projects.permits_source(project(sourceRepos=["https://x.org/*"]), "https://git.example.com/a%20b") is None
    assert projects.permits_source(project(sourceRepos=[]), "https://git.example.com/a%20b") is False


def test_a_regular_expression_of_namespaces_may_look_ahead() -> None:
    shop = project(sourceNamespaces=["/^((?!infra).)*$/"])
    assert projects.permits_application_in(shop, "team", "argocd") is True
    assert projects.permits_application_in(shop, "infra", "argocd") is False
    assert projects.permits_application_in(project(sourceNamespaces=["/(?<a-b>x)/"]), "infra", "argocd") is None


def test_a_global_project_adds_to_a_project_and_may_end_its_freedom() -> None:
    everything = project(clusterResourceWhitelist=[{"group": "*", "kind": "*"}])
    strict = project(namespaceResourceWhitelist=[{"group": "apps", "kind": "Deployment"}])
    both = projects.with_global(everything, strict)
    assert projects.permits_kind(both, "", "Namespace", "web", namespaced=False)
    assert not projects.permits_kind(both, "", "ConfigMap", "web", namespaced=True)
    assert projects.permits_kind(projects.with_global(everything, everything), "", "Secret", "x", namespaced=True)


def test_what_is_no_text_and_no_list_permits_nothing_and_breaks_nothing() -> None:
    odd = project(sourceRepos=[1, None, {}], destinations=[None, 3, {"server": 1}], clusterResourceWhitelist="*")
    assert projects.permits_source(odd, "https://git.example.com/x") is False
    assert projects.permits_destination(odd, Target(PROD, None, "web")) is False
    assert not projects.permits_kind(odd, "", "Namespace", "web", namespaced=False)
    assert projects.read({"spec": 3}) == projects.read(None)
