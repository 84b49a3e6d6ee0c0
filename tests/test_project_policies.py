"""How sure the policies about projects are: what is an error, what a warning, and what is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitopsmith import documents, policy
from gitopsmith.application import Application, Deployed, Repository
from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, mapping
from judging import judged

POLICIES = {item.id: item for item in policy.load()}
APPLICATION = """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web, namespace: %(home)s}
spec:
  project: %(project)s
  source: {repoURL: "https://charts.example.com", chart: web, targetRevision: 1.2.3}
  destination: {name: production, namespace: web}
  syncPolicy: {syncOptions: [CreateNamespace=true]%(managed)s}
"""
PROJECT = """\
---
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: %(name)s, namespace: argocd}
spec: {sourceRepos: [%(source)s], destinations: [{name: production, namespace: %(namespace)s}]%(more)s}
"""


def application(project: str = "shop", home: str = "argocd", managed: str = "") -> str:
    return APPLICATION % {"project": project, "home": home, "managed": managed}


def project(name: str = "shop", source: str = '"*"', namespace: str = "web", more: str = "") -> str:
    return PROJECT % {"name": name, "source": source, "namespace": namespace, "more": more}


def severities(rule: str, text: str, folder: Path) -> list[Severity | None]:
    return [violation.severity for _, violation in judged(POLICIES[rule], text, folder)]


ELSEWHERE = '"https://git.example.com/*"'


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    [
        ("application-source-denied", application() + project(source=ELSEWHERE), [None]),
        (
            "application-source-denied",
            application("default") + project("default", source=ELSEWHERE),
            [Severity.WARNING],
        ),
        ("application-source-denied", application() + project(source=ELSEWHERE) + project(), []),
        ("application-source-denied", application() + project(source='"{{ repository }}"'), []),
        ("application-source-denied", application(), []),
        ("application-destination-denied", application() + project(namespace="shop"), [None]),
        ("application-destination-denied", application() + project(namespace='"{{ namespace }}"'), []),
        ("namespace-creation-denied", application() + project(), [Severity.WARNING]),
        (
            "namespace-creation-denied",
            application(managed=", managedNamespaceMetadata: {labels: {a: b}}") + project(),
            [None],
        ),
        ("namespace-creation-denied", application() + project(namespace="shop"), []),
        (
            "namespace-creation-denied",
            application() + project(more=", clusterResourceWhitelist: [{group: '', kind: Namespace}]"),
            [],
        ),
        ("application-namespace-denied", application(home="team") + project(), [Severity.WARNING]),
        (
            "application-namespace-denied",
            application(home="team") + project(more=", sourceNamespaces: [shop]"),
            [None],
        ),
        ("application-namespace-denied", application(home="team") + project(more=", sourceNamespaces: [team]"), []),
        ("application-project-undefined", application("ghost") + project(), [None]),
        ("application-project-undefined", application("ghost", home="elsewhere") + project(), [Severity.WARNING]),
        ("application-project-undefined", application("ghost"), []),
        ("application-project-undefined", application("default") + project(), []),
        ("application-project-undefined", application('"{{ project }}"') + project(), []),
    ],
)
def test_how_sure_a_policy_is(rule: str, text: str, expected: list[Severity | None], tmp_path: Path) -> None:
    assert severities(rule, text, tmp_path) == expected


def test_a_misspelled_project_is_said_once_with_what_was_meant(tmp_path: Path) -> None:
    text = application("shpo") + "---\n" + application("shpo").replace("name: web,", "name: api,") + project()
    messages = [violation.message for _, violation in judged(POLICIES["application-project-undefined"], text, tmp_path)]
    assert messages == ["no manifest here defines the project 'shpo'; 2 Applications ask for it; write 'shop'"]


@pytest.mark.parametrize(("name", "expected"), [("ghost", Severity.WARNING), ("shpo", None)])
def test_a_project_may_be_made_where_nobody_can_look_unless_its_name_is_misspelled(
    name: str, expected: Severity | None
) -> None:
    texts: tuple[str, ...] = (application(name), application(), project().removeprefix("---\n"))
    texts = tuple(text.replace("namespace: web", "namespace: argocd") for text in texts)
    asking, other, defined = (Resource(mapping(documents.load(text))) for text in texts)
    applications = (Application(asking, ()), Application(other, ()))
    deployed = tuple(Deployed(each, (), complete=False) for each in applications)
    repository = Repository(applications, projects=(defined,), deployed=deployed)
    check = POLICIES["application-project-undefined"].check
    assert check is not None
    assert [violation.severity for violation in check(repository)] == [expected]
