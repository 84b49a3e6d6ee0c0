"""A generated ConfigMap is pruned after the pods that use it are gone.

A ConfigMap or Secret of a generator has a hash in its name, so that each change makes a new one, and Argo CD prunes the
old one. It does so at the beginning of the wave, before it applies anything: pods of the old release that are started
meanwhile, for a node that went away or by an autoscaler, wait for a ConfigMap that is not there
(https://github.com/argoproj/argo-cd/issues/1629). With `PruneLast=true` the old one goes when everything else is
healthy. Said once for an Application.

Exempt: Applications that do not prune; `PruneLast=true` on the Application or on the object; Applications without
workloads; names without kustomize's hash.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gitopsmith import argocd
from gitopsmith.application import ObjectFact, Repository
from gitopsmith.finding import Severity
from gitopsmith.policy import Violation
from gitopsmith.workload import WORKLOADS

SEVERITY = Severity.INFO
LAST = "PruneLast=true"
HASHED = re.compile(r".+-[2456789bcdfghkmt]{10}")


def check_repository(repository: Repository) -> Iterator[Violation]:
    for each in repository.deployed:
        application = each.application
        if application.disabled or not application.prunes or LAST in application.sync_options:
            continue
        generated = next(filter(_is_generated, each.objects), None)
        if generated is not None and any(fact.resource.group_kind in WORKLOADS for fact in each.objects):
            message = (
                f"{generated.kind} {generated.name!r} is pruned before the pods that use it are replaced; "
                f"write {LAST} under syncOptions"
            )
            yield Violation(("spec", "syncPolicy"), message, application)


def _is_generated(fact: ObjectFact) -> bool:
    return (
        fact.resource.group_kind in {"ConfigMap", "Secret"}
        and not fact.hook
        and HASHED.fullmatch(fact.name) is not None
        and LAST not in argocd.split_options(fact.options)
    )


GOOD = ["generated-config-pruned-last", "application-good"]
BAD = ["generated-config-pruned-first"]
