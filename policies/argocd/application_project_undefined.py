"""The project of an Application is defined.

An Application in a project that does not exist is refused as a whole: `Application referencing project ghost which does
not exist` (`validateAppProject` in `controller/appcontroller.go` of Argo CD), nothing of it is compared or synced.
A misspelled name and a project that was renamed leave this behind. Said once for each project, at its first
Application.

An error where this repository surely defines the projects of the namespace in which the Application lives: it defines
one at least, and either could everything be rendered that goes into that namespace, or the name is that of a project
with its letters in another order. A warning anywhere else, since somebody may have made the project by hand.
Exempt: repositories that define no project at all, since theirs are elsewhere; the project `default`, which Argo CD
makes itself; names that are to be filled in; and Applications that nothing includes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from gitopsmith.application import Application, Repository
from gitopsmith.argocd import nearest
from gitopsmith.finding import Severity
from gitopsmith.manifest import text
from gitopsmith.membership import DEFAULT
from gitopsmith.policy import Violation
from gitopsmith.secrets import is_filled_in_later

SEVERITY = Severity.ERROR
PROFILE = "minimal"


def check_repository(repository: Repository) -> Iterator[Violation]:
    known = {project.name for project in repository.projects} | {DEFAULT}
    strangers: dict[str, list[Application]] = defaultdict(list)
    for application in repository.applications if repository.projects else ():
        if not application.disabled and application.project not in known:
            strangers[application.project].append(application)
    for project, applications in strangers.items():
        if not is_filled_in_later(project):
            first = min(applications, key=_place)
            severity = None if _is_defined_here(repository, first, known) else Severity.WARNING
            yield Violation(("spec", "project"), _message(project, known, len(applications)), first, severity)


def _is_defined_here(repository: Repository, application: Application, known: set[str]) -> bool:
    """Tells whether the projects of a namespace are those of this repository, as far as anybody can see."""
    namespace = application.namespace
    declared = any((project.namespace or "argocd") == namespace for project in repository.projects)
    unseen = any(
        not each.complete and text(each.application.destination, "namespace") in {namespace, ""}
        for each in repository.deployed
    )
    misspelled = _letters(application.project) in (_letters(name) for name in known)
    return declared and (misspelled or not unseen)


def _letters(name: str) -> list[str]:
    return sorted(name.lower().replace("_", "-"))


def _message(project: str, known: set[str], count: int) -> str:
    others = f"; {count} Applications ask for it" if count > 1 else ""
    near = nearest(project, tuple(sorted(known)))
    hint = f"write {near}" if near == near.partition(" or ")[0] else "write one that is, or define it"
    return f"no manifest here defines the project {project!r}{others}; {hint}"


def _place(application: Application) -> tuple[str, str]:
    return (application.resource.origin.path, application.name)


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
  namespace: argocd
spec:
  project: shpo  # <- here
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
  sourceRepos:
    - https://charts.example.com
  destinations:
    - name: production
      namespace: web
"""
]
