"""Pods that ask nothing of the API server get no token for it.

A pod without a service account of its own runs as `default`, and gets a token that its program has no use for, but
whoever breaks in has: for the API's discovery, and for whatever is bound to `default` or to all accounts later.
`automountServiceAccountToken: false` on the pod or on the account leaves it out
(https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/).

Exempt: workloads with an account of their own, which is there for a reason; a namespace whose `default` account is in
the build and says no, or is bound to a role in the build.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

from gitopsmith.finding import Edit, Severity
from gitopsmith.manifest import Resource, items, text
from gitopsmith.policy import Remedy, Violation
from gitopsmith.rbac import BINDINGS
from gitopsmith.workload import WORKLOADS, pod_route, pod_spec

SEVERITY = Severity.WARNING
SIBLINGS = True
KINDS = WORKLOADS
PROFILE = "production"
DEFAULT = "default"
FIELD = "automountServiceAccountToken"


def check_resource(resource: Resource) -> Iterator[Violation]:
    spec, route = pod_spec(resource), pod_route(resource)
    name = text(spec, "serviceAccountName") or text(spec, "serviceAccount") or DEFAULT
    if route is None or name != DEFAULT or spec.get(FIELD) is False:
        return
    if spec.get(FIELD) is None and resource.namespace in _saying_no(resource.siblings):
        return
    if not {"", resource.namespace} & _using_default(resource.siblings):
        message = f"the pods of {resource.object} get a token of account 'default'; set {FIELD} to false"
        yield Violation((*route, FIELD), message)


@functools.lru_cache(maxsize=4)
def _saying_no(siblings: tuple[Resource, ...]) -> frozenset[str]:
    """Returns the namespaces whose default account leaves the token out."""
    return frozenset(
        each.namespace
        for each in siblings
        if each.group_kind == "ServiceAccount" and each.name == DEFAULT and each.get(FIELD) is False
    )


@functools.lru_cache(maxsize=4)
def _using_default(siblings: tuple[Resource, ...]) -> frozenset[str]:
    """Returns the namespaces whose default account some binding names, empty for that of the binding."""
    return frozenset(
        text(subject, "namespace")
        for each in siblings
        if each.group_kind in BINDINGS
        for _, subject in items(each.body, "subjects")
        if (subject.get("kind"), subject.get("name")) == ("ServiceAccount", DEFAULT)
    )


def fix(_resource: Resource, violation: Violation) -> Remedy:
    """Leaves the token out."""
    return Remedy(f"set {FIELD} to false", (Edit("put", violation.route, False),))


GOOD = [
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  automountServiceAccountToken: false
  containers:
    - name: web
      image: shop/web:1.4.2
""",
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  serviceAccountName: web
  containers:
    - name: web
      image: shop/web:1.4.2
""",
    """\
apiVersion: v1
kind: ServiceAccount
metadata:
  name: default
automountServiceAccountToken: false
---
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: shop/web:1.4.2
""",
]
BAD = [
    """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:  # <- here
  containers:
    - name: web
      image: shop/web:1.4.2
"""
]
FIXED = [
    (
        """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: shop/web:1.4.2
""",
        """\
apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: web
      image: shop/web:1.4.2
  automountServiceAccountToken: false
""",
    ),
]
