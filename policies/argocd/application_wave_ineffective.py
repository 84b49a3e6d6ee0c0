"""Applications in waves are waited for.

Argo CD goes on to the next wave when everything in the one before is healthy, and it has no health check for
Applications of its own: of an Application it does not know whether it is well, and waits for none
(https://argo-cd.readthedocs.io/en/stable/operator-manual/health/#argocd-app). So waves between Applications order
nothing until argocd-cm has `resource.customizations.health.argoproj.io_Application`. Said once for each directory that
renders such Applications.

Exempt: repositories that do not say what is in argocd-cm, or that say it in two ways; Applications that are all in one
wave; what only puts other objects, such as projects, before Applications.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from gitopsmith import argocd
from gitopsmith.application import Application, Repository
from gitopsmith.finding import Severity
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
KEY = "resource.customizations.health.argoproj.io_Application"


def check_repository(repository: Repository) -> Iterator[Violation]:
    if repository.settings is None or argocd.has_application_health(repository.settings):
        return
    for applications in _rendered(repository.applications).values():
        waves = {_wave(application) for application in applications}
        if len(waves) > 1:
            first = min((each for each in applications if _wave(each) != "0"), key=lambda each: each.name)
            message = (
                f"Applications here are in {len(waves)} waves, and Argo CD waits for none of them: "
                f"argocd-cm has no {KEY}; add one"
            )
            yield Violation(("metadata", "annotations", argocd.SYNC_WAVE_ANNOTATION), message, first)


def _rendered(applications: tuple[Application, ...]) -> dict[str, list[Application]]:
    found: dict[str, list[Application]] = defaultdict(list)
    for application in applications:
        if application.entry is not None:
            found[application.entry].append(application)
    return found


def _wave(application: Application) -> str:
    return str(application.resource.annotations.get(argocd.SYNC_WAVE_ANNOTATION, "0"))


GOOD = ["application-wave-effective", "application-wave-alike", "application-good"]
BAD = ["application-wave-ineffective"]
