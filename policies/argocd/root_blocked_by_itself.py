"""A root that deploys itself does not wait for itself.

Many roots lie in the directory that they deploy, so that git decides about them too. A sync with waves goes on when
everything that it applied in a wave is healthy, and fails at what is Degraded (`Sync` in
`gitops-engine/pkg/sync/sync_context.go`). A root is Degraded while anything below it is. So while one application is
broken, every sync of the root fails at the root itself, and nothing of the later waves is applied, a new environment
as little as the change that would help (measured on Argo CD 3.6.1: not within its retries, and not tried again before
the next commit).

In the last wave nothing waits for it. `ApplyOutOfSyncOnly=true` leaves out what does not differ, so that other broken
Applications in early waves block nothing either.

Exempt: Argo CDs without a health check for Applications, which then wait for none; repositories that do not say what
is in argocd-cm; roots with `ApplyOutOfSyncOnly=true`, whose second try goes on at the latest (with server-side diff a
root that syncs differs from what is written, by its running operation, and the first try still fails at it: measured).
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import argocd
from gitopsmith.application import Application, Deployed, ObjectFact, Repository
from gitopsmith.finding import Severity
from gitopsmith.manifest import text
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
KIND = f"Application.{argocd.API_GROUP}"


def check_repository(repository: Repository) -> Iterator[Violation]:
    if repository.settings is None or not argocd.has_application_health(repository.settings):
        return
    for each in repository.deployed:
        application = each.application
        own = next((fact for fact in each.objects if _is_itself(application, fact)), None)
        last = _last_wave(each)
        if own is not None and own.step[1] < last and "ApplyOutOfSyncOnly=true" not in application.sync_options:
            message = (
                f"this Application deploys itself in wave {own.step[1]} and more in wave {last}, which it keeps back "
                f"while anything is Degraded; put itself into wave {last}, and write ApplyOutOfSyncOnly=true"
            )
            yield Violation(("metadata", "annotations", argocd.SYNC_WAVE_ANNOTATION), message, application)


def _is_itself(application: Application, fact: ObjectFact) -> bool:
    namespace = fact.namespace or text(application.destination, "namespace")
    is_same = (namespace, fact.name) == (application.namespace, application.name)
    return is_same and fact.resource.group_kind == KIND


def _last_wave(deployed: Deployed) -> int:
    return max((fact.step[1] for fact in deployed.objects if fact.step[0] == "Sync"), default=0)


GOOD = ["root-in-last-wave", "root-applies-what-differs", "application-below-itself"]
BAD = ["root-blocked-by-itself"]
