"""Deleting an Application of a protected environment leaves its data.

With `resources-finalizer.argocd.argoproj.io` all that an Application deploys goes with it: when somebody deletes it,
or when its file leaves git and the Application above prunes. A PersistentVolumeClaim takes its volume along, a
StatefulSet with `persistentVolumeClaimRetentionPolicy.whenDeleted: Delete` the volumes of its pods, and a Namespace
every claim that is in it, whatever the claim itself says. `Prune=false` does not help: a deletion looks for the
option `Delete=false`, while `Delete=confirm` or `Prune=confirm` on any one object holds all of it until somebody
agrees (`shouldBeDeleted` and `finalizeApplicationDeletion` in `controller/appcontroller.go`). Said once for an
Application.

In the profile for production. Exempt: environments that the configuration does not call `protected`; `Delete=false`
or `helm.sh/resource-policy: keep` on the object; `Delete=false`, `Delete=confirm` or `Prune=confirm` on the
Application; one of which the file may leave git, since it has `Prune=false` or `Prune=confirm` in its own annotation;
claims of a volume that is named, or of a class with `retain` in its name; namespaces into which no claim is deployed.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import argocd, config, fleet
from gitopsmith.application import Application, Deployed, ObjectFact, Repository
from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, items, sequence, text
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
PROFILE = "production"
CASCADE = "resources-finalizer.argocd.argoproj.io"
ASKING = frozenset({"Delete=confirm", "Prune=confirm"})
KEEPING = "Delete=false"
HELM_POLICY = "helm.sh/resource-policy"
Place = tuple[str, str]
"""A cluster and a namespace of it."""


def check_repository(repository: Repository) -> Iterator[Violation]:
    known = repository.config.environments
    protected = {one.name for one in config.promised(known, "protected")}
    clusters = fleet.clusters(repository.applications, repository.config) if protected else {}
    filled = {place for each in repository.deployed for place in _filled(each, clusters)} if protected else set()
    for each in repository.deployed if protected else ():
        application = each.application
        if protected.intersection(fleet.environments_of(application, known)) and _cascades(application):
            yield from _lost(each, clusters[application], filled)


def _filled(each: Deployed, clusters: dict[Application, str]) -> Iterator[Place]:
    """Yields where an Application puts volumes that go with their claims."""
    for fact in each.objects:
        if fact.rendered is not None and (_claims(fact.rendered) or _claims_for_pods(fact.rendered)):
            yield clusters[each.application], fleet.identity(each.application, fact).namespace


def _cascades(application: Application) -> bool:
    finalizers = sequence(application.body, "metadata", "finalizers")
    own = argocd.split_options(text(application.body, "metadata", "annotations", argocd.SYNC_OPTIONS_ANNOTATION))
    is_kept = {"Prune=false", *ASKING} & set(own) or {KEEPING, *ASKING} & set(application.sync_options)
    is_cascading = any(isinstance(each, str) and each.partition("/")[0] == CASCADE for each in finalizers)
    return is_cascading and not is_kept and not application.disabled


def _lost(each: Deployed, cluster: str, filled: set[Place]) -> Iterator[Violation]:
    if any(ASKING & set(argocd.split_options(fact.options)) for fact in each.objects):
        return
    lost = [fact for fact in each.objects if not _is_kept(fact) and _has_data(fact, cluster, filled)]
    if lost:
        more = f" and of {len(lost) - 1} more" if len(lost) > 1 else ""
        message = (
            f"deleting Application {each.application.name!r} deletes the data of {lost[0].kind} {lost[0].name!r}{more}"
            f"; write Delete=confirm or {KEEPING} into its annotation {argocd.SYNC_OPTIONS_ANNOTATION}"
        )
        yield Violation(("metadata", "name"), message, lost[0])


def _is_kept(fact: ObjectFact) -> bool:
    is_helm_kept = fact.resource.annotations.get(HELM_POLICY) == "keep"
    return bool(fact.hook) or is_helm_kept or KEEPING in argocd.split_options(fact.options)


def _has_data(fact: ObjectFact, cluster: str, filled: set[Place]) -> bool:
    if fact.resource.group_kind == "Namespace":
        return bool(cluster) and (cluster, fact.name) in filled
    when = text(fact.resource.body, "spec", "persistentVolumeClaimRetentionPolicy", "whenDeleted")
    return _claims(fact.resource) or (when == "Delete" and _claims_for_pods(fact.resource))


def _claims(resource: Resource) -> bool:
    return resource.group_kind == "PersistentVolumeClaim" and _goes_with_claim(resource.body)


def _claims_for_pods(resource: Resource) -> bool:
    templates = items(resource.body, "spec", "volumeClaimTemplates")
    return resource.group_kind == "StatefulSet.apps" and any(_goes_with_claim(body) for _, body in templates)


def _goes_with_claim(claim: object) -> bool:
    is_named = text(claim, "spec", "volumeName") != ""
    return not is_named and "retain" not in text(claim, "spec", "storageClassName").lower()


GOOD = ["data-kept-with-application", "application-good"]
BAD = ["data-deleted-with-application"]
