"""The Pod Security Standards say of a pod what the API server says; `bench/podsecurity.py` asks a real one."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1]))

from bench import podsecurity

from gitopsmith.manifest import Resource
from gitopsmith.podsecurity import ENFORCE, ENFORCE_VERSION, breaches, enforced, is_version


def pod(spec: dict[str, Any] | None = None, annotations: dict[str, str] | None = None, **context: Any) -> Resource:
    container = {"name": "web", "image": "shop/web:1.4.2", "securityContext": context}
    metadata = {"name": "web", "annotations": annotations or {}}
    return Resource(
        {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": [container]} | (spec or {})}
    )


GOOD: dict[str, Any] = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}


def is_refused(resource: Resource, level: str, version: str = "latest", kubernetes: str = "") -> bool:
    policy = enforced({ENFORCE: level, ENFORCE_VERSION: version}, kubernetes)
    return any(True for _ in breaches(resource, policy))


@pytest.mark.parametrize("entry", podsecurity.table()["pods"], ids=lambda entry: entry["name"])
def test_every_namespace_refuses_what_a_real_api_server_refused_there(entry: dict[str, Any]) -> None:
    namespaces = podsecurity.table()["namespaces"]
    assert [name for name, labels in namespaces.items() if podsecurity.is_refused(entry, labels)] == entry["refused"]


def test_a_plain_pod_is_good_for_baseline_and_not_for_restricted() -> None:
    assert not is_refused(pod(), "baseline")
    assert is_refused(pod(), "restricted")
    assert not is_refused(pod(**GOOD), "restricted")
    assert not is_refused(pod(privileged=True), "privileged")


@pytest.mark.parametrize("level", ["baseline", "restricted"])
@pytest.mark.parametrize(
    ("field", "version", "refused"),
    [
        ("net.ipv4.tcp_rmem", "v1.31", True),
        ("net.ipv4.tcp_rmem", "v1.32", False),
        ("net.ipv4.tcp_notsent_lowat", "v1.36", True),
        ("net.ipv4.tcp_notsent_lowat", "latest", False),
    ],
)
def test_a_pinned_version_has_the_sysctls_of_its_time(level: str, field: str, version: str, refused: bool) -> None:
    context = {"securityContext": {"sysctls": [{"name": field, "value": "1"}]}}
    assert is_refused(pod(context, **GOOD), level, version) is refused


def test_latest_is_the_version_of_the_cluster_and_no_later_one() -> None:
    in_user_namespace = pod({"hostUsers": False}, **GOOD | {"runAsNonRoot": None})
    assert is_refused(in_user_namespace, "restricted", kubernetes="1.34")
    assert is_refused(in_user_namespace, "restricted", "v1.36", kubernetes="1.34")
    assert not is_refused(in_user_namespace, "restricted", kubernetes="1.35")


def test_unmasked_proc_in_a_user_namespace_is_good_for_baseline_alone() -> None:
    unmasked = pod({"hostUsers": False}, **GOOD, procMount="Unmasked")
    assert not is_refused(unmasked, "baseline")
    assert is_refused(unmasked, "baseline", "v1.34")
    assert is_refused(unmasked, "restricted")


def test_windows_pods_need_no_rights_taken_away_from_1_25_on() -> None:
    windows = pod({"os": {"name": "windows"}}, runAsNonRoot=True)
    assert not is_refused(windows, "restricted")
    assert is_refused(windows, "restricted", "v1.24")


def test_an_explicit_false_on_the_pod_is_refused_though_its_containers_say_true() -> None:
    assert is_refused(pod({"securityContext": {"runAsNonRoot": False}}, **GOOD), "restricted")


def test_a_volume_without_a_source_is_an_empty_directory() -> None:
    assert not is_refused(
        pod({"volumes": [{"name": "data"}, {"name": "more", "hostPath": None}]}, **GOOD), "restricted"
    )


@pytest.mark.parametrize("odd", [1, "text", [], {}, [1], {"a": 1}, True])
def test_odd_values_are_judged_without_a_crash(odd: Any) -> None:
    names = ("capabilities", "procMount", "seLinuxOptions", "appArmorProfile", "seccompProfile", "windowsOptions")
    for name in (*names, "runAsUser", "privileged"):
        list(breaches(pod(**{name: odd}), enforced({ENFORCE: "restricted"})))
    for name in ("securityContext", "volumes", "containers", "hostUsers", "os"):
        list(breaches(pod({name: odd}), enforced({ENFORCE: "restricted"})))
    ports = {"containers": [{"name": odd, "ports": [{"hostPort": odd}], "securityContext": odd, "livenessProbe": odd}]}
    list(breaches(pod(ports), enforced({ENFORCE: "baseline", ENFORCE_VERSION: "v1.18"})))


def test_versions_are_latest_or_of_major_1() -> None:
    assert [name for name in ("latest", "v1.30", "1.30", "v1.030", "v2.1", "", None) if is_version(name)] == [
        "latest",
        "v1.30",
    ]
