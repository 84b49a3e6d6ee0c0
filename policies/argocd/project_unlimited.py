"""A project limits what its Applications may deploy, from where and to where.

A project is the only fence between teams that share an Argo CD. One that allows every kind of object that belongs to
the whole cluster lets whoever writes an Application make themselves its administrator; one that allows every namespace
of every cluster, or every repository, is a fence with a hole (docs/operator-manual/security.md of Argo CD).

Exempt: cluster-wide kinds of a project that names its repositories, as one for the platform does, or that denies some
again; the project `default`, for which `application-project-default` speaks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitopsmith.application import Repository
from gitopsmith.finding import Route, Severity
from gitopsmith.manifest import Resource, items, sequence
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
PROFILE = "production"


def check_repository(repository: Repository) -> Iterator[Violation]:
    for project in repository.projects:
        for route, message in _holes(project) if project.name != "default" else ():
            yield Violation(route, f"project {project.name!r} {message}", project)


def _holes(project: Resource) -> Iterator[tuple[Route, str]]:
    sources = sequence(project.body, "spec", "sourceRepos")
    anything = "*" in sources and not _denies(sources)
    if anything:
        yield ("spec", "sourceRepos"), "deploys from every repository; name those that belong to it"
    for route, item in items(project.body, "spec", "destinations"):
        if "*" in (item.get("server"), item.get("name")) and item.get("namespace") == "*":
            yield route, "deploys to every namespace of every cluster; name those that belong to it"
    for route, item in items(project.body, "spec", "clusterResourceWhitelist") if anything else ():
        denied = sequence(project.body, "spec", "clusterResourceBlacklist")
        if (item.get("group"), item.get("kind")) == ("*", "*") and not denied:
            yield route, "may make every cluster-wide object, such as roles for itself; name the kinds that it needs"


def _denies(patterns: list[Any]) -> bool:
    return any(isinstance(each, str) and each.startswith("!") for each in patterns)


GOOD = [
    """\
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata:
  name: shop
  namespace: argocd
spec:
  sourceRepos:
    - https://git.example.com/team/*
  destinations:
    - server: https://kubernetes.default.svc
      namespace: shop-*
  clusterResourceWhitelist:
    - group: ""
      kind: Namespace
""",
    """\
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata:
  name: shop
  namespace: argocd
spec:
  sourceRepos:
    - "*"
    - "!https://git.example.com/public/*"
  destinations:
    - name: "*"
      namespace: shop
""",
]
BAD = [
    """\
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata:
  name: shop
  namespace: argocd
spec:
  sourceRepos:  # <- here
    - "*"
  destinations:
    - server: "*"  # <- here
      namespace: "*"
  clusterResourceWhitelist:
    - group: "*"  # <- here
      kind: "*"
"""
]
