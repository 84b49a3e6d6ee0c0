"""An Application does not prune the project that it belongs to.

When the AppProject goes from what the Application deploys, by a wrong path or a rename, an Application with
`prune: true` deletes its own project. From then on Argo CD syncs it no more (`application references project ... which
does not exist`), not even the commit that brings the project back: somebody has to apply that by hand.

Exempt: the project `default`, which Argo CD makes itself; a project with the sync option `Prune=false` or
`Prune=confirm`; one that another Application deploys.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import argocd
from gitopsmith.application import Application, ObjectFact, Repository
from gitopsmith.finding import Severity
from gitopsmith.manifest import text
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
KEPT = frozenset({"Prune=false", "Prune=confirm"})


def check_repository(repository: Repository) -> Iterator[Violation]:
    for each in repository.deployed:
        application = each.application
        is_live = application.prunes and not application.disabled and application.project != "default"
        if is_live and any(_is_own_project(application, fact) for fact in each.objects):
            message = (
                f"this Application deploys its own project {application.project!r} and prunes it when it goes; "
                "write Prune=false on the AppProject, or deploy it by another Application"
            )
            yield Violation(("spec", "project"), message, application)


def _is_own_project(application: Application, fact: ObjectFact) -> bool:
    namespace = fact.namespace or text(application.destination, "namespace")
    is_project = fact.resource.group_kind == f"AppProject.{argocd.API_GROUP}" and fact.name == application.project
    return is_project and namespace == application.namespace and not KEPT & set(argocd.split_options(fact.options))


GOOD = ["own-project-kept", "application-good"]
BAD = ["own-project-pruned"]
