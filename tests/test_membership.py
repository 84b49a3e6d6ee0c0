"""Which projects an Application may belong to, with the global projects that argocd-cm names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gitopsmith import application, membership, tree
from gitopsmith.application import Application, Ownership, Repository
from gitopsmith.argocd import projects
from gitopsmith.manifest import Resource

SELECTED = "- projectName: everyone\n  labelSelector:\n    matchLabels: {team: shop}\n"


def app(folder: Path, project: str = "shop") -> Application:
    body = {"kind": "Application", "metadata": {"name": "web"}, "spec": {"project": project}}
    return application.read(Resource(body), tree.open_tree(folder), Ownership(frozenset(), "unknown"))


def named(name: str, labels: dict[str, str] | None = None, **spec: Any) -> Resource:
    return Resource({"kind": "AppProject", "metadata": {"name": name, "labels": labels or {}}, "spec": spec})


def allows_web(project: projects.Project) -> bool | None:
    return projects.permits_source(project, "https://git.example.com/web")


def is_denied(folder: Path, settings: dict[str, Any] | None, *found: Resource) -> bool:
    repository = Repository((), projects=found, settings=settings)
    return membership.all_deny(membership.candidates(repository, app(folder)), allows_web)


EVERYONE = named("everyone", sourceRepos=["*"])


@pytest.mark.parametrize(
    ("settings", "labels", "expected"),
    [
        ({}, {"team": "shop"}, True),
        ({"globalProjects": SELECTED}, {"team": "shop"}, False),
        ({"globalProjects": SELECTED}, {"team": "pay"}, True),
        ({"globalProjects": SELECTED.replace("everyone", "elsewhere")}, {"team": "shop"}, False),
        ({"globalProjects": "- projectName: everyone\n"}, {}, False),
        ({"globalProjects": "nothing: useful\n"}, {}, False),
        (None, {"team": "shop"}, False),
        (None, {}, True),
    ],
)
def test_a_global_project_may_allow_what_the_project_does_not(
    tmp_path: Path, settings: dict[str, Any] | None, labels: dict[str, str], expected: bool
) -> None:
    assert is_denied(tmp_path, settings, named("shop", labels), EVERYONE) is expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("{key: team, operator: In, values: [shop, pay]}", False),
        ("{key: team, operator: NotIn, values: [shop]}", True),
        ("{key: team, operator: Exists}", False),
        ("{key: team, operator: DoesNotExist}", True),
        ("{key: team, operator: Odd}", True),
    ],
)
def test_a_selector_may_have_expressions(tmp_path: Path, expression: str, expected: bool) -> None:
    settings = {
        "globalProjects": f"- projectName: everyone\n  labelSelector:\n    matchExpressions:\n      - {expression}\n"
    }
    assert is_denied(tmp_path, settings, named("shop", {"team": "shop"}), EVERYONE) is expected


def test_a_project_of_several_environments_denies_only_where_all_of_them_do(tmp_path: Path) -> None:
    strict, open_ = named("shop", sourceRepos=["https://other.example.com/*"]), named("shop", sourceRepos=["*"])
    assert is_denied(tmp_path, {}, strict, strict)
    assert not is_denied(tmp_path, {}, strict, open_)


def test_a_template_and_a_project_that_is_not_here_deny_nothing(tmp_path: Path) -> None:
    assert not is_denied(tmp_path, {}, named("shop", sourceRepos=["{{ repository }}"]))
    assert not is_denied(tmp_path, {}, EVERYONE)
