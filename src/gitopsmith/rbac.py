"""What roles allow and whom bindings give them to, as Kubernetes' authorizer reads them."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator
from typing import Any

from gitopsmith.finding import Route
from gitopsmith.manifest import Resource, items, sequence, text

GROUP = "rbac.authorization.k8s.io"
CLUSTER_ROLE = f"ClusterRole.{GROUP}"
CLUSTER_ROLE_BINDING = f"ClusterRoleBinding.{GROUP}"
ROLES = frozenset({CLUSTER_ROLE, f"Role.{GROUP}"})
BINDINGS = frozenset({CLUSTER_ROLE_BINDING, f"RoleBinding.{GROUP}"})
ANY = "*"


def grants(
    role: Resource, group: str, resources: Collection[str], verbs: Collection[str]
) -> Iterator[tuple[Route, dict[str, Any]]]:
    """Yields the rules of a role that allow one of some verbs on one of some resources by its name.

    ``*/subresource`` counts for every resource, ``*`` for no name: what it allows is everything.
    """
    for route, rule in items(role.body, "rules"):
        named = set(_words(rule, "resources")) & {*resources, *(f"*/{each.partition('/')[2]}" for each in resources)}
        if named and {group, ANY} & set(_words(rule, "apiGroups")) and {*verbs, ANY} & set(_words(rule, "verbs")):
            yield route, rule


def wildcards(rule: dict[str, Any]) -> tuple[str, ...]:
    """Returns the fields of a rule that allow anything."""
    return tuple(
        field for field in ("apiGroups", "resources", "verbs", "nonResourceURLs") if ANY in _words(rule, field)
    )


def groups(rule: dict[str, Any]) -> tuple[str, ...]:
    """Returns the API groups of a rule, the core one as an empty text."""
    return tuple(_words(rule, "apiGroups"))


def is_held_in_namespaces(role: Resource) -> bool:
    """Tells whether a role counts in namespaces alone: it is a Role, or its build binds it by RoleBindings alone."""
    if role.group_kind != CLUSTER_ROLE:
        return True
    kinds = {binding.group_kind for binding in _bindings(role.siblings) if _is_of(binding, role)}
    return bool(kinds) and CLUSTER_ROLE_BINDING not in kinds


def is_argo_cd(resource: Resource) -> bool:
    """Tells whether an object is a part of Argo CD, which has to be able to apply whatever it is given."""
    return resource.labels.get("app.kubernetes.io/part-of") == "argocd"


@functools.lru_cache(maxsize=4)
def _bindings(siblings: tuple[Resource, ...]) -> tuple[Resource, ...]:
    return tuple(sibling for sibling in siblings if sibling.group_kind in BINDINGS)


def _is_of(binding: Resource, role: Resource) -> bool:
    return (text(binding.body, "roleRef", "kind"), text(binding.body, "roleRef", "name")) == (role.kind, role.name)


def _words(rule: dict[str, Any], field: str) -> list[str]:
    return [word for word in sequence(rule, field) if isinstance(word, str)]
