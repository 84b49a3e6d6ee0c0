"""Argo CD's own definitions are not pruned.

An Application with `prune: true` that deploys the CustomResourceDefinitions of Applications and AppProjects deletes
them when they go from git, by a wrong path or a deleted line; and with a definition the API server deletes every object
of it. All Applications are gone then, and those with a finalizer take along what they deployed.

Exempt: definitions with the sync option `Prune=false` or `Prune=confirm`; an Application that does not prune.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import argocd
from gitopsmith.application import ObjectFact, Repository
from gitopsmith.finding import Severity
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
DEFINITIONS = frozenset({"applications.argoproj.io", "appprojects.argoproj.io", "applicationsets.argoproj.io"})
KEPT = frozenset({"Prune=false", "Prune=confirm"})


def check_repository(repository: Repository) -> Iterator[Violation]:
    for each in repository.deployed:
        application = each.application
        if application.prunes and not application.disabled:
            lost = sorted(fact.name for fact in each.objects if _is_definition(fact) and not _is_kept(fact))
            if lost:
                message = (
                    f"this prunes {', '.join(lost)}, and with them every object of those kinds; "
                    "write prune: false, or Prune=false on them"
                )
                yield Violation(("spec", "syncPolicy", "automated", "prune"), message, application)


def _is_definition(fact: ObjectFact) -> bool:
    return fact.kind == "CustomResourceDefinition" and fact.name in DEFINITIONS


def _is_kept(fact: ObjectFact) -> bool:
    return bool(KEPT & set(argocd.split_options(fact.options)))


GOOD = ["argocd-definitions-kept", "application-good"]
BAD = ["argocd-definitions-pruned"]
