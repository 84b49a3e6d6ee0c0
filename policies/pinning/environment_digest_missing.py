"""Every image in an environment that promises it is named by its digest.

A tag can be pushed again: the pod that starts tomorrow is then another one than today's, and a rollback to the commit
of last week does not bring last week's image back. `budgets.digests` of the configuration, `all` or `protected`,
promises that this cannot happen in these environments.

Exempt: repositories that promise nothing; images that something else fills in, as for `image-unpinned`; Applications
that nothing includes.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import config, fleet
from gitopsmith.application import Repository
from gitopsmith.finding import Severity
from gitopsmith.policy import Violation
from gitopsmith.workload import images

SEVERITY = Severity.ERROR


def check_repository(repository: Repository) -> Iterator[Violation]:
    said = repository.config
    promised = {one.name for one in config.promised(said.environments, said.promises.digests)}
    for each in repository.deployed if promised else ():
        names = promised.intersection(fleet.environments_of(each.application, said.environments))
        for fact in each.objects if names and not each.application.disabled else ():
            for route, image in images(fact.rendered) if fact.rendered is not None else ():
                if not image.digest:
                    message = (
                        f"image {image.name!r} has no digest, and budgets.digests promises one in "
                        f"{', '.join(sorted(names))}; write it behind the tag"
                    )
                    yield Violation(route, message, fact)


GOOD = ["promise-digests-kept", "application-good"]
BAD = ["promise-digests-broken"]
