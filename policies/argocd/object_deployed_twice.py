"""An object of a cluster is deployed by one Application.

Two Applications that apply one object undo each other: each sync writes its own version and its own tracking
annotation, the other shows `SharedResourceWarning` and is out of sync, and with self-heal this never ends
(`controller/state.go`). Whichever of them is deleted, or prunes the object, takes it away from both. One object is one
kind of one API group, one namespace (the destination's where none is written) and one name, on one cluster. Said once
for two Applications, at the first object that they share, or at the path that both deploy. `.gitopsmith.yaml` may tell
which cluster serves an environment: where no Application names it, it is the one that Argo CD itself runs on there.

An error where one of the two says `FailOnSharedResource=true`: Argo CD then refuses to sync it. Else a warning.
Exempt: Applications with one name, which are one; Applications of two roots whose destination is the cluster that Argo
CD runs on, or one of the configuration for which an ApplicationSet generates, since each root may have an Argo CD of
its own; those that nothing includes; destinations that are not known; hooks; and Applications, for which
`application-name-duplicate` speaks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

from gitopsmith import argocd, fleet
from gitopsmith.application import Application, Deployed, ObjectFact, Repository
from gitopsmith.finding import Route, Severity
from gitopsmith.fleet import Identity
from gitopsmith.policy import Violation

SEVERITY = Severity.ERROR
REFUSING = "FailOnSharedResource=true"
Key = tuple[str, str]


class Claim(NamedTuple):
    """An Application's claim on an object."""

    application: Application
    fact: ObjectFact


def check_repository(repository: Repository) -> Iterator[Violation]:
    homes = fleet.homes(repository.applications)
    shared: dict[tuple[Key, Key], list[tuple[Claim, Claim]]] = defaultdict(list)
    clusters = fleet.clusters(repository.applications, repository.config)
    for identity, claims in _claims(repository.deployed, clusters).items():
        for first, second in _conflicts(identity.cluster, claims, homes):
            shared[first.application.key, second.application.key].append((first, second))
    for pairs in shared.values():
        yield _violation(*min(pairs, key=lambda pair: (pair[1].fact.path, pair[1].fact.kind, pair[1].fact.name)), pairs)


def _claims(deployed: tuple[Deployed, ...], clusters: dict[Application, str]) -> dict[Identity, list[Claim]]:
    found: dict[Identity, list[Claim]] = defaultdict(list)
    for each in sorted(deployed, key=lambda each: (each.application.key, each.application.resource.origin.path)):
        application, cluster = each.application, clusters[each.application]
        if application.disabled or not cluster:
            continue
        for fact in each.objects:
            if fact.name and not fact.hook and fact.resource.group_kind != f"Application.{argocd.API_GROUP}":
                found[fleet.identity(application, fact)._replace(cluster=cluster)].append(Claim(application, fact))
    return {identity: claims for identity, claims in found.items() if len(claims) > 1}


def _conflicts(cluster: str, claims: list[Claim], homes: fleet.Homes) -> Iterator[tuple[Claim, Claim]]:
    """Yields each Application's claim with the first one of another that surely meets it."""
    known: set[Key] = set()
    for first, second in combinations(claims, 2):
        one, other = first.application, second.application
        if one.key == other.key or other.key in known:
            continue
        if homes[one] & homes[other] or (cluster != "in-cluster" and not (_is_sampled(one) or _is_sampled(other))):
            known.add(other.key)
            yield first, second


def _is_sampled(application: Application) -> bool:
    """Tells whether its cluster may be a sample of the configuration, which stands for another one in each Argo CD."""
    return application.generation is not None and application.generation.sampled


def _violation(first: Claim, second: Claim, pairs: list[tuple[Claim, Claim]]) -> Violation:
    options = (*first.application.sync_options, *second.application.sync_options)
    severity = None if REFUSING in options else Severity.WARNING
    others = len({(pair[1].fact.kind, pair[1].fact.namespace, pair[1].fact.name) for pair in pairs}) - 1
    what = f"{second.fact.kind} {second.fact.name!r}" + (f" and {others} more" if others else "")
    are = "are" if others else "is"
    message = (
        f"{what} {are} deployed by Applications {first.application.name!r} and {second.application.name!r}, "
        "which undo each other; leave it to one of them"
    )
    route = _path(second) if second.fact.entry == first.fact.entry else None
    if route is not None:
        return Violation(route, message, second.application, severity)
    return Violation(("metadata", "name"), message, second.fact, severity)


def _path(claim: Claim) -> Route | None:
    """Returns the route to the path of the source that makes a claim."""
    routes = (
        (*source.route, "path")
        for source in claim.application.sources
        if source.own and source.path and source.directory_path == claim.fact.entry
    )
    return next(routes, None)


GOOD = ["object-deployed-once"]
BAD = ["object-deployed-twice", "object-deployed-twice-refused"]
