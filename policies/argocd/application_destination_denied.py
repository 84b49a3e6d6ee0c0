"""The project of an Application allows its destination.

Argo CD refuses an Application whose destination its project does not allow: `application destination server ... and
namespace ... do not match any of the allowed destinations` (`ValidatePermissions` in `util/argo/argo.go`), and syncs
nothing of it. An entry of `destinations` is a glob for the cluster's address or for its name, and one for the
namespace; one that begins with `!` denies. An entry without a namespace allows only Applications without one.

Exempt: what hangs on how Argo CD knows a cluster, since the name of a cluster does not tell its address; projects that
no manifest here defines or that are templates; what a global project may allow; a project of a name that several
environments define, as long as one of them may allow it; values that are to be filled in; and Applications that nothing
includes.
Only a warning for the project `default`, of which every Argo CD has one of its own, and for what ApplicationSets
generate from clusters that `.gitopsmith.yaml` tells of.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gitopsmith.application import Application, Repository
from gitopsmith.argocd import projects
from gitopsmith.argocd.projects import Project, Target
from gitopsmith.finding import Route, Severity
from gitopsmith.manifest import scalars, text
from gitopsmith.membership import all_deny, candidates, doubt, listed, where
from gitopsmith.policy import Violation
from gitopsmith.secrets import is_filled_in_later

SEVERITY = Severity.ERROR
PROFILE = "minimal"
ROUTE = ("spec", "destination")


def check_repository(repository: Repository) -> Iterator[Violation]:
    for application in repository.applications:
        if application.disabled or _is_open(application):
            continue
        found = candidates(repository, application)
        target = projects.target(application.destination)
        if _is_denied(found, target):
            message = (
                f"{where(repository, application)} does not allow namespace {target.namespace!r} of cluster "
                f"{target.name or target.server!r}, only {listed(_allowed(found))}; "
                "add it to destinations, or go elsewhere"
            )
            yield Violation(_route(application, found), message, application, doubt(application))


def _is_denied(found: Iterable[Project], target: Target) -> bool:
    return all_deny(found, lambda project: projects.permits_destination(project, target))


def _is_open(application: Application) -> bool:
    return any(isinstance(value, str) and is_filled_in_later(value) for _, value in scalars(application.destination))


def _allowed(found: tuple[Project, ...]) -> Iterator[str]:
    for project in found:
        for item in project.destinations:
            yield f"namespace {item.namespace!r} of {item.name or item.server!r}"


def _route(application: Application, found: tuple[Project, ...]) -> Route:
    """Returns the route to the namespace where another one would do, else to the cluster."""
    target = projects.target(application.destination)
    if _is_denied((_of_any_namespace(project) for project in found), target):
        return (*ROUTE, "name" if text(application.destination, "name") else "server")
    return (*ROUTE, "namespace") if target.namespace else ROUTE


def _of_any_namespace(project: Project) -> Project:
    return project._replace(destinations=tuple(item._replace(namespace="*") for item in project.destinations))


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
    - name: prod*
      namespace: shop-*
    - name: "*"
      namespace: "!kube-*"
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
    namespace: web  # <- here
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
""",
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
    server: https://kubernetes.default.svc  # <- here
    namespace: web
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
    - server: https://production.example.com
      namespace: web
""",
]
