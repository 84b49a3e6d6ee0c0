"""What a role allows is what Kubernetes' authorizer makes of it."""

from __future__ import annotations

from typing import Any

import pytest

from gitopsmith.manifest import Resource
from gitopsmith.rbac import grants, is_held_in_namespaces, wildcards

API = "rbac.authorization.k8s.io/v1"


def role(*rules: Any, kind: str = "ClusterRole", siblings: tuple[Resource, ...] = ()) -> Resource:
    body = {"apiVersion": API, "kind": kind, "metadata": {"name": "operator"}, "rules": list(rules)}
    return Resource(body, siblings=siblings)


def bound(kind: str, name: str = "operator") -> Resource:
    reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name}
    return Resource({"apiVersion": API, "kind": kind, "metadata": {"name": "operator"}, "roleRef": reference})


@pytest.mark.parametrize(
    ("groups", "resources", "verbs", "allowed"),
    [
        ([""], ["pods/exec"], ["create"], True),
        (["*"], ["pods/exec"], ["*"], True),
        ([""], ["*/exec"], ["create"], True),
        ([""], ["pods"], ["create"], False),
        (["apps"], ["pods/exec"], ["create"], False),
        ([""], ["pods/exec"], ["delete"], False),
        ([""], ["*"], ["create"], False),
    ],
)
def test_a_rule_grants_what_group_resource_and_verb_say(
    groups: list[str], resources: list[str], verbs: list[str], allowed: bool
) -> None:
    rule = {"apiGroups": groups, "resources": resources, "verbs": verbs}
    assert bool(list(grants(role(rule), "", ["pods/exec"], ["create"]))) is allowed


def test_a_cluster_role_that_only_role_bindings_bind_counts_in_their_namespaces() -> None:
    assert is_held_in_namespaces(role(siblings=(bound("RoleBinding"),)))
    assert not is_held_in_namespaces(role(siblings=(bound("RoleBinding"), bound("ClusterRoleBinding"))))
    assert not is_held_in_namespaces(role(siblings=(bound("RoleBinding", "other"),)))
    assert is_held_in_namespaces(role(kind="Role"))


@pytest.mark.parametrize("odd", [None, 1, "text", {"a": 1}, [1, None, {}]])
def test_odd_rules_grant_nothing(odd: Any) -> None:
    assert not list(grants(role(odd, {"apiGroups": odd, "resources": odd, "verbs": odd}), "", ["pods"], ["get"]))
    assert wildcards({"verbs": odd}) == ()
