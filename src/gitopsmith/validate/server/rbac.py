"""Roles and their bindings.

Facts: ``pkg/apis/rbac/validation/validation.go`` of Kubernetes, after the defaults of ``pkg/apis/rbac/v1``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitopsmith.manifest import items, mapping, sequence, text
from gitopsmith.validate.causes import SchemaProblem
from gitopsmith.validate.server.refusal import choice, refused

_GROUP = "rbac.authorization.k8s.io"


def binding(body: dict[str, Any]) -> Iterator[SchemaProblem]:
    role = mapping(body, "roleRef")
    is_for_all = body["kind"] == "ClusterRoleBinding"
    kinds = ("ClusterRole",) if is_for_all else ("Role", "ClusterRole")
    yield from choice(("roleRef", "apiGroup"), role.get("apiGroup"), (_GROUP,))
    yield from choice(("roleRef", "kind"), role.get("kind"), kinds)
    if role.get("name") == "":
        yield refused(("roleRef", "name"), "must not be empty")
    for route, subject in items(body, "subjects"):
        yield from choice((*route, "kind"), subject.get("kind"), ("ServiceAccount", "User", "Group"))
        if subject.get("name") == "":
            yield refused((*route, "name"), "must not be empty")
        if subject.get("kind") == "ServiceAccount" and not subject.get("namespace") and is_for_all:
            yield refused(route, "a ServiceAccount needs its namespace; write it in 'namespace'")
        if subject.get("kind") == "ServiceAccount" and subject.get("apiGroup"):
            yield refused((*route, "apiGroup"), "must be left out: a ServiceAccount is in the core group")
        if text(subject, "kind") in {"User", "Group"}:
            yield from choice((*route, "apiGroup"), subject.get("apiGroup"), (_GROUP,))


def role(body: dict[str, Any]) -> Iterator[SchemaProblem]:
    if body.get("aggregationRule") is not None:
        if not sequence(body, "aggregationRule", "clusterRoleSelectors"):
            yield refused(("aggregationRule",), "needs clusterRoleSelectors")
        return
    for route, rule in items(body, "rules"):
        urls, resources = sequence(rule, "nonResourceURLs"), sequence(rule, "resources")
        if rule.get("verbs") == []:
            yield refused((*route, "verbs"), "must have at least one verb")
        if urls and body["kind"] == "Role":
            yield refused((*route, "nonResourceURLs"), "belongs in a ClusterRole: a Role is about its namespace")
        if urls and (resources or sequence(rule, "apiGroups") or sequence(rule, "resourceNames")):
            yield refused(route, "cannot hold both nonResourceURLs and resources; write two rules")
        if not urls and not sequence(rule, "apiGroups"):
            yield refused(route, "needs apiGroups; write [''] for the core group")
        if not urls and not resources:
            yield refused(route, "needs resources")
