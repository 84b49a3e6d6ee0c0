"""What is in an environment that promises it is what git says, and stays so.

`budgets.automated` of the configuration, `all` or `protected`, promises that nothing is changed by hand in these
environments. That holds where Argo CD syncs each Application by itself and undoes what others change: `automated` with
`selfHeal: true`. Without the first a merged change, and a revert too, waits for somebody to press a button; without the
second, what somebody changed with kubectl stays until the next commit.

Exempt: repositories that promise nothing; Applications that are in no environment with the promise, or that nothing
includes.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import config, fleet
from gitopsmith.application import Application, Repository
from gitopsmith.finding import Severity
from gitopsmith.manifest import get
from gitopsmith.policy import Violation

SEVERITY = Severity.ERROR
POLICY = ("spec", "syncPolicy")


def check_repository(repository: Repository) -> Iterator[Violation]:
    said = repository.config
    promised = {one.name for one in config.promised(said.environments, said.promises.automated)}
    for application in repository.applications if promised else ():
        names = promised.intersection(fleet.environments_of(application, said.environments))
        if names and not application.disabled and not application.heals:
            yield _violation(application, ", ".join(sorted(names)))


def _violation(application: Application, names: str) -> Violation:
    said = f"budgets.automated promises that nothing is changed by hand in {names}"
    if not application.is_automated:
        switched = get(application.body, *POLICY, "automated", "enabled") is False
        route = (*POLICY, "automated", "enabled") if switched else POLICY
        hint = "remove enabled: false" if switched else "write spec.syncPolicy.automated with selfHeal: true"
        return Violation(route, f"{said}, and {application.name!r} is synced by hand; {hint}", application)
    route = (*POLICY, "automated", "selfHeal")
    message = f"{said}, and what others change of {application.name!r} stays; write selfHeal: true"
    return Violation(route, message, application)


GOOD = ["promise-automated-kept", "application-good"]
BAD = ["promise-automated-broken"]
