"""An object is not larger than what a client-side apply can record.

Argo CD applies as `kubectl apply` does, and writes the whole object into the annotation
`kubectl.kubernetes.io/last-applied-configuration`. Annotations may have 262,144 bytes together, so the API server
refuses an object that comes near: `metadata.annotations: Too long`
(`k8s.io/apimachinery/pkg/api/validation/objectmeta.go`). With `ServerSideApply=true`, on the Application or on the
object, nothing is recorded. Definitions of large operators and dashboards are what it happens to.

Exempt: objects with `ServerSideApply=true` or `Replace=true`, their own or their Application's; `ServerSideApply=false`
on the object wins over the Application; objects that are a little smaller, since other annotations may be short.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import argocd
from gitopsmith.application import Application, ObjectFact, Repository
from gitopsmith.finding import Severity
from gitopsmith.policy import Violation

SEVERITY = Severity.ERROR
MOST = 262_144
"""``TotalAnnotationSizeLimitB`` of Kubernetes."""


def check_repository(repository: Repository) -> Iterator[Violation]:
    for each in repository.deployed:
        for fact in each.objects:
            if fact.size > MOST and not each.application.disabled and not _spared(each.application, fact):
                message = (
                    f"{fact.kind} {fact.name!r} has {fact.size:,} bytes, and the annotation in which a client-side "
                    f"apply records it may have {MOST:,}; write ServerSideApply=true into the sync options"
                )
                yield Violation(("metadata", "name"), message, fact)


def _spared(application: Application, fact: ObjectFact) -> bool:
    own = argocd.split_options(fact.options)
    if {"ServerSideApply=true", "Replace=true"} & set(own):
        return True
    if "ServerSideApply=false" in own:
        return False
    return bool({"ServerSideApply=true", "Replace=true"} & set(application.sync_options))


GOOD = ["object-size-spared"]
BAD = ["object-too-large"]
