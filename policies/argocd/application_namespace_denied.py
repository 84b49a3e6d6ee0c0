"""The project of an Application allows the namespace that the Application lives in.

Applications of Argo CD's own namespace may belong to any project, those of other namespaces only to a project whose
`sourceNamespaces` match: anything else ends in `application ... in namespace ... is not permitted to use project`
(`IsAppNamespacePermitted` in `app_project_types.go`, `getAppProj` in `controller/appcontroller.go`), and is never
synced. An entry is a glob, or a regular expression between slashes. Projects live in Argo CD's own namespace.

An error where the project has `sourceNamespaces`; a warning where it has none, since another Argo CD may live there.
Exempt: Applications and projects whose manifests name no namespace; the project `default`; projects that no manifest
here defines or that are templates; what a global project may allow; a project of a name that several environments
define, as long as one of them may allow it; and Applications that nothing includes.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.application import Repository
from gitopsmith.argocd import projects
from gitopsmith.argocd.projects import Project
from gitopsmith.finding import Severity
from gitopsmith.membership import DEFAULT, all_deny, candidates, listed, where
from gitopsmith.policy import Violation
from gitopsmith.secrets import is_filled_in_later

SEVERITY = Severity.ERROR
PROFILE = "minimal"


def check_repository(repository: Repository) -> Iterator[Violation]:
    for application in repository.applications:
        namespace = application.resource.namespace
        if application.disabled or application.project == DEFAULT or not namespace or is_filled_in_later(namespace):
            continue
        found = candidates(repository, application)
        if _is_denied(found, namespace):
            allowed = listed(pattern for project in found for pattern in project.application_namespaces)
            message = (
                f"{where(repository, application)} lives in namespace {found[0].namespace!r} and does not allow "
                f"Applications of namespace {namespace!r}, only of {allowed}; "
                "add it to sourceNamespaces, or move the Application"
            )
            severity = None if any(project.application_namespaces for project in found) else Severity.WARNING
            yield Violation(("metadata", "namespace"), message, application, severity)


def _is_denied(found: tuple[Project, ...], namespace: str) -> bool:
    def permits(project: Project) -> bool | None:
        own = project.namespace
        return projects.permits_application_in(project, namespace, own) if own else None

    return all_deny(found, permits)


GOOD = [
    """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web
  namespace: team-shop
spec:
  project: shop
  source:
    repoURL: https://charts.example.com
    chart: web
    targetRevision: 1.2.3
  destination:
    name: production
    namespace: web
---
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata:
  name: shop
  namespace: argocd
spec:
  sourceNamespaces:
    - team-*
  sourceRepos:
    - https://charts.example.com
  destinations:
    - name: production
      namespace: web
"""
]
BAD = [
    """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web
  namespace: shop  # <- here
spec:
  project: shop
  source:
    repoURL: https://charts.example.com
    chart: web
    targetRevision: 1.2.3
  destination:
    name: production
    namespace: web
---
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata:
  name: shop
  namespace: argocd
spec:
  sourceNamespaces:
    - team-*
  sourceRepos:
    - https://charts.example.com
  destinations:
    - name: production
      namespace: web
"""
]
