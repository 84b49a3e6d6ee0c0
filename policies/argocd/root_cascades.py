"""Deleting a root Application does not delete what it deployed.

With `resources-finalizer.argocd.argoproj.io` on a root, whoever deletes it, by hand or by a mistyped command, deletes
all Applications below it, and those with the same finalizer delete every object of theirs: a whole environment, volumes
and namespaces included (https://argo-cd.readthedocs.io/en/stable/user-guide/app_deletion/). Without it the Applications
stay and go on, and a root that is applied again takes them back.

Exempt: roots below which no Application has the finalizer, since workloads then stay; Applications of Applications that
others deploy, which are removed through git; those that nothing includes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from gitopsmith import fleet
from gitopsmith.application import Application, Repository
from gitopsmith.finding import Severity
from gitopsmith.manifest import sequence
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
CASCADE = "resources-finalizer.argocd.argoproj.io"


def check_repository(repository: Repository) -> Iterator[Violation]:
    rendered: dict[str, list[Application]] = defaultdict(list)
    for each in repository.applications:
        if each.entry is not None:
            rendered[each.entry].append(each)
    children = {child.key for each in repository.applications for _, child in fleet.reached(each, rendered)}
    for root in repository.applications:
        if root.disabled or root.key in children or not _cascades(root):
            continue
        below = {child.key for _, child in fleet.reached(root, rendered) if _cascades(child)}
        if below:
            count = f"{len(below)} Applications" if len(below) > 1 else "an Application"
            message = f"deleting this root deletes {count} with all that they deploy; remove the finalizer"
            yield Violation(("metadata", "finalizers"), message, root)


def _cascades(application: Application) -> bool:
    finalizers = sequence(application.body, "metadata", "finalizers")
    return any(isinstance(each, str) and each.partition("/")[0] == CASCADE for each in finalizers)


GOOD = ["root-keeps", "application-good"]
BAD = ["root-cascades"]
