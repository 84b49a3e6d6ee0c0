"""Applications: what their sources are, and which repository they mean."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gitopsmith import application, documents, graph
from gitopsmith.application import Application, Ownership
from gitopsmith.manifest import Resource
from gitopsmith.tree import Tree, open_tree
from repository import URL, write

OWN = Ownership(frozenset({"git.example.com/team/fleet"}), "configuration")
OTHER = "https://git.example.com/other/charts"


def _application(*sources: dict[str, Any], **specification: Any) -> dict[str, Any]:
    named = {"source": sources[0]} if len(sources) == 1 else {"sources": list(sources)}
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "web"},
        "spec": named | specification,
    }


def _read(tree: Tree, *sources: dict[str, Any], **specification: Any) -> Application:
    return application.read(Resource(_application(*sources, **specification)), tree, OWN)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """A repository with one source of every type."""
    return open_tree(
        write(
            tmp_path,
            {
                "kustomized/kustomization.yaml": "resources: []\n",
                "plain/web.yaml": "",
                "chart/Chart.yaml": "",
                "file.yaml": "",
            },
        )
    )


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ({"repoURL": URL, "path": "kustomized"}, ("kustomize", True, "directory")),
        ({"repoURL": "git@git.example.com:team/fleet", "path": "/kustomized/"}, ("kustomize", True, "directory")),
        ({"repoURL": URL, "path": "./plain"}, ("directory", True, "directory")),
        ({"repoURL": URL, "path": "chart"}, ("helm", True, "directory")),
        ({"repoURL": URL, "path": "."}, ("directory", True, "directory")),
        ({"repoURL": URL, "path": "gone"}, ("directory", True, "missing")),
        ({"repoURL": URL, "path": "file.yaml"}, ("directory", True, "file")),
        ({"repoURL": URL, "path": "../elsewhere"}, ("directory", True, "outside")),
        ({"repoURL": OTHER, "path": "kustomized"}, ("directory", False, "")),
        ({"repoURL": OTHER, "path": "x", "kustomize": {"namePrefix": "a-"}}, ("kustomize", False, "")),
        ({"repoURL": "https://charts.example.com", "chart": "nginx"}, ("chart", False, "")),
        ({"repoURL": URL, "chart": "nginx"}, ("chart", False, "")),
        ({"repoURL": URL, "ref": "values"}, ("values", True, "")),
        ({"repoURL": URL, "ref": "values", "path": "chart"}, ("helm", True, "directory")),
        ({"path": "kustomized"}, ("directory", False, "")),
    ],
)
def test_a_source_is_recognised(tree: Tree, source: dict[str, Any], expected: tuple[str, bool, str]) -> None:
    (found,) = _read(tree, source).sources
    assert (found.type, found.own, found.present) == expected


def test_what_a_source_says_is_kept_as_it_is_written(tree: Tree) -> None:
    (found,) = _read(tree, {"repoURL": URL, "path": "./plain/", "targetRevision": 1.5}).sources
    assert (found.path, found.directory_path, found.target_revision) == ("./plain/", "plain", "1.5")
    assert (found.repo_url, found.chart, found.route) == (URL, "", ("spec", "source"))
    assert _read(tree, {"repoURL": URL}).sources[0].target_revision == ""


def test_an_application_has_argo_cds_defaults(tree: Tree) -> None:
    found = _read(tree, {"repoURL": URL, "path": "plain"}, {"repoURL": OTHER, "path": "x"})
    assert [source.own for source in found.sources] == [True, False]
    assert (found.name, found.namespace, found.project, found.key) == ("web", "argocd", "default", ("argocd", "web"))
    named = _read(tree, {"path": "plain"}, project="team", destination={"namespace": "web"})
    assert (named.project, named.destination) == ("team", {"namespace": "web"})


@pytest.mark.parametrize(
    ("configured", "remotes", "url", "how"),
    [
        ([URL], ["git@other.example.com:x/y"], "https://git.example.com/team/fleet", "configuration"),
        ([], ["git@git.example.com:team/fleet.git"], URL, "git remotes"),
        ([], ["git@git.example.com:fork/fleet.git"], URL, "evidence"),
        ([], [], URL, "evidence"),
    ],
)
def test_the_own_repository_is_known_by_configuration_then_remotes_then_evidence(
    tree: Tree, configured: list[str], remotes: list[str], url: str, how: str
) -> None:
    bodies = [_application({"repoURL": URL, "path": path}) for path in ("kustomized", "plain", "chart")]
    found = application.ownership(configured, remotes, bodies, tree)
    assert found.how == how
    assert found.owns(url)
    assert not found.owns(OTHER)
    assert not found.owns("")


@pytest.mark.parametrize(
    "paths",
    [("plain", "chart"), ("plain", "chart", "kustomized", "gone", "gone too")],
    ids=["too few", "too many missing"],
)
def test_thin_evidence_counts_for_nothing(tree: Tree, paths: tuple[str, ...]) -> None:
    bodies = [_application({"repoURL": URL, "path": path}) for path in paths]
    assert application.ownership((), (), bodies, tree) == Ownership(frozenset(), "unknown")


def test_a_prefix_of_a_url_is_no_evidence(tree: Tree) -> None:
    bodies = [_application({"repoURL": URL, "path": path}) for path in ("kustomized", "plain", "chart")]
    found = application.ownership((), (), bodies, tree)
    assert not found.owns("https://git.example.com/team/fleet-private")


def test_evidence_leaves_out_charts_and_sources_without_a_path(tree: Tree) -> None:
    bodies = [_application({"repoURL": URL, "chart": "x", "path": "plain"}, {"repoURL": URL}, {"path": "plain"})]
    assert application.evidence(bodies, tree) == {}


@pytest.mark.parametrize(
    ("name", "url", "counted"),
    [
        ("operate-first-apps", "https://github.com/operate-first/apps", (61, 71)),
        ("vixens", "https://github.com/charchess/vixens", (137, 143)),
        ("dreamkast-infra", "https://github.com/cloudnativedaysjp/dreamkast-infra", (42, 42)),
        ("eoepca-plus", "https://github.com/EOEPCA/eoepca-plus", (16, 16)),
    ],
)
@pytest.mark.slow
def test_real_repositories_are_recognised_by_evidence_alone(
    corpora: Path, name: str, url: str, counted: tuple[int, int]
) -> None:
    tree = open_tree(corpora / name)
    bodies = graph.discover(tree).declared
    found = application.ownership((), (), bodies, tree)
    assert (found.how, found.owns(url)) == ("evidence", True)
    (identity,) = found.identities
    assert application.evidence(bodies, tree)[identity] == counted


def test_an_application_reads_as_its_file_has_it() -> None:
    text = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a, namespace: apps}\nspec: {}\n"
    found = application.read(Resource(documents.load(text)), Tree(Path(), ()), OWN, "root", disabled=True)
    assert (found.key, found.sources, found.entry, found.disabled) == (("apps", "a"), (), "root", True)
    assert found.body["kind"] == "Application"
