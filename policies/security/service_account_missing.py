"""The service account that a workload names is deployed with it.

Without it no pod is made: `error looking up service account` (the admission plugin `ServiceAccount` of Kubernetes). The
Deployment is applied all the same.

Exempt: accounts that clusters make themselves (`default`; on OpenShift `builder`, `deployer`, `pipeline`); names that
are filled in later; a build without any ServiceAccount of its own, since it takes them from elsewhere.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, text
from gitopsmith.policy import Violation
from gitopsmith.secrets import is_filled_in_later
from gitopsmith.workload import WORKLOADS, pod_route, pod_spec

SEVERITY = Severity.WARNING
SIBLINGS = True
KINDS = WORKLOADS
PROFILE = "production"
MADE = frozenset({"", "builder", "default", "deployer", "pipeline"})


def check_resource(resource: Resource) -> Iterator[Violation]:
    name = text(pod_spec(resource), "serviceAccountName") or text(pod_spec(resource), "serviceAccount")
    accounts = _accounts(resource.siblings)
    if name in MADE or not accounts or is_filled_in_later(name):
        return
    if (resource.namespace, name) not in accounts:
        route = (*(pod_route(resource) or ()), "serviceAccountName")
        yield Violation(route, f"no ServiceAccount {name!r} is beside {resource.object}; add it, or mend the name")


@functools.lru_cache(maxsize=4)
def _accounts(siblings: tuple[Resource, ...]) -> frozenset[tuple[str, str]]:
    """Returns namespace and name of the accounts of a build."""
    return frozenset((each.namespace, each.name) for each in siblings if each.group_kind == "ServiceAccount")


GOOD = [
    """\
apiVersion: v1
kind: ServiceAccount
metadata:
  name: web
---
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  serviceAccountName: web
  containers:
    - name: web
      image: shop/web:1.4.2
"""
]
BAD = [
    """\
apiVersion: v1
kind: ServiceAccount
metadata:
  name: web
---
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  serviceAccountName: wbe  # <- here
  containers:
    - name: web
      image: shop/web:1.4.2
"""
]
