"""An Application of one environment deploys the overlay of that environment.

`web-prod` that deploys `apps/web/overlays/dev` is what a copied Application with a forgotten line looks like: the
replicas, addresses and secrets of one environment run in another, and everything is healthy. Told by their names: one
environment in the name of the Application, another one in the path, and an overlay of the right one beside it.

Exempt: names and paths with no environment or several; paths beside which no overlay has the Application's environment;
Applications that nothing includes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitopsmith.application import Repository
from gitopsmith.finding import Severity
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
ENVIRONMENTS = {
    "dev": "dev", "develop": "dev", "development": "dev", "test": "test", "testing": "test", "qa": "qa", "uat": "uat",
    "stage": "staging", "staging": "staging", "stg": "staging", "preprod": "preprod", "prod": "production",
    "production": "production", "prd": "production",
}  # fmt: skip


def check_repository(repository: Repository) -> Iterator[Violation]:
    directories = {each.directory for each in repository.kustomizations}
    for application in repository.applications:
        wanted = _environments(application.name)
        for source in application.sources if not application.disabled and len(wanted) == 1 else ():
            found = _environments(source.path)
            right = next((each for each in sorted(directories) if _is_twin(each, source.directory_path, wanted)), "")
            if source.own and source.present == "directory" and len(found) == 1 and found != wanted and right:
                message = (
                    f"Application {application.name!r} deploys {source.path!r}, which is of another environment; "
                    f"write {right!r}"
                )
                yield Violation((*source.route, "path"), message, application)


def _environments(name: str) -> frozenset[str]:
    words = re.split(r"[^a-z0-9]+", name.lower())
    return frozenset(ENVIRONMENTS[word] for word in words if word in ENVIRONMENTS)


def _is_twin(directory: str, path: str, wanted: frozenset[str]) -> bool:
    """Tells whether a directory is one of the wanted environment that differs from a path in that alone."""
    return _environments(directory) == wanted and _without(directory) == _without(path)


def _without(path: str) -> list[str]:
    return ["" if word in ENVIRONMENTS else word for word in re.split(r"([^a-z0-9]+)", path.lower())]


GOOD = ["environment-kept", "application-good"]
BAD = ["environment-mixed"]
