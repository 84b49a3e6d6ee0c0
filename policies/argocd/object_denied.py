"""The project of an Application allows every object that the Application applies.

Argo CD checks each object before it applies any: `resource apps:Deployment is not permitted in project`, or `namespace
... is not permitted in project` (`validateSyncPermissions` in `controller/sync.go`), and one refusal fails the whole
sync. A cluster-wide object must be in `clusterResourceWhitelist`, which allows nothing when it is empty, and not in
`clusterResourceBlacklist`; an entry there may name objects too. An object in a namespace must be in
`namespaceResourceWhitelist`, which allows everything when it is absent and nothing when it is empty, not in
`namespaceResourceBlacklist`, and its namespace must be among the project's `destinations`. Said once for each
Application and kind, at the first object of it.

Whether a kind is cluster-wide is known of Kubernetes' own kinds, of vendored ones, and of those that this repository
defines.
Exempt: kinds of which that is not known; kinds that Argo CD leaves alone by `resource.exclusions`; hooks that are
skipped; projects that no manifest here defines or that are templates; what a global project may allow; a project of a
name that several environments define, as long as one of them may allow it; and Applications that nothing includes.
Only a warning for the project `default`, of which every Argo CD has one of its own, and for what ApplicationSets
generate from clusters that `.gitopsmith.yaml` tells of.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from gitopsmith import argocd
from gitopsmith.application import Application, Deployed, ObjectFact, Repository
from gitopsmith.argocd import projects
from gitopsmith.argocd.projects import Project, Restriction
from gitopsmith.finding import Severity
from gitopsmith.membership import all_deny, candidates, doubt, listed, where
from gitopsmith.policy import Violation
from gitopsmith.secrets import is_filled_in_later

SEVERITY = Severity.ERROR
PROFILE = "minimal"
EXCLUDED = frozenset(
    {
        "CertificateRequest.cert-manager.io",
        "CertificateSigningRequest.certificates.k8s.io",
        "Endpoints",
        "EndpointSlice.discovery.k8s.io",
        "Lease.coordination.k8s.io",
    }
)
"""Kinds in people's manifests that Argo CD's own argocd-cm excludes (``manifests/base/config/argocd-cm.yaml``)."""


def check_repository(repository: Repository) -> Iterator[Violation]:
    for each in repository.deployed:
        application = each.application
        if application.disabled:
            continue
        found = candidates(repository, application)
        objects = _applied(repository, each) if found else []
        for what, facts in _denied(found, application, objects).items():
            message = (
                f"{where(repository, application)} of Application {application.name!r} {_said(what, facts, found)}"
            )
            yield Violation(_route(what), message, min(facts, key=_place), doubt(application))


def _applied(repository: Repository, each: Deployed) -> list[ObjectFact]:
    """Returns the objects that Argo CD looks at, as far as their scope is known."""
    settings = repository.settings or {}
    excluded = f"{settings.get('resource.exclusions', '')}{settings.get('resource.inclusions', '')}"
    return [
        fact
        for fact in each.objects
        if fact.scope
        and "Skip" not in argocd.split_options(fact.hook)
        and fact.resource.group_kind not in EXCLUDED
        and fact.kind not in excluded
        and not is_filled_in_later(fact.namespace)
    ]


def _denied(
    found: tuple[Project, ...], application: Application, objects: list[ObjectFact]
) -> dict[tuple[str, str], list[ObjectFact]]:
    """Returns what is denied by kind, or by kind and the namespace that is to blame."""
    denied: dict[tuple[str, str], list[ObjectFact]] = defaultdict(list)
    for fact in objects:
        kind = fact.resource.group_kind
        if _is_kind_denied(found, fact):
            denied[kind, ""].append(fact)
        elif fact.scope == "Namespaced" and _is_namespace_denied(found, application, fact.namespace):
            denied[kind, fact.namespace].append(fact)
    return denied


def _is_kind_denied(found: tuple[Project, ...], fact: ObjectFact) -> bool:
    named = (fact.resource.group, fact.kind, fact.name)
    return all_deny(found, lambda project: projects.permits_kind(project, *named, namespaced=fact.scope != "Cluster"))


def _is_namespace_denied(found: tuple[Project, ...], application: Application, namespace: str) -> bool:
    """Tells whether an object's own namespace is denied; that of the Application is another rule's business."""
    own = projects.target(application.destination)
    target = own._replace(namespace=namespace)
    if not namespace or target == own:
        return False
    return all_deny(found, lambda project: projects.permits_destination(project, target))


def _said(what: tuple[str, str], facts: list[ObjectFact], found: tuple[Project, ...]) -> str:
    kind, namespace = what
    more = f" and {len(facts) - 1} more" if len(facts) > 1 else ""
    if namespace:
        allowed = listed(repr(item.namespace) for project in found for item in project.destinations)
        hint = f"only {allowed}; add it to destinations, or write another namespace"
        return f"does not allow namespace {namespace!r} for this {kind}{more}, {hint}"
    return f"refuses this {kind}{more}; {_hint(facts[0], found)}, or leave it out"


def _hint(fact: ObjectFact, found: tuple[Project, ...]) -> str:
    """Says which list is to blame, and what the project allows."""
    field = "clusterResource" if fact.scope == "Cluster" else "namespaceResource"
    without = tuple(project._replace(cluster_denied=(), namespaced_denied=()) for project in found)
    if not _is_kind_denied(without, fact):
        return f"take it off {field}Blacklist"
    lists = (
        project.cluster_allowed if fact.scope == "Cluster" else project.namespaced_allowed or () for project in found
    )
    allowed = listed(_written(item) for entries in lists for item in entries)
    return f"{field}Whitelist has {allowed}: add it there"


def _written(item: Restriction) -> str:
    return f"{item.kind}.{item.group}".rstrip(".") + (f" {item.name!r}" if item.name else "")


def _route(what: tuple[str, str]) -> tuple[str, ...]:
    return ("metadata", "namespace") if what[1] else ("kind",)


def _place(fact: ObjectFact) -> tuple[str, str, str]:
    return (fact.path, fact.entry, fact.name)


GOOD = ["object-allowed"]
BAD = ["object-denied"]
