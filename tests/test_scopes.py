"""Which kinds are cluster-wide: what the vendored table says, what a repository says, what a real API server says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import apiserver
from gitopsmith.validate import Schemas, vendored


def definition(scope: str, kind: str = "Widget", group: str = "example.com") -> dict[str, Any]:
    names = {"kind": kind, "plural": f"{kind.lower()}s"}
    return {"spec": {"group": group, "names": names, "scope": scope, "versions": [{"name": "v1"}]}}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("Namespace", "Cluster"),
        ("Deployment.apps", "Namespaced"),
        ("Deployment.extensions", "Namespaced"),
        ("PodSecurityPolicy.policy", "Cluster"),
        ("ClusterIssuer.cert-manager.io", "Cluster"),
        ("Application.argoproj.io", "Namespaced"),
        ("DeploymentConfig.apps.openshift.io", "Namespaced"),
        ("Group.user.openshift.io", "Cluster"),
        ("Widget.example.com", ""),
        ("", ""),
    ],
)
def test_the_scope_of_a_kind_is_known_without_a_cluster(kind: str, expected: str) -> None:
    assert Schemas().scope(kind) == expected


def test_every_vendored_kind_that_can_be_applied_has_a_scope() -> None:
    names = (name.split(" ") for name in {*vendored.served(), *vendored.custom_kinds()})
    kinds = {f"{kind}.{version.rpartition('/')[0]}".rstrip(".") for version, kind in names}
    assert kinds - set(vendored.scopes()) == {
        "APIGroup", "APIVersions", "Scale.autoscaling", "Status", "TokenRequest.authentication.k8s.io",
    }  # fmt: skip


def test_a_repositorys_own_definition_tells_the_scope_unless_two_disagree() -> None:
    assert Schemas(crds=[definition("Cluster")]).scope("Widget.example.com") == "Cluster"
    assert Schemas(crds=[definition("Cluster"), definition("Namespaced")]).scope("Widget.example.com") == ""
    own = definition("Cluster", "Certificate", "cert-manager.io")
    assert Schemas(crds=[own]).scope("Certificate.cert-manager.io") == "Cluster"


@pytest.mark.slow
def test_the_scopes_of_kubernetes_are_those_that_an_api_server_tells(tmp_path: Path) -> None:
    told: dict[str, str] = {}
    with apiserver.running(tmp_path) as server:
        groups = json.loads(server.kubectl("get", "--raw", "/apis"))["groups"]
        versions = [("", "/api/v1")]
        versions += [
            (group["name"], f"/apis/{version['groupVersion']}") for group in groups for version in group["versions"]
        ]
        for group, path in versions:
            for resource in json.loads(server.kubectl("get", "--raw", path))["resources"]:
                if "/" not in resource["name"]:
                    scope = "Namespaced" if resource["namespaced"] else "Cluster"
                    told[f"{resource['kind']}.{group}".rstrip(".")] = scope
    assert len(told) > 50
    assert {kind: vendored.scopes().get(kind) for kind in told} == told
