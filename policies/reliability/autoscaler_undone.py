"""What an autoscaler decides is not healed away.

An Application with `selfHeal` sets everything back that differs from git, seconds after it changed (`autoSync` in
`controller/appcontroller.go` of Argo CD 3.6.1). Where the manifest of a workload has `replicas`, that is each decision
of its autoscaler: pods are started and stopped again and again, most of all when they are needed. Leave `replicas` out,
or tell the Application to ignore it, with `RespectIgnoreDifferences=true` so that a sync does not set it either.

Looked at across all Applications: the autoscaler may come from another one, on the same cluster.
Exempt: `replicas: 0`, which switches the autoscaler off; Applications with `ignoreDifferences` for the field, by
pointer, by jq or by the manager that writes it; and an argocd-cm in this repository that ignores it everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitopsmith import fleet, scaling
from gitopsmith.application import Application, Deployed, ObjectFact, Repository
from gitopsmith.finding import Severity
from gitopsmith.fleet import Identity
from gitopsmith.manifest import items, sequence
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
SETTING = "resource.customizations.ignoreDifferences."
ROUTE = ("spec", "syncPolicy", "automated", "selfHeal")


def check_repository(repository: Repository) -> Iterator[Violation]:
    settings = repository.settings or {}
    if any(str(key).startswith(SETTING) and "replicas" in str(value) for key, value in settings.items()):
        return
    scaled = dict(_scaled(repository.deployed))
    for each in repository.deployed:
        application = each.application
        if application.disabled or not application.heals or not fleet.cluster(application):
            continue
        for fact in each.objects:
            autoscaler = scaled.get(fleet.identity(application, fact)) if _replicas(fact) else None
            if autoscaler is not None and not _is_ignored(application, fact):
                yield _violation(application, fact, autoscaler)
                break


def _scaled(deployed: tuple[Deployed, ...]) -> Iterator[tuple[Identity, ObjectFact]]:
    """Yields every workload that is scaled, with its autoscaler."""
    for each in deployed:
        for fact in each.objects if not each.application.disabled else ():
            if fact.resource.group_kind in scaling.AUTOSCALERS:
                yield fleet.identity(each.application, fact)._replace(**scaling.target(fact.resource)._asdict()), fact


def _replicas(fact: ObjectFact) -> int:
    """Returns the number of pods that a manifest writes, 0 where it writes none."""
    written = fact.resource.get("spec", "replicas")
    return written if isinstance(written, int) else 0


def _is_ignored(application: Application, fact: ObjectFact) -> bool:
    return any(_ignores(rule, fact) for _, rule in items(application.body, "spec", "ignoreDifferences"))


def _ignores(rule: dict[str, Any], fact: ObjectFact) -> bool:
    """Tells whether a rule of ``ignoreDifferences`` is about a workload's replicas; empty names stand for all."""
    group = fact.resource.group
    if rule.get("kind") not in (fact.kind, "*") or (rule.get("group") or "") not in (group, "*"):
        return False
    if rule.get("name") not in (None, "", fact.name) or rule.get("namespace") not in (None, "", fact.namespace):
        return False
    paths = (*sequence(rule, "jsonPointers"), *sequence(rule, "jqPathExpressions"))
    return any("replicas" in str(path) or path in ("/spec", ".spec") for path in paths) or bool(
        sequence(rule, "managedFieldsManagers")
    )


def _violation(application: Application, fact: ObjectFact, autoscaler: ObjectFact) -> Violation:
    message = (
        f"selfHeal sets {fact.kind} {fact.name!r} back to {_replicas(fact)} replicas whenever {autoscaler.kind} "
        f"{autoscaler.name!r} changes that; leave replicas out of the manifest"
    )
    return Violation(ROUTE, message, application)


GOOD = ["autoscaler-kept", "application-good"]
BAD = ["autoscaler-undone"]
