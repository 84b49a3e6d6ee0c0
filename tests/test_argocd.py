"""Argo CD's semantics, as its source code has them."""

from __future__ import annotations

from typing import Any

import pytest

from gitopsmith import argocd


@pytest.mark.parametrize(
    "url",
    [
        "https://git.example.com/Team/fleet",
        "https://git.example.com/team/fleet.git",
        "https://git.example.com/team/fleet/",
        "https://user:token@git.example.com/team/fleet.git",
        "https://git.example.com:443/team/fleet",
        "http://git.example.com/team/fleet",
        "git@git.example.com:team/fleet.git",
        "git.example.com:team/fleet",
        "git.example.com/team/fleet",
        "ssh://git@git.example.com/team/fleet.git",
        "ssh://git@git.example.com:2222/team/fleet.git",
        "  https://git.example.com/team/fleet  ",
    ],
)
def test_one_repository_has_many_urls(url: str) -> None:
    assert argocd.repository_identity(url) == "git.example.com/team/fleet"


@pytest.mark.parametrize(
    "url",
    [
        "https://git.example.com/team/fleet-2",
        "https://git.example.com/team/fleet/sub",
        "https://git.example.com/other/fleet",
        "https://git.example.org/team/fleet",
    ],
)
def test_similar_urls_are_other_repositories(url: str) -> None:
    assert argocd.repository_identity(url) != "git.example.com/team/fleet"


@pytest.mark.parametrize(
    "revision", ["", "HEAD", "main", "Master", "release-1.2", "release/1.2", "1.*", ">=1.2", "v1.x"]
)
def test_a_revision_that_moves(revision: str) -> None:
    assert argocd.is_external_floating(revision)


@pytest.mark.parametrize(
    "revision", ["v1.2.3", "1.2", "0a1b2c3d4e5f60718293a4b5c6d7e8f901234567", "my-tag", "mainline"]
)
def test_a_revision_that_may_stand_still(revision: str) -> None:
    assert not argocd.is_external_floating(revision)


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("1.2.3", False), ("v1.2.3-rc.1+build.5", False), ("", True), ("*", True), ("1.x", True), ("1.2.X", True),
        ("^1.2", True), ("~1.2.0", True), (">= 1.2, < 2", True), ("1.2 - 1.4", True), ("1.2 || 1.4", True),
        ("1.2.3-alpine-x1", False),
    ],
)  # fmt: skip
def test_a_chart_version_is_exact_or_a_range(version: str, expected: bool) -> None:
    assert argocd.is_range(version) is expected


def test_commits_and_versions_are_told_by_their_form() -> None:
    assert argocd.is_commit("0a1b2c3d4e5f60718293a4b5c6d7e8f901234567")
    assert not argocd.is_commit("0a1b2c3")
    assert argocd.is_version("v3.6.1")
    assert not argocd.is_version("3")


@pytest.mark.parametrize(
    ("option", "complaint"),
    [
        ("CreateNamespace=true", ""),
        ("Prune=confirm", ""),
        ("PrunePropagationPolicy=background", ""),
        ("createNamespace=true", "unknown sync option 'createNamespace'; write 'CreateNamespace', case counts"),
        ("CreateNamespaces=true", "unknown sync option 'CreateNamespaces'; it has no effect"),
        ("CreateNamespace", "sync option 'CreateNamespace' takes true or false, not ''"),
        ("Replace=confirm", "sync option 'Replace' takes true or false, not 'confirm'"),
        ("Validate=False", "sync option 'Validate' takes true or false, not 'False'"),
    ],
)
def test_sync_options_count_with_their_case(option: str, complaint: str) -> None:
    assert argocd.unknown_sync_option(option) == complaint


def test_options_in_an_annotation_are_cut_at_commas() -> None:
    assert argocd.split_options(" Prune=false , ,Delete=false,") == ["Prune=false", "Delete=false"]


@pytest.mark.parametrize(
    ("source", "listing", "expected"),
    [
        ({}, ("kustomization.yaml", "Chart.yaml"), "kustomize"),
        ({}, ("Kustomization",), "kustomize"),
        ({}, ("Chart.yaml", "values.yaml"), "helm"),
        ({}, ("deployment.yaml",), "directory"),
        ({"directory": {"recurse": True}}, ("kustomization.yaml",), "directory"),
        ({"directory": {"recurse": False}}, ("kustomization.yaml",), "kustomize"),
        ({"directory": {}}, ("kustomization.yaml",), "kustomize"),
        ({"directory": None}, ("Chart.yaml",), "helm"),
        ({"helm": {"valueFiles": ["v.yaml"]}}, (), "helm"),
        ({"kustomize": {"namePrefix": "a-"}}, ("deployment.yaml",), "kustomize"),
        ({"plugin": {"name": "cdk"}}, ("kustomization.yaml",), "plugin"),
    ],
)
def test_a_source_is_rendered_by_its_block_or_by_what_lies_there(
    source: dict[str, Any], listing: tuple[str, ...], expected: str
) -> None:
    assert argocd.source_type(source, listing) == expected


@pytest.mark.parametrize(
    ("path", "include", "exclude", "expected"),
    [
        ("web.yaml", "", "", True),
        ("web.yml", "", "", True),
        ("web.json", "", "", True),
        ("web.jsonnet", "", "", True),
        ("web.YAML", "", "", False),
        ("web.yaml.bak", "", "", False),
        ("README.md", "*", "", False),
        ("deep/down/web.yaml", "*.yaml", "", True),
        ("deep/web.yaml", "deep/*", "", True),
        ("web.yaml", "deep/*", "", False),
        ("web.yaml", "{web,api}.yaml", "", True),
        ("db.yaml", "{web,api}.yaml", "", False),
        ("config.json", "", "{config.json,env-usw2/*}", False),
        ("env-usw2/a.yaml", "", "{config.json,env-usw2/*}", False),
        ("env-euw1/a.yaml", "", "{config.json,env-usw2/*}", True),
        ("web.yaml", "*.yaml", "web.*", False),
        ("web1.yaml", "web?.yaml", "", True),
        ("web1.yaml", "web[0-9].yaml", "", True),
        ("web1.yaml", "web[!0-9].yaml", "", False),
        ("a+b.yaml", "a+b.yaml", "", True),
        ("a*b.yaml", r"a\*b.yaml", "", True),
        ("axb.yaml", r"a\*b.yaml", "", False),
        ("deep/down/web.yaml", "**/web.yaml", "", True),
        ("a,b.yaml", "a,b.yaml", "", True),
        ("x}.yaml", "x}.yaml", "", True),
        ("[.yaml", "[.yaml", "", False),  # Argo CD cannot read the pattern, and takes nothing
        ("web.yaml", "{web.yaml", "", False),
    ],
)
def test_manifest_files_of_a_directory_source(path: str, include: str, exclude: str, expected: bool) -> None:
    """Without separators in Argo CD's globs, a star crosses folders."""
    assert argocd.is_manifest_file(path, include, exclude) is expected


def test_a_broken_file_matters_when_it_looks_like_a_manifest() -> None:
    assert argocd.looks_like_manifest("apiVersion: v1\nkind: X\nmetadata: {\n")
    assert not argocd.looks_like_manifest("kind: X\nreplicas: {{ .Values.n }}\n")
    assert argocd.is_skipped(b"# +argocd:skip-file-rendering\nkind: X\n")


@pytest.mark.parametrize(
    ("specification", "routes"),
    [
        ({"source": {"path": "a"}}, [("spec", "source")]),
        ({"source": {"path": "a"}, "sources": []}, [("spec", "source")]),
        (
            {"source": {}, "sources": [{"path": "a"}, "odd", {"ref": "b"}]},
            [("spec", "sources", 0), ("spec", "sources", 2)],
        ),
        ({"source": "odd"}, []),
        ({}, []),
    ],
    ids=["one", "none of many", "many win", "no map", "nothing"],
)
def test_sources_of_an_application(specification: dict[str, Any], routes: list[tuple[Any, ...]]) -> None:
    assert argocd.source_routes({"spec": specification}) == routes


@pytest.mark.parametrize(
    ("destination", "expected"),
    [
        ({"server": "https://kubernetes.default.svc"}, "in-cluster"),
        ({"server": "https://kubernetes.default.svc/"}, "in-cluster"),
        ({"name": "in-cluster"}, "in-cluster"),
        ({"name": "production"}, "production"),
        ({"server": "https://10.0.0.1"}, "https://10.0.0.1"),
        ({"namespace": "web"}, ""),
        ({}, ""),
    ],
)
def test_one_cluster_has_two_names(destination: dict[str, Any], expected: str) -> None:
    assert argocd.cluster(destination) == expected


def test_applications_are_told_by_their_group() -> None:
    assert argocd.is_application({"apiVersion": "argoproj.io/v1alpha1", "kind": "Application"})
    assert not argocd.is_application({"apiVersion": "app.k8s.io/v1beta1", "kind": "Application"})
    assert argocd.is_application_set({"apiVersion": "argoproj.io/v1alpha1", "kind": "ApplicationSet"})
    assert not argocd.is_application_set(None)
