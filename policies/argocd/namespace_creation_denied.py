"""The project of an Application that creates its namespace allows it to.

With `CreateNamespace=true` Argo CD adds a Namespace to what it applies where the cluster has none of that name, or
always with `managedNamespaceMetadata` (`autoCreateNamespace` in `pkg/sync/sync_context.go` of its engine), and checks
it as any object: without the kind in the project's `clusterResourceWhitelist` the sync fails with
`resource :Namespace is not permitted in project`.

An error with `managedNamespaceMetadata`; else a warning, since the namespace may be there already.
Exempt: Applications that apply a Namespace of that name themselves, of which `object-denied` speaks, and those whose
destination is denied as a whole; destinations without a namespace; projects that no manifest here defines or that are
templates; what a global project may allow; a project of a name that several environments define, as long as one of them
may allow it; values that are to be filled in; and Applications that nothing includes.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.application import Application, Repository
from gitopsmith.argocd import projects
from gitopsmith.argocd.projects import Project
from gitopsmith.finding import Route, Severity
from gitopsmith.manifest import get, sequence, text
from gitopsmith.membership import all_deny, candidates, where
from gitopsmith.policy import Violation
from gitopsmith.secrets import is_filled_in_later

SEVERITY = Severity.ERROR
PROFILE = "minimal"
OPTIONS = ("spec", "syncPolicy", "syncOptions")


def check_repository(repository: Repository) -> Iterator[Violation]:
    brought = {
        (each.application.key, fact.name)
        for each in repository.deployed
        for fact in each.objects
        if fact.resource.group_kind == "Namespace"
    }
    for application in repository.applications:
        namespace = text(application.destination, "namespace")
        route = None if application.disabled or is_filled_in_later(namespace) else _option(application)
        if route is None or not namespace or (application.key, namespace) in brought:
            continue
        found = candidates(repository, application)
        if _is_denied(found, namespace) and not _goes_nowhere(found, application):
            message = (
                f"{where(repository, application)} does not allow the Namespace {namespace!r} that Argo CD is to "
                "create; add kind Namespace to clusterResourceWhitelist, or create it elsewhere and drop the option"
            )
            is_sure = get(application.body, "spec", "syncPolicy", "managedNamespaceMetadata") is not None
            yield Violation(route, message, application, None if is_sure else Severity.WARNING)


def _option(application: Application) -> Route | None:
    options = sequence(application.body, *OPTIONS)
    return (*OPTIONS, options.index("CreateNamespace=true")) if "CreateNamespace=true" in options else None


def _is_denied(found: tuple[Project, ...], namespace: str) -> bool:
    def permits(project: Project) -> bool:
        return projects.permits_kind(project, "", "Namespace", namespace, namespaced=False)

    return all_deny(found, permits)


def _goes_nowhere(found: tuple[Project, ...], application: Application) -> bool:
    target = projects.target(application.destination)
    return all_deny(found, lambda project: projects.permits_destination(project, target))


GOOD = [
    """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web
  namespace: argocd
spec:
  project: shop
  source:
    repoURL: https://charts.example.com
    chart: web
    targetRevision: 1.2.3
  destination:
    name: production
    namespace: shop-web
  syncPolicy:
    syncOptions:
      - CreateNamespace=true
---
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata:
  name: shop
  namespace: argocd
spec:
  sourceRepos:
    - https://charts.example.com
  destinations:
    - name: production
      namespace: shop-*
  clusterResourceWhitelist:
    - group: ""
      kind: Namespace
      name: shop-*
"""
]
BAD = [
    """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web
  namespace: argocd
spec:
  project: shop
  source:
    repoURL: https://charts.example.com
    chart: web
    targetRevision: 1.2.3
  destination:
    name: production
    namespace: web
  syncPolicy:
    syncOptions:
      - CreateNamespace=true  # <- here
---
apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata:
  name: shop
  namespace: argocd
spec:
  sourceRepos:
    - https://charts.example.com
  destinations:
    - name: production
      namespace: web
  clusterResourceWhitelist:
    - group: ""
      kind: Namespace
      name: shop-*
"""
]
