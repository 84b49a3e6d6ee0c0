"""What comes into a kustomization, and what a target can mean there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import repository
from gitopsmith import graph, kustomization, tree
from gitopsmith.kustomization import Layer

CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {}\n"
COMPONENT = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"


def layer(root: Path, directory: str, files: dict[str, str]) -> Layer:
    opened = tree.open_tree(repository.write(root, files))
    found = graph.discover(opened).kustomizations
    wanted = next(each for each in found if each.directory == directory)
    return kustomization.layer(opened, wanted, kustomization.including(found))


def below(base: str, more: str = "") -> dict[str, str]:
    return {
        "base/kustomization.yaml": base,
        "base/config.yaml": CONFIG.format("web"),
        "top/kustomization.yaml": f"resources:\n  - ../base\n{more}",
    }


@pytest.mark.parametrize(
    ("target", "is_there"),
    [
        ({"name": "web"}, True),
        ({"kind": "ConfigMap", "name": "w.b"}, True),
        ({"kind": "Config", "name": "web"}, False),
        ({"name": "we"}, False),
        ({"group": "apps", "name": "web"}, False),
        ({"version": "v1", "name": "web|api"}, True),
        ({"name": "we["}, True),
        ({"name": "(a+)+x"}, True),
        ({"name": 5}, True),
    ],
)
def test_a_target_means_objects_by_patterns_of_whole_fields(
    target: dict[str, Any], is_there: bool, tmp_path: Path
) -> None:
    found = layer(tmp_path, "top", below("resources:\n  - config.yaml\n"))
    assert found.complete
    assert found.selects(target) == is_there


def test_names_may_have_a_prefix_from_below_and_two_that_add_up_are_not_followed(tmp_path: Path) -> None:
    once = layer(tmp_path / "once", "top", below("namePrefix: shop-\nresources:\n  - config.yaml\n"))
    assert [once.selects({"name": name}) for name in ("web", "shop-web", "shop-")] == [True, True, False]
    twice = below("namePrefix: shop-\nresources:\n  - config.yaml\n", "namePrefix: my-\n")
    assert not layer(tmp_path / "twice", "top", twice).complete


def test_generated_objects_and_items_of_lists_come_in(tmp_path: Path) -> None:
    files = below("resources:\n  - config.yaml\nsecretGenerator:\n  - name: key\n    literals:\n      - a=b\n")
    files["base/config.yaml"] = (
        "apiVersion: v1\nkind: List\nitems:\n  - apiVersion: v1\n    kind: Service\n    metadata:\n      name: api\n"
    )
    found = layer(tmp_path, "top", files)
    assert found.selects({"kind": "Secret", "name": "key"})
    assert found.selects({"kind": "Service", "name": "api"})


@pytest.mark.parametrize(
    "more",
    [
        "helmCharts:\n  - name: web\n",
        "generators:\n  - plugin.yaml\n",
        "vars:\n  - name: A\n",
        "components:\n  - ../missing\n",
        "patches:\n  - path: rename.yaml\n    options:\n      allowNameChange: true\n",
    ],
)
def test_where_something_else_may_come_in_nothing_can_be_said(more: str, tmp_path: Path) -> None:
    assert not layer(tmp_path, "top", below("resources:\n  - config.yaml\n", more)).complete


def test_into_a_component_comes_what_comes_into_all_that_use_it_and_nothing_is_known_of_an_unused_one(
    tmp_path: Path,
) -> None:
    files = below("resources:\n  - config.yaml\n", "components:\n  - ../part\n")
    files["part/kustomization.yaml"] = COMPONENT
    files["other/kustomization.yaml"] = "resources:\n  - config.yaml\ncomponents:\n  - ../part\n"
    files["other/config.yaml"] = CONFIG.format("api")
    files["unused/kustomization.yaml"] = COMPONENT
    found = layer(tmp_path, "part", files)
    assert found.complete
    assert found.selects({"name": "web"})
    assert found.selects({"name": "api"})
    assert not layer(tmp_path, "unused", {}).complete


def test_texts_hold_images_wherever_they_stand_and_no_names_of_image_entries(tmp_path: Path) -> None:
    base = (
        "resources:\n  - config.yaml\nimages:\n  - name: old\n    newName: new\n"
        "patches:\n  - target:\n      kind: Pod\n    patch: |-\n"
        '      [{"op": "add", "path": "/x", "value": "proxy:1"}]\n'
    )
    found = layer(tmp_path, "top", below(base))
    assert {"new", "proxy:1"} <= found.texts
    assert "old" not in found.texts
