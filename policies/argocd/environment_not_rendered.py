"""Every environment that promises it has what is deployed there, and it can be rendered.

`budgets.rendered` of the configuration, `all` or `protected`, promises that what is linted is what there is: each of
these environments has at least one Application, and all of it could be rendered. An environment whose paths match
nothing any more is else linted, and found to be without a fault, for ever. Of an application that is in some of them
alone, `environment-skipped` speaks.

Exempt: repositories that promise nothing; Applications that nothing includes; a path that does not exist, of which
`application-path-missing` speaks; what is only served by the cluster of the environment, and may not be rendered, such
as a chart of the platform.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import config, fleet
from gitopsmith.application import Application, Deployed, Repository
from gitopsmith.config import Environment
from gitopsmith.finding import Severity
from gitopsmith.policy import Violation

SEVERITY = Severity.ERROR


def check_repository(repository: Repository) -> Iterator[Violation]:
    said = repository.config
    promised = config.promised(said.environments, said.promises.rendered)
    living = [each for each in repository.deployed if not each.application.disabled]
    names = {one: fleet.environments_of(one.application, said.environments) for one in living}
    for index, environment in enumerate(said.environments):
        if environment in promised:
            own = [one for one in living if environment.name in names[one]]
            yield from _unrendered(repository, index, environment, own)


def _is_misled(application: Application) -> bool:
    """Tells whether a path does not exist: what it was meant to be, nobody knows."""
    return any(source.is_missing for source in application.sources)


def _unrendered(
    repository: Repository, index: int, environment: Environment, own: list[Deployed]
) -> Iterator[Violation]:
    promise = f"budgets.rendered promises that {environment.name} is rendered"
    if not own:
        message = f"{promise}, and no Application belongs to it; mend its paths or its cluster"
        yield Violation(("environments", index), message, repository.config)
    for each in own:
        if _is_misled(each.application):
            continue
        if not each.complete and fleet.environments(fleet.paths_of(each.application), None, [environment]):
            name = each.application.name
            message = f"{promise}, and not all of {name!r} can be; try --fetch, or mend what lint says about it"
            yield Violation(("spec",), message, each.application)


GOOD = ["promise-rendered-kept", "application-good"]
BAD = ["promise-rendered-broken"]
