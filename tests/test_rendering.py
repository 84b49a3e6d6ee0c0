"""Objects are rendered without their origins, and still traced to the file that a person edits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gitopsmith.graph import Build
from gitopsmith.lint.rendering import Rendering
from gitopsmith.manifest import Origin
from gitopsmith.render import Bodies, Failed, resources
from gitopsmith.tree import open_tree
from repository import executable, write


def deployment(namespace: str, image: str) -> str:
    body = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": namespace},
        "spec": {"template": {"spec": {"containers": [{"name": "web", "image": image}]}}},
    }
    return json.dumps(body)


@pytest.fixture
def counted(tmp_path: Path, kustomize: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The real program under a script that notes what it builds; returns the notes."""
    notes = tmp_path / "notes"
    executable(tmp_path / "bin" / "kustomize", f'echo "$@" >> {notes}; exec {kustomize} "$@"')
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    monkeypatch.setenv("GITOPSMITH_HELPER", "")  # or kustomize's library would build
    return notes


def origins(root: Path, entry: str) -> list[Origin]:
    """Renders a directory as a run does, and asks for the origin of each object."""
    tree, bodies = open_tree(root), Bodies()
    rendering = Rendering(tree, bodies, timeout=60)
    prepared = rendering.prepare(Build("kustomize", entry))
    assert not isinstance(prepared, Failed)
    rendered = rendering.render(prepared)
    assert not isinstance(rendered, Failed)
    found = [resource for _, resource in resources(rendered, bodies)]
    return [
        resource.origin if resource.origin.path else rendering.origin(Build("kustomize", entry), resource)
        for resource in found
    ]


def test_one_file_that_declares_an_object_is_its_origin_without_another_build(tmp_path: Path, counted: Path) -> None:
    root = tmp_path / "repository"
    write(root, {"a/kustomization.yaml": "resources: [web.yaml]\n", "a/web.yaml": deployment("x", "web:1.0.0")})
    assert origins(root, "a") == [Origin(path="a/web.yaml")]
    assert sum(line.startswith("build") for line in counted.read_text().splitlines()) == 1


def test_kustomize_tells_objects_of_one_name_apart(tmp_path: Path, counted: Path) -> None:
    root = tmp_path / "repository"
    write(
        root,
        {
            "a/kustomization.yaml": "resources: [x.yaml, y.yaml]\n",
            "a/x.yaml": deployment("x", "web:1.0.0"),
            "a/y.yaml": deployment("y", "web:2.0.0"),
        },
    )
    assert origins(root, "a") == [Origin(path="a/x.yaml"), Origin(path="a/y.yaml")]
    assert sum(line.startswith("build") for line in counted.read_text().splitlines()) == 2


def test_a_renamed_object_is_traced_too(tmp_path: Path, kustomize: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(kustomize).parent), prepend=":")
    root = tmp_path / "repository"
    write(
        root,
        {
            "base/kustomization.yaml": "resources: [web.yaml]\n",
            "base/web.yaml": deployment("x", "web:1.0.0"),
            "overlay/kustomization.yaml": "resources: [../base]\nnameSuffix: -prod\n",
        },
    )
    assert origins(root, "overlay") == [Origin(path="base/web.yaml")]


def test_builds_that_render_applications_or_generate_secrets_know_their_origins_at_once(
    tmp_path: Path, counted: Path
) -> None:
    root = tmp_path / "repository"
    write(root, {"a/kustomization.yaml": "secretGenerator:\n- name: s\n  literals: [a=b]\n"})
    tree = open_tree(root)
    rendering = Rendering(tree, Bodies(), timeout=60)
    rendered = rendering.render(rendering.prepare(Build("kustomize", "a")))
    assert not isinstance(rendered, Failed)
    assert [item.origin.configured_in for item in rendered] == ["a/kustomization.yaml"]
    assert counted.exists()
