"""Every environment that promises it has what is deployed there, and it can be rendered.

`budgets.rendered` of the configuration, `all` or `protected`, promises that what is linted is what there is: each of
these environments has at least one Application, all of it could be rendered, and an application that is in one of them
is in the others too. An environment whose paths match nothing any more is else linted, and found to be without a fault,
for ever.

An application that is missing is a warning: it may be meant to be in one environment alone. Two Applications deploy the
same one when their paths differ in the environment's name alone.
Exempt: repositories that promise nothing; Applications that nothing includes; a path that does not exist, of which
`application-path-missing` speaks; what is only served by the cluster of the environment, and may not be rendered, such
as a chart of the platform.
"""

from __future__ import annotations

from collections import defaultdict
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
    misled = {name for one in living if _is_misled(one.application) for name in names[one]}
    yield from _missing(living, tuple(one for one in promised if one.name not in misled))


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


def _missing(living: list[Deployed], promised: tuple[Environment, ...]) -> Iterator[Violation]:
    found: dict[str, dict[str, Application]] = defaultdict(dict)
    for environment in promised:
        for each in living:
            for source in each.application.sources:
                if path := fleet.across(source, environment):
                    found[path].setdefault(environment.name, each.application)
    for there in found.values():
        missing = [one.name for one in promised if one.name not in there]
        if missing:
            first = next(iter(there.values()))
            message = (
                f"Application {first.name!r} is in {' and '.join(there)}, and budgets.rendered promises the same of "
                f"{' and '.join(missing)}; deploy it there too"
            )
            yield Violation(("metadata", "name"), message, first, Severity.WARNING)


GOOD = ["promise-rendered-kept", "application-good"]
BAD = ["promise-rendered-broken"]
