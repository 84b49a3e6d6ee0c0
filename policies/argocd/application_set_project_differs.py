"""An ApplicationSet is named like the project of its Applications.

Where each team has one project and one set, their having one name lets whoever reads either find the other. An opinion,
asked for by a sample policy of Kyverno: a set for several teams, or a project with several sets, cannot have it.

Exempt: projects that a generator fills in.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith.application import Repository
from gitopsmith.finding import Severity
from gitopsmith.manifest import text
from gitopsmith.policy import OFF, Violation

SEVERITY = Severity.INFO
PROFILE = OFF
ROUTE = ("spec", "template", "spec", "project")


def check_repository(repository: Repository) -> Iterator[Violation]:
    for one in repository.application_sets:
        project = text(one.body, *ROUTE)
        if project and "{{" not in project and project != one.name:
            message = f"ApplicationSet {one.name!r} is not named like its project {project!r}; name them alike"
            yield Violation(ROUTE, message, one)


GOOD = ["application-set-project-alike", "application-good"]
BAD = ["application-set-project-differs"]
