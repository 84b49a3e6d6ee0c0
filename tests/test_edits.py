"""An Application's kustomize options are applied as Argo CD applies them: the same commands, in the same order."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from gitopsmith import documents
from gitopsmith.render import Failed
from gitopsmith.render import kustomize as renderers
from gitopsmith.render.edits import Edits, dead_images, option_of, read
from gitopsmith.render.kustomize import Renderer
from gitopsmith.render.variables import substitute
from gitopsmith.tree import open_tree
from repository import write

COMPONENT = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
VARIABLES = {"ARGOCD_APP_NAME": "shop", "ARGOCD_APP_REVISION": "0123456789abcdef0123456789abcdef01234567"}
WEB = """apiVersion: apps/v1
kind: Deployment
metadata: {name: web, labels: {app: web}}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      initContainers: [{name: wait, image: "busybox:1.36"}]
      containers:
        - {name: web, image: "registry.example.com:5000/team/web:1.0.0", envFrom: [{configMapRef: {name: web}}]}
        - {name: proxy, image: "envoy@sha256:24a0c4b4a4c0eb97a1aabb8e29f18e917d05abfe1b7a7c07857230879ce7d3d3"}
"""
DATABASE = """apiVersion: apps/v1
kind: StatefulSet
metadata: {name: database}
spec:
  replicas: 3
  serviceName: database
  selector: {matchLabels: {app: database}}
  template:
    metadata: {labels: {app: database}}
    spec: {containers: [{name: database, image: "postgres:16"}]}
  volumeClaimTemplates: [{metadata: {name: data}, spec: {accessModes: [ReadWriteOnce]}}]
"""
SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n"
PATCH = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
DIGEST = "sha256:24a0c4b4a4c0eb97a1aabb8e29f18e917d05abfe1b7a7c07857230879ce7d3d3"
FILES = {
    "apps/web/base/kustomization.yaml": "resources: [web.yaml, service.yaml, database.yaml]\n",
    "apps/web/base/web.yaml": WEB,
    "apps/web/base/service.yaml": SERVICE,
    "apps/web/base/database.yaml": DATABASE,
    "apps/web/prod/kustomization.yaml": """\
# what production runs
resources: [../base]
namespace: prod
images:
  - {name: envoy, newName: registry.example.com/envoy, newTag: "1.30"}
labels: [{pairs: {tier: front}, includeTemplates: true}]
commonAnnotations: {owner: team}
replicas: [{name: database, count: 5}]
configMapGenerator: [{name: web, files: [settings.properties]}]
patches:
  - path: patch.yaml
""",
    "apps/web/prod/settings.properties": "colour=blue\n",
    "apps/web/prod/patch.yaml": PATCH + "spec: {paused: true}\n",
    "apps/web/prod/more.yaml": PATCH + "spec: {minReadySeconds: 9}\n",
    "apps/web/prod/own/kustomization.yaml": COMPONENT + "commonAnnotations: {own: component}\n",
    "apps/web/colour/kustomization.yaml": COMPONENT + "commonAnnotations: {colour: blue}\nresources: [account.yaml]\n",
    "apps/web/colour/account.yaml": "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: colour}\n",
    "apps/web/shape/kustomization.yaml": COMPONENT + "namePrefix: round-\n",
}
REPLACE = "- {op: replace, path: /spec/replicas, value: 7}"
MERGE = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  type: NodePort\n"
OPTIONS: dict[str, dict[str, Any]] = {
    "prefix": {"namePrefix": "dev-"},
    "prefix like a flag": {"namePrefix": "-x-"},
    "suffix": {"nameSuffix": "-2"},
    "prefix and suffix": {"namePrefix": "a-", "nameSuffix": "-z"},
    "tag": {"images": ["registry.example.com:5000/team/web:2.0.0"]},
    "digest": {"images": [f"postgres@{DIGEST}"]},
    "new name": {"images": ["postgres=mirror.example.com/postgres"]},
    "new name and tag": {"images": ["postgres=mirror.example.com:443/postgres:17", "busybox:1.37"]},
    "tag and digest": {"images": [f"busybox=b:1@{DIGEST}"]},
    "kept name": {"images": ["envoy=*:1.31"]},
    "same image as the kustomization": {"images": ["envoy:1.32"]},
    "same image twice": {"images": ["postgres:17", "postgres:18"]},
    "variable in an image": {"images": ["postgres:$ARGOCD_APP_REVISION"]},
    "replicas": {"replicas": [{"name": "web", "count": 4}]},
    "replicas as text": {"replicas": [{"name": "web", "count": "4"}]},
    "replicas of the kustomization": {"replicas": [{"name": "database", "count": 0}, {"name": "web", "count": 2}]},
    "label": {"commonLabels": {"team": "shop"}},
    "label with a variable": {"commonLabels": {"team": "${ARGOCD_APP_NAME}-$NOBODY$$"}},
    "label without selector": {"commonLabels": {"team": "shop"}, "labelWithoutSelector": True},
    "label in templates": {
        "commonLabels": {"team": "shop", "unit": "a"}, "labelWithoutSelector": True, "labelIncludeTemplates": True,
    },
    "label by force": {
        "commonLabels": {"tier": "back"}, "labelWithoutSelector": True, "labelIncludeTemplates": True,
        "forceCommonLabels": True,
    },
    "annotation": {"commonAnnotations": {"example.com/team": "shop: a"}},
    "annotation kept as written": {"commonAnnotations": {"note": "$ARGOCD_APP_NAME"}},
    "annotation filled in": {"commonAnnotations": {"note": "$ARGOCD_APP_NAME"}, "commonAnnotationsEnvsubst": True},
    "annotation by force": {"commonAnnotations": {"owner": "other"}, "forceCommonAnnotations": True},
    "namespace": {"namespace": "staging"},
    "json patch": {"patches": [{"target": {"kind": "Deployment", "name": "web"}, "patch": REPLACE}]},
    "merge patch": {"patches": [{"patch": MERGE}]},
    "patch in a file": {"patches": [{"path": "more.yaml"}]},
    "patch that renames": {
        "patches": [
            {
                "target": {"kind": "Service"},
                "patch": "- {op: replace, path: /metadata/name, value: front}",
                "options": {"allowNameChange": True},
            }
        ]
    },
    "patch by label": {"patches": [{"target": {"labelSelector": "app=web"}, "patch": REPLACE}]},
    "component": {"components": ["../colour"]},
    "components": {"components": ["own", "../colour", "../shape"]},
    "components by a pattern": {"components": ["../c*"]},
    "first component that is there": {
        "components": ["../missing", "../colour", "../shape"], "ignoreMissingComponents": True,
    },
    "no component is there": {"components": ["../missing"], "ignoreMissingComponents": True},
    "everything": {
        "namePrefix": "p-", "nameSuffix": "-s", "images": ["postgres:17"], "namespace": "all",
        "replicas": [{"name": "web", "count": 9}], "commonLabels": {"team": "all"},
        "commonAnnotations": {"x": "y"}, "patches": [{"patch": MERGE}, {"path": "more.yaml"}],
        "components": ["../colour"],
    },
    "label that is there": {"commonLabels": {"tier": "back"}, "labelWithoutSelector": True,
                            "labelIncludeTemplates": True},
    "templates with selector": {"commonLabels": {"team": "x"}, "labelIncludeTemplates": True},
    "annotation that is there": {"commonAnnotations": {"owner": "other"}},
    "image without a version": {"images": ["postgres"]},
    "replicas of nothing": {"replicas": [{"name": "wbe", "count": 2}]},
    "replicas that are no number": {"replicas": [{"name": "web", "count": "many"}]},
    "patch of nothing": {"patches": [{"patch": MERGE.replace("web", "wbe")}]},
    "missing component": {"components": ["../missing"]},
}  # fmt: skip


@pytest.fixture
def renderer(kustomize: str, monkeypatch: pytest.MonkeyPatch) -> Renderer:
    monkeypatch.setenv("PATH", str(Path(kustomize).parent), prepend=":")
    return Renderer("kustomize", "5", (kustomize, "build"))


class _RefusedError(Exception):
    """A command of Argo CD's did not succeed."""


def _by_hand(kustomize: str, root: Path, options: dict[str, Any]) -> str:
    """Does what ``Build`` in ``util/kustomize/kustomize.go`` does, in the given copy itself."""
    place = root / "apps/web/prod"

    def run(*arguments: str) -> str:
        done = subprocess.run((kustomize, *arguments), cwd=place, capture_output=True, text=True, check=False)
        if done.returncode:
            raise _RefusedError(done.stderr)
        return done.stdout

    def fill(value: str) -> str:
        for name, known in VARIABLES.items():
            value = value.replace(f"${{{name}}}", known).replace(f"${name}", known)
        return value.replace("$NOBODY", "").replace("$$", "$")

    if options.get("namePrefix"):
        run("edit", "set", "nameprefix", "--", options["namePrefix"])
    if options.get("nameSuffix"):
        run("edit", "set", "namesuffix", "--", options["nameSuffix"])
    if options.get("images"):
        run("edit", "set", "image", *map(fill, options["images"]))
    if options.get("replicas"):
        run("edit", "set", "replicas", *(f"{item['name']}={int(item['count'])}" for item in options["replicas"]))
    if options.get("commonLabels"):
        flags = [
            flag
            for name, flag in (
                ("forceCommonLabels", "--force"),
                ("labelWithoutSelector", "--without-selector"),
                ("labelIncludeTemplates", "--include-templates"),
            )
            if options.get(name)
        ]
        run("edit", "add", "label", *flags, *(f"{key}:{fill(value)}" for key, value in options["commonLabels"].items()))
    if options.get("commonAnnotations"):
        force = ["--force"] if options.get("forceCommonAnnotations") else []
        filled = fill if options.get("commonAnnotationsEnvsubst") else str
        pairs = (f"{key}:{filled(value)}" for key, value in options["commonAnnotations"].items())
        run("edit", "add", "annotation", *force, *pairs)
    if options.get("namespace"):
        run("edit", "set", "namespace", "--", options["namespace"])
    if options.get("patches"):
        path = place / "kustomization.yaml"
        body = documents.load(path.read_text())
        path.write_text(json.dumps(body | {"patches": body["patches"] + options["patches"]}))
    found = options.get("components", [])
    if options.get("ignoreMissingComponents"):
        found = [name for name in found if (place / name / "kustomization.yaml").is_file()][:1]
    if found:
        run("edit", "add", "component", *found)
    return run("build", str(place))


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_a_build_with_options_equals_argo_cds_commands_on_a_copy(
    tmp_path: Path, renderer: Renderer, options: dict[str, Any]
) -> None:
    root = write(tmp_path / "repository", FILES)
    shutil.copytree(root, tmp_path / "copy")
    planned = renderers.plan(open_tree(root), "apps/web/prod", read(options, VARIABLES), origins=False)
    assert not isinstance(planned, Failed)
    built = renderers.execute(planned, root, renderer)
    try:
        expected = _by_hand(renderer.command[0], tmp_path / "copy", options)
    except (_RefusedError, ValueError):
        assert isinstance(built, Failed)
        assert built.kind == "error"
    else:
        assert not isinstance(built, Failed), built
        assert "---\n".join(item.text for item in built) == expected
    assert {path: (root / path).read_text() for path in FILES} == FILES, "the repository stays as it is"


def test_origins_and_options_do_not_hinder_each_other(tmp_path: Path, renderer: Renderer) -> None:
    root = write(tmp_path, FILES)
    edits = read({"namePrefix": "dev-", "components": ["../colour"]}, VARIABLES)
    planned = renderers.plan(open_tree(root), "apps/web/prod", edits)
    assert not isinstance(planned, Failed)
    built = renderers.execute(planned, root, renderer)
    assert not isinstance(built, Failed)
    files = {item.origin.path or item.origin.configured_in for item in built}
    assert files == {f"apps/web/base/{name}.yaml" for name in ("web", "service", "database")} | {
        "apps/web/colour/account.yaml", "apps/web/prod/kustomization.yaml",
    }  # fmt: skip


def test_links_lead_to_the_same_files_in_the_copy(tmp_path: Path, renderer: Renderer) -> None:
    root = write(tmp_path, {**FILES, "apps/other/kustomization.yaml": "resources: [linked, web.yaml]\n"})
    (root / "apps/other/linked").symlink_to("../web/base")
    (root / "apps/other/real.yaml").write_text(SERVICE.replace("web}", "extra}"))
    (root / "apps/other/web.yaml").symlink_to("real.yaml")
    planned = renderers.plan(open_tree(root), "apps/other", read({"namePrefix": "x-"}, {}), origins=False)
    assert not isinstance(planned, Failed)
    built = renderers.execute(planned, root, renderer)
    assert not isinstance(built, Failed)
    assert len(built) == 4


def test_a_component_from_elsewhere_is_not_fetched(tmp_path: Path) -> None:
    tree = open_tree(write(tmp_path, FILES))
    edits = read({"components": ["https://github.com/team/components//colour?ref=v1"]}, {})
    planned = renderers.plan(tree, "apps/web/prod", edits)
    assert isinstance(planned, Failed)
    assert planned.kind == "remote"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$ARGOCD_APP_NAME", "shop"),
        ("${ARGOCD_APP_NAME}s", "shops"),
        ("$ARGOCD_APP_NAMEs", ""),
        ("a$$b$", "a$b$"),
        ("${}x", "x"),
        ("$1x", "x"),
        ("100%", "100%"),
    ],
)
def test_variables_are_filled_in_as_go_does(text: str, expected: str) -> None:
    assert substitute(text, VARIABLES) == expected


@pytest.mark.parametrize(
    "block",
    [
        {"images": [1]}, {"images": "x"}, {"replicas": [{"name": "a", "count": 1.5}]}, {"commonLabels": {"a": 1}},
        {"patches": ["x"]}, {"components": {"a": "b"}}, {"namePrefix": 5}, {"replicas": [{"count": True}]}, {},
    ],
)  # fmt: skip
def test_what_the_api_server_refuses_by_its_type_counts_for_nothing(block: dict[str, Any]) -> None:
    assert read(block, {}) == Edits()


def test_options_that_mean_the_same_are_equal() -> None:
    one = read({"commonLabels": {"a": "x", "b": "y"}, "replicas": [{"name": "web", "count": "2"}]}, {})
    other = read({"replicas": [{"count": 2, "name": "web"}], "commonLabels": {"b": "y", "a": "x"}}, {})
    assert one == other
    assert hash(one) == hash(other)


def test_the_option_that_wrote_a_field_is_found() -> None:
    edits = read(OPTIONS["everything"], {})
    edited = {"images": [{"name": "envoy"}, {"name": "postgres"}], "patches": [{}, {}, {}], "components": ["../colour"]}
    assert option_of(edits, edited, ("images", 1, "newTag")) == ("images", 0)
    assert option_of(edits, edited, ("images", 0, "newTag")) is None
    assert option_of(edits, edited, ("patches", 0)) is None
    assert option_of(edits, edited, ("patches", 2, "path")) == ("patches", 1, "path")
    assert option_of(edits, edited, ("components", 0)) == ("components", 0)
    assert option_of(edits, edited, ("commonLabels", "team")) == ("commonLabels", "team")
    assert option_of(edits, edited, ("commonAnnotations", "owner")) is None
    assert option_of(edits, edited, ("namePrefix",)) == ("namePrefix",)
    assert option_of(edits, edited, ()) is None


@pytest.mark.parametrize(
    ("images", "dead"),
    [
        (["web:2"], []),
        (["wbe:2"], [0]),
        (["web=team/web:2"], []),
        (["web:1", "web:2"], [0]),
        (["nothing=*:2"], []),
        (["w.+:2"], []),
    ],
)
def test_images_that_change_nothing_are_told(images: list[str], dead: list[int]) -> None:
    bodies = [{"spec": {"containers": [{"image": "web:2"}, {"image": "team/web:2"}]}}]
    assert [index for index, _ in dead_images(read({"images": images}, {}), bodies)] == dead
