"""Applications belong to a project that limits what they may do.

The project `default` allows every repository, every cluster and every kind (docs/user-guide/projects.md), so whoever
can change one Application can change everything that Argo CD reaches. Said once for a repository, at the first
Application.

Exempt: repositories that declare the AppProject `default` themselves, which can limit it.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.application import Application, Repository
from gitopsmith.finding import Severity
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING


def check_repository(repository: Repository) -> Iterator[Violation]:
    if any(project.name == "default" for project in repository.projects):
        return
    live = [application for application in repository.applications if not application.disabled]
    found = sorted((item for item in live if item.project == "default"), key=_place)
    if found:
        names, total = len({item.key for item in found}), len({item.key for item in live})
        count = (
            f"{names} of {total} Applications {'is' if names == 1 else 'are'}" if total > 1 else "the Application is"
        )
        message = f"{count} in project 'default', which allows everything; write an AppProject for each team or system"
        yield Violation(("spec", "project"), message, found[0])


def _place(application: Application) -> tuple[str, str]:
    return (application.resource.origin.path, application.name)


GOOD = ["application-good"]
BAD = [
    """\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web
spec:
  project: default  # <- here
  source:
    repoURL: https://charts.example.com
    chart: web
    targetRevision: 1.2.3
  destination:
    name: production
"""
]
