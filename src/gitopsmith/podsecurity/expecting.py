"""What one check holds against a workload, as long as nobody said that it has to be so."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from gitopsmith.finding import Route
from gitopsmith.manifest import Resource, get
from gitopsmith.podsecurity.levels import CHECKS, ENFORCE, NEWEST, PRIVILEGED
from gitopsmith.podsecurity.pods import CONTEXT
from gitopsmith.policy import Violation
from gitopsmith.workload import containers

SYSTEM = "kube-system"
PRIVILEGE = (CONTEXT, "privileged")
_FINDERS = {check.id: check.find for check in CHECKS}


def violations(resource: Resource, check: str) -> Iterator[Violation]:
    """Yields what a check of the standards refuses of a workload, by its newest version.

    What a namespace that enforces ``privileged`` or is the cluster's own holds is exempt; and what is only missing is,
    where OpenShift fills it in.
    """
    if is_meant(resource):
        return
    for each in _FINDERS[check](resource, NEWEST):
        if not (each.missing and filled_by_openshift(resource)):
            yield Violation(each.route, each.message)


def unconfined(resource: Resource) -> frozenset[Route]:
    """Returns the routes of the privileged containers, which what is said of single rights does not hold."""
    return frozenset(route for route, container in containers(resource) if get(container, *PRIVILEGE) is True)


def is_meant(resource: Resource) -> bool:
    """Tells whether the pods of a workload may do what they want: the namespace's owner says so, or the cluster's."""
    return resource.namespace == SYSTEM or resource.namespace in _privileged(resource.siblings)


@functools.lru_cache(maxsize=4)
def _privileged(siblings: tuple[Resource, ...]) -> frozenset[str]:
    return frozenset(
        sibling.name
        for sibling in siblings
        if sibling.group_kind == "Namespace" and sibling.labels.get(ENFORCE) == PRIVILEGED
    )


def filled_by_openshift(resource: Resource) -> bool:
    """Tells whether a build is for OpenShift, where the SCC ``restricted-v2`` sets what a pod does not say itself."""
    return _on_openshift(resource.siblings)


@functools.lru_cache(maxsize=4)
def _on_openshift(siblings: tuple[Resource, ...]) -> bool:
    return any(sibling.group.endswith(".openshift.io") for sibling in siblings)
