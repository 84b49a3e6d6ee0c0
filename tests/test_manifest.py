"""Fields of manifests, read safely and named for people."""

from __future__ import annotations

from typing import Any

import pytest

from gitopsmith import manifest
from gitopsmith.finding import ObjectName, Route
from gitopsmith.manifest import Origin, Resource

BODY: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "labels": {"app": "web"}, "annotations": {"a.b/c": "x"}},
    "spec": {
        "replicas": 2,
        "odd": [{"value": 1}],
        "template": {"spec": {"containers": [{"name": "web", "ports": [{"containerPort": 80}], "args": ["-v"]}, None]}},
    },
}


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        ((), BODY),
        (("spec", "replicas"), 2),
        (("spec", "template", "spec", "containers", 0, "args", 0), "-v"),
        (("spec", "template", "spec", "containers", 7), None),
        (("spec", "replicas", "more"), None),
        (("spec", "template", "spec", "containers", "name"), None),
        (("status",), None),
    ],
)
def test_get_returns_none_where_nothing_is(route: Route, expected: object) -> None:
    assert manifest.get(BODY, *route) == expected


@pytest.mark.parametrize("body", [BODY, None, [], "text", 3])
def test_typed_access_never_fails(body: object) -> None:
    assert manifest.mapping(body, "spec", "replicas") == {}
    assert manifest.sequence(body, "spec") == []
    assert manifest.text(body, "spec", "replicas") == ""
    assert list(manifest.items(body, "metadata")) == []


def test_items_are_the_maps_of_a_list_with_their_routes() -> None:
    route = ("spec", "template", "spec", "containers")
    assert [(where, item["name"]) for where, item in manifest.items(BODY, *route)] == [((*route, 0), "web")]


def test_scalars_come_in_the_order_of_the_text() -> None:
    found = list(manifest.scalars({"a": [1, {"b": None}], "c": "d"}))
    assert found == [(("a", 0), 1), (("a", 1, "b"), None), (("c",), "d")]


@pytest.mark.parametrize(
    ("route", "written"),
    [
        (("spec", "template", "spec", "containers", 0, "image"), "spec.template.spec.containers[name=web].image"),
        (
            ("spec", "template", "spec", "containers", 0, "ports", 0),
            "spec.template.spec.containers[name=web].ports[containerPort=80]",
        ),
        (("spec", "template", "spec", "containers", 0, "args", 0), "spec.template.spec.containers[name=web].args[0]"),
        (("metadata", "annotations", "a.b/c"), "metadata.annotations['a.b/c']"),
        (("metadata", "labels", "app-name_1"), "metadata.labels.app-name_1"),
        (("not", "there", 3), "not.there[3]"),
        (("spec", "odd", 0), "spec.odd[0]"),
        ((), ""),
    ],
)
def test_a_pointer_names_items_by_their_key(route: Route, written: str) -> None:
    assert manifest.pointer(BODY, route) == written


def test_a_resource_knows_its_names() -> None:
    resource = Resource(BODY, Origin(path="web.yaml"))
    assert (resource.kind, resource.group, resource.group_kind, resource.name) == (
        "Deployment", "apps", "Deployment.apps", "web",
    )  # fmt: skip
    assert (resource.labels, resource.annotations) == ({"app": "web"}, {"a.b/c": "x"})
    assert resource.object == ObjectName("apps/v1", "Deployment", "", "web")
    assert resource.get("spec", "replicas") == 2
    assert Resource({"apiVersion": "v1", "kind": "Service"}).group_kind == "Service"


@pytest.mark.parametrize(
    ("body", "expected"),
    [(BODY, True), ({"kind": "List"}, False), ({"apiVersion": 1, "kind": "X"}, False), ([BODY], False), (None, False)],
)
def test_what_could_be_an_object(body: object, expected: bool) -> None:
    assert manifest.is_object(body) is expected
