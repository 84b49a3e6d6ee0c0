"""What is deployed in an environment was deployed in one before it.

The configuration names the environments in the order in which releases go through them. An application that is only in
a later one is tried nowhere before: its first sync, and each change to it, is the production's. Two Applications deploy
the same application when their paths differ in the environment's name alone, `apps/web/overlays/staging` and
`apps/web/overlays/prod`.

Exempt: repositories whose configuration names fewer than two environments; Applications whose path has no environment's
name in it, or is in none of its paths; environments before which no Application is known at all.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import fleet
from gitopsmith.application import Application, Repository, Source
from gitopsmith.config import Environment
from gitopsmith.finding import Severity
from gitopsmith.policy import Violation

SEVERITY = Severity.INFO


def check_repository(repository: Repository) -> Iterator[Violation]:
    before: set[str] = set()
    names: list[str] = []
    for environment in repository.config.environments:
        found = [
            (common, application, source)
            for application in repository.applications
            for source in application.sources
            if not application.disabled and (common := fleet.across(source, environment))
        ]
        for common, application, source in found if before else ():
            if common not in before:
                yield _violation(application, source, environment, names)
        before |= {common for common, _, _ in found}
        names.append(environment.name)


def _violation(application: Application, source: Source, environment: Environment, before: list[str]) -> Violation:
    message = (
        f"Application {application.name!r} is in {environment.name}, and not in {' or '.join(before)} before it; "
        "deploy it there first"
    )
    return Violation((*source.route, "path"), message, application)


GOOD = ["environment-first", "application-good"]
BAD = ["environment-skipped"]
