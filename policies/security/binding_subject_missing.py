"""A binding gives its rights to the account that is deployed with it.

kustomize writes the namespace of a build into every object, and into the subjects of bindings only where the account is
called `default`, or is part of the same build under the namespace that the subject names
(`api/filters/namespace/namespace.go`). A subject that says another namespace is kept as it is: the account is deployed
in one namespace, the rights are given to one of the same name in another, and the pod gets `forbidden`.

Looked at are subjects whose account is deployed in another namespace by the same build, and not in the one that is
named.
Exempt: subjects without such an account here, since it may come from elsewhere.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterator

from gitopsmith import rbac
from gitopsmith.finding import Severity
from gitopsmith.manifest import Resource, items, text
from gitopsmith.policy import Violation

SEVERITY = Severity.WARNING
SIBLINGS = True
KINDS = rbac.BINDINGS


def check_resource(resource: Resource) -> Iterator[Violation]:
    accounts = _accounts(resource.siblings)
    for route, subject in items(resource.body, "subjects"):
        name, namespace = text(subject, "name"), text(subject, "namespace")
        known = accounts.get(name, frozenset()) if subject.get("kind") == "ServiceAccount" else frozenset()
        if known and namespace and "" not in known and namespace not in known:
            message = (
                f"ServiceAccount {name!r} is deployed in {' and '.join(sorted(known))}, and the rights are given to "
                f"one in {namespace}; name its namespace"
            )
            yield Violation((*route, "namespace"), message)


@functools.lru_cache(maxsize=4)
def _accounts(siblings: tuple[Resource, ...]) -> dict[str, frozenset[str]]:
    """Returns the namespaces of the accounts of a build by their name."""
    found: dict[str, set[str]] = defaultdict(set)
    for one in siblings:
        if one.group_kind == "ServiceAccount":
            found[one.name].add(one.namespace)
    return {name: frozenset(namespaces) for name, namespaces in found.items()}


BINDING = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: web
  namespace: web
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: Role
  name: web
subjects:
  - kind: ServiceAccount
    name: web
    namespace: {namespace}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: web
  namespace: web
"""
GOOD = [
    BINDING.format(namespace="web"),
    BINDING.format(namespace="shop").replace(
        "kind: ServiceAccount\n    name: web", "kind: ServiceAccount\n    name: api"
    ),
]
BAD = [BINDING.format(namespace="shop  # <- here")]
