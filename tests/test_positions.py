"""Places are proved by cause: what is written at a place appears in the field that kustomize renders."""

from __future__ import annotations

import importlib.util
import random
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from checkout import ROOT

sys.path.append(str(ROOT))

from bench import charted

from gitopsmith import positions
from gitopsmith.finding import Location, Route
from gitopsmith.manifest import Origin, Resource, pointer, scalars
from gitopsmith.render import Bodies, Failed, library, resources
from gitopsmith.render import kustomize as builder
from gitopsmith.tree import Tree, open_tree

FIXTURE = ROOT / "tests" / "fixtures" / "positions"
WRITERS = ROOT / "tests" / "fixtures" / "writers"
CHARTED = ROOT / "tests" / "fixtures" / "charted"
PRODUCTION = "overlays/production"


@pytest.fixture(scope="module")
def renderer(kustomize: str) -> builder.Renderer:
    return builder.Renderer("kustomize", "5", (kustomize, "build"))


@pytest.fixture(scope="module")
def proof() -> ModuleType:
    """The program that proves positions over the corpora."""
    spec = importlib.util.spec_from_file_location("bench_positions", ROOT / "bench" / "positions.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def build(tree: Tree, entry: str, renderer: builder.Renderer) -> list[Resource]:
    rendered = builder.build(tree, entry, renderer)
    assert not isinstance(rendered, Failed), rendered
    return [resource for _, resource in resources(rendered, Bodies())]


@pytest.fixture(scope="module")
def tree() -> Tree:
    return open_tree(FIXTURE)


@pytest.fixture(scope="module")
def production(tree: Tree, renderer: builder.Renderer) -> list[Resource]:
    return build(tree, PRODUCTION, renderer)


def route_of(body: Any, wanted: str) -> Route:
    return next(route for route, _ in every_route(body) if pointer(body, route) == wanted)


def every_route(body: Any, route: Route = ()) -> Iterator[tuple[Route, Any]]:
    yield route, body
    pairs = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for key, value in pairs:
        yield from every_route(value, (*route, key))


def written(tree: Tree, path: str, marker: str) -> int:
    lines = (tree.root / path).read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.endswith(f"# {marker}"))


WEB = "spec.template.spec.containers[name=web]"
OVERLAY = f"{PRODUCTION}/kustomization.yaml"
PLACES = [
    # object, field, file, end-of-line comment, writer
    ("Deployment/eu-shop-live", "metadata.name", "base/deployment.yaml", "name", "resource"),
    ("Deployment/eu-shop-live", "metadata.namespace", OVERLAY, "namespace", "namespace"),
    ("Deployment/eu-shop-live", "metadata.labels.app", "base/kustomization.yaml", "label", "labels"),
    ("Deployment/eu-shop-live", "spec.selector.matchLabels.app", "base/kustomization.yaml", "label", "labels"),
    ("Deployment/eu-shop-live", "metadata.annotations.owner", OVERLAY, "owner", "annotations"),
    ("Deployment/eu-shop-live", "spec.template.metadata.annotations.owner", OVERLAY, "owner", "annotations"),
    (
        "Deployment/eu-shop-live", "metadata.annotations.metrics",
        "components/metrics/kustomization.yaml", "metrics", "inline-patch",
    ),
    ("Deployment/eu-shop-live", "spec.replicas", OVERLAY, "replicas", "replicas"),
    ("Deployment/eu-shop-live", f"{WEB}.image", "base/kustomization.yaml", "shop-tag", "images"),
    ("Deployment/eu-shop-live", f"{WEB}.ports[name=http].containerPort", "base/deployment.yaml", "http", "resource"),
    ("Deployment/eu-shop-live", f"{WEB}.env[name=MODE].value", f"{PRODUCTION}/limits.yaml", "mode", "patch"),
    ("Deployment/eu-shop-live", f"{WEB}.resources.limits.memory", f"{PRODUCTION}/limits.yaml", "memory", "patch"),
    ("Deployment/eu-shop-live", f"{WEB}.envFrom[0].configMapRef.name", "base/deployment.yaml", "settings", "resource"),
    (
        "Deployment/eu-shop-live", "spec.template.spec.containers[name=cache].image",
        "base/deployment.yaml", "cache", "resource",
    ),
    (
        "Deployment/eu-shop-live", "spec.template.spec.containers[name=exporter].name",
        "components/metrics/kustomization.yaml", "exporter", "inline-patch",
    ),
    ("Deployment/eu-shop-live", "spec.template.spec.containers[name=exporter].image", OVERLAY, "digest", "images"),
    (
        "Deployment/eu-shop-live", "spec.template.spec.tolerations[key=dedicated].key",
        f"{PRODUCTION}/limits.yaml", "toleration", "patch",
    ),
    ("Deployment/eu-shop-live", f"{WEB}.env[name=ZONE].value", f"{PRODUCTION}/ports.yaml", "", "replacements"),
    ("Service/eu-shop-live", "spec.ports[port=80].port", "base/service.yaml", "port", "resource"),
    ("Service/eu-shop-live", "spec.ports[port=9090].targetPort", f"{PRODUCTION}/ports.yaml", "target-port", "patch"),
    ("Service/eu-old-live", "spec.sessionAffinity", f"{PRODUCTION}/ports.yaml", "affinity", "patch"),
    ("Service/eu-old-live", "spec.externalName", OVERLAY, "external", "json-patch"),
    ("RoleBinding/eu-shop-live", "roleRef.name", "base/access.yaml", "view", "resource"),
    ("RoleBinding/eu-shop-live", "subjects[name=default].namespace", OVERLAY, "namespace", "namespace"),
    ("RoleBinding/eu-shop-live", "subjects[name=eu-shop-live].name", "base/access.yaml", "subject", "resource"),
    ("RoleBinding/eu-shop-live", "subjects[name=eu-shop-live].namespace", OVERLAY, "namespace", "namespace"),
    (
        "PodMonitor/eu-shop-live", "spec.podMetricsEndpoints[port=metrics].interval",
        "components/metrics/monitor.yaml", "interval", "resource",
    ),
    ("PodMonitor/eu-shop-live", "spec.podMetricsEndpoints[port=metrics-2].port", OVERLAY, "endpoint", "json-patch"),
    (
        "PodMonitor/eu-shop-live", "spec.podMetricsEndpoints[port=metrics-2].interval",
        OVERLAY, "endpoint-interval", "json-patch",
    ),
    ("PodMonitor/eu-shop-live", "metadata.annotations['example.com/team']", OVERLAY, "team", "json-patch"),
    ("ConfigMap/eu-settings-live", "data.COLOR", OVERLAY, "color-production", "generator"),
    ("ConfigMap/eu-settings-live", "data.SIZE", "base/kustomization.yaml", "size", "generator"),
    ("ConfigMap/eu-texts-live", "metadata.labels.made-by", "base/kustomization.yaml", "made-by", "generator"),
    ("Secret/eu-token-live", "data.TOKEN", "base/kustomization.yaml", "token", "generator"),
    ("Secret/eu-token-live", "type", "base/kustomization.yaml", "secret-type", "generator"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "field", "path", "marker", "writer"), PLACES, ids=[f"{case[4]}: {case[0]} {case[1]}" for case in PLACES]
)
def test_field_is_placed_where_it_is_written(
    tree: Tree, production: list[Resource], name: str, field: str, path: str, marker: str, writer: str
) -> None:
    resource = next(found for found in production if str(found.object).startswith(name))
    place = positions.place(tree, PRODUCTION, resource, route_of(resource.body, field))
    assert (place.location.path, place.writer, place.exact) == (path, writer, True)
    if marker:
        assert place.location.line == written(tree, path, marker)


def spelled(tree: Tree, place: positions.Place) -> str:
    where = place.location
    line = (tree.root / where.path).read_text().splitlines()[where.line - 1]
    return line[where.column - 1 : where.end_column - 1]


@pytest.mark.parametrize(
    ("name", "field", "text"),
    [
        ("ConfigMap/eu-settings-live", "data.SIZE", "large"),
        ("ConfigMap/eu-settings-live", "data.COLOR", "green"),
        ("ConfigMap/eu-settings-live", "data.LANGUAGE", "fr"),
        ("Secret/eu-token-live", "data.TOKEN", "'not really secret'"),
        ("Service/eu-old-live", "spec.externalName", '"new.example.com"'),
        ("PodMonitor/eu-shop-live", "spec.podMetricsEndpoints[port=metrics-2].port", "metrics-2"),
        ("Deployment/eu-shop-live", f"{WEB}.args[1]", '"--fast"'),
    ],
    ids=str,
)
def test_span_is_exactly_the_value(tree: Tree, production: list[Resource], name: str, field: str, text: str) -> None:
    resource = next(found for found in production if str(found.object).startswith(name))
    assert spelled(tree, positions.place(tree, PRODUCTION, resource, route_of(resource.body, field))) == text


def test_missing_field_is_placed_at_the_item_that_lacks_it(tree: Tree, production: list[Resource]) -> None:
    resource = next(found for found in production if found.kind == "Deployment")
    route = (*route_of(resource.body, WEB), "readinessProbe", "httpGet")
    place = positions.place(tree, PRODUCTION, resource, route)
    assert (place.location.path, place.location.line) == (
        "base/deployment.yaml",
        written(tree, "base/deployment.yaml", "web"),
    )
    assert not place.exact


def test_missing_field_of_a_container_that_a_component_adds(tree: Tree, production: list[Resource]) -> None:
    resource = next(found for found in production if found.kind == "Deployment")
    route = (*route_of(resource.body, "spec.template.spec.containers[name=exporter]"), "readinessProbe")
    place = positions.place(tree, PRODUCTION, resource, route)
    path = "components/metrics/kustomization.yaml"
    assert (place.location.path, place.location.line) == (path, written(tree, path, "exporter"))


def test_component_is_followed_though_kustomize_tells_no_origin(tree: Tree, renderer: builder.Renderer) -> None:
    (monitor,) = build_component(tree, renderer)
    place = positions.place(tree, "components/metrics", monitor, ("spec", "podMetricsEndpoints", 0, "interval"))
    path = "components/metrics/monitor.yaml"
    assert (place.location.path, place.location.line, place.exact) == (path, written(tree, path, "interval"), True)


def build_component(tree: Tree, renderer: builder.Renderer) -> list[Resource]:
    body = tree.documents("components/metrics/monitor.yaml").documents[0].body
    return [Resource(body)]


@pytest.mark.parametrize(("name", "marker"), [("one", "plain"), ("two", "listed")])
def test_directory_without_kustomization(tree: Tree, name: str, marker: str) -> None:
    from gitopsmith.render import directory

    found = {resource.name: resource for resource in directory.read(tree, ("plain/all.yaml",))}
    place = positions.place(tree, "plain", found[name], ("data", "key"))
    assert (place.location.path, place.location.line) == ("plain/all.yaml", written(tree, "plain/all.yaml", marker))
    assert place.exact


def test_object_of_unknown_origin_is_placed_at_the_entry(tree: Tree) -> None:
    stranger = Resource(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "nobody-wrote-this"}, "data": {}}
    )
    place = positions.place(tree, "components/metrics", stranger, ("data", "x"))
    assert (place.location.path, place.location.line, place.exact) == (
        "components/metrics/kustomization.yaml",
        1,
        False,
    )


@pytest.mark.slow
def test_every_scalar_of_the_fixture_by_cause(tmp_path: Path, renderer: builder.Renderer, proof: ModuleType) -> None:
    root = tmp_path / "repository"
    shutil.copytree(FIXTURE, root)
    copy = open_tree(root)
    repository = proof.Repository("fixture", copy, renderer)
    built = repository.render(PRODUCTION)
    points = [
        proof.Point(PRODUCTION, index, resource, route, value, positions.place(copy, PRODUCTION, resource, route))
        for index, resource in enumerate(built)
        for route, value in scalars(resource.body)
    ]
    tally = proof.Tally()
    proof.prove(repository, PRODUCTION, built, points, tally)
    assert tally.misses == []
    assert sum(counts["hit"] for counts in tally.counts.values()) >= 90


@pytest.mark.slow
@pytest.mark.parametrize("entry", sorted(path.name for path in WRITERS.iterdir()))
def test_every_kind_of_writer_by_cause(
    entry: str, tmp_path: Path, renderer: builder.Renderer, proof: ModuleType
) -> None:
    root = tmp_path / "repository"
    shutil.copytree(WRITERS, root)
    copy = open_tree(root)
    repository = proof.Repository("writers", copy, renderer, library.find(builder.TIMEOUT))
    built = repository.render(entry)
    points = [
        proof.Point(entry, index, resource, route, value, positions.place(copy, entry, resource, route))
        for index, resource in enumerate(built)
        for route, value in scalars(resource.body)
    ]
    plain = [point for point in points if point.place.writer == "resource"]
    tally = proof.Tally()
    chosen = [point for point in points if point not in plain] + random.Random(5).sample(plain, min(20, len(plain)))
    proof.prove(repository, entry, built, chosen, tally)
    missed = [line for line in tally.misses if " immutable = " not in line]  # kustomize leaves out what is not true
    assert missed == []
    assert sum(counts["hit"] for counts in tally.counts.values()) >= 15


UNTOLD = ("data.upper", "data.extra-", "metadata.name", "metadata.labels.app")
"""What a template computes: no single text holds it."""


@pytest.mark.slow
@pytest.mark.usefixtures("helm")
@pytest.mark.parametrize("entry", ["files", "object", "parameters", "text"])
def test_fields_of_charts_by_cause(entry: str, tmp_path: Path, proof: ModuleType) -> None:
    repository = charted.copy(CHARTED, tmp_path / "charted")
    built = repository.render(entry)
    assert built is not None
    points = [
        proof.Point(entry, index, resource, route, value, positions.place(repository.tree, entry, resource, route))
        for index, resource in enumerate(built)
        for route, value in scalars(resource.body)
    ]
    tally = proof.Tally()
    proof.prove(repository, entry, built, points, tally)
    assert [line for line in tally.misses if not any(f" {field}" in line for field in UNTOLD)] == []
    assert tally.counts["values"]["hit"] >= 13
    assert tally.counts["template"]["hit"] >= 16


@pytest.mark.slow
def test_scalars_of_real_repositories_by_cause(
    corpora: Path, tmp_path: Path, renderer: builder.Renderer, proof: ModuleType
) -> None:
    repository = proof.copy("dreamkast-infra", tmp_path, renderer)
    chance = random.Random(3)
    entry = "manifests/app/dreamkast/overlays/staging/main"
    built = repository.render(entry)
    tally = proof.Tally()
    proof.prove(repository, entry, built, list(proof.points(repository, entry, built, 200, chance)), tally)
    assert tally.misses == []
    assert sum(counts["hit"] for counts in tally.counts.values()) >= 150


APP = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app
  labels: {tier: web}
spec:
  replicas: 1
  template:
    spec:
      containers:
        - {name: one, image: "one:1", args: [a, b], env: [{name: A, value: base}]}
        - {name: two, image: "two:1"}
"""
FIRST = "spec.template.spec.containers[name=one]"


def kustomization(*lines: str, **files: str) -> dict[str, str]:
    return {"app.yaml": APP, "kustomization.yaml": "\n".join(("resources: [app.yaml]", *lines)) + "\n", **files}


def below(directory: str, files: dict[str, str]) -> dict[str, str]:
    return {f"{directory}/{path}": text for path, text in files.items()}


PATCH = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: app}\nspec:\n  template:\n    spec:\n"


def replicas(count: object) -> str:
    return PATCH.replace("  template:\n    spec:\n", f"  replicas: {count}\n")


EDGES: dict[str, tuple[dict[str, str], str, str, str, str]] = {
    # name: (files, entry, field, file and line, what the span covers)
    "block with an indentation indicator": (
        kustomization("patches:", "- target: {kind: Deployment}", "  patch: |2-", "    - op: replace",
                      "      path: /spec/replicas", "      value: 3"),
        "", "spec.replicas", "kustomization.yaml:7", "3",
    ),
    "block after blank lines, windows line ends": (
        {name: text.replace("\n", "\r\n") for name, text in kustomization(
            "patches:", "- target: {kind: Deployment}", "  patch: |", "", "    - op: replace",
            "      path: /spec/replicas", "      value: 3").items()},
        "", "spec.replicas", "kustomization.yaml:8", "3",
    ),
    "folded block is named as a whole": (
        kustomization("patches:", "- target: {kind: Deployment}", "  patch: >-",
                      '    [{"op": "replace", "path": "/spec/replicas", "value": 3}]'),
        "", "spec.replicas", "kustomization.yaml:4", "",
    ),
    "operation below a value that another one adds": (
        kustomization("patches:", "- target: {kind: Deployment}", "  patch: |-",
                      "    - {op: add, path: /spec/template/metadata, value: {annotations: {x: first}}}",
                      "    - {op: replace, path: /spec/template/metadata/annotations/x, value: second}"),
        "", "spec.template.metadata.annotations.x", "kustomization.yaml:6", "second",
    ),
    "copy keeps the place of what is copied": (
        kustomization("patches:", "- target: {kind: Deployment}", "  patch: |-",
                      "    - {op: copy, from: /spec/template/spec/containers/1/image,"
                      " path: /spec/template/spec/containers/0/image}"),
        "", f"{FIRST}.image", "app.yaml:12", '"two:1"',
    ),
    "item that an insertion moves": (
        kustomization("patches:", "- target: {kind: Deployment}", "  patch: |-",
                      "    - {op: add, path: /spec/template/spec/containers/0/args/0, value: z}"),
        "", f"{FIRST}.args[2]", "app.yaml:11", "b",
    ),
    "item at the end": (
        kustomization("patches:", "- target: {kind: Deployment}", "  patch: |-",
                      "    - {op: add, path: /spec/template/spec/containers/0/args/-, value: z}"),
        "", f"{FIRST}.args[2]", "kustomization.yaml:5", "z",
    ),
    "list without a key is replaced as a whole": (
        kustomization("patches:", "- path: patch.yaml",
                      **{"patch.yaml": PATCH + "      containers:\n      - name: one\n        args: [b, a]\n"}),
        "", f"{FIRST}.args[1]", "patch.yaml:9", "a",
    ),
    "list that a patch replaces on purpose": (
        kustomization("patches:", "- path: patch.yaml",
                      **{"patch.yaml": PATCH + "      containers:\n      - $patch: replace\n"
                         "      - name: one\n        image: new:1\n"}),
        "", f"{FIRST}.image", "patch.yaml:10", "new:1",
    ),
    "field that a patch takes away and a later one sets": (
        kustomization("patches:", "- path: gone.yaml", "- path: back.yaml",
                      **{"gone.yaml": replicas("null"),
                         "back.yaml": replicas(4)}),
        "", "spec.replicas", "back.yaml:5", "4",
    ),
    "last patch wins, target by annotation and regular expression": (
        kustomization("commonAnnotations: {team: a}", "patches:", "- path: one.yaml",
                      "- path: two.yaml",
                      "  target: {kind: Deploy.*, name: a.p, labelSelector: 'tier in (web, api),!x'}",
                      "- path: three.yaml", "  target: {kind: Deployment, labelSelector: tier!=web}",
                      **{f"{name}.yaml": replicas(count)
                         for count, name in ((2, "one"), (3, "two"), (4, "three"))}),
        "", "spec.replicas", "two.yaml:5", "3",
    ),
    "patch by the name before a prefix": (
        {**below("base", kustomization("namePrefix: p-")),
         "top/kustomization.yaml": "resources: [../base]\nnamePrefix: q-\npatches:\n- path: patch.yaml\n",
         "top/patch.yaml": replicas(6)},
        "top", "spec.replicas", "top/patch.yaml:5", "6",
    ),
    "patch by the name that a prefix made": (
        {**below("base", kustomization("namePrefix: p-")),
         "top/kustomization.yaml": "resources: [../base]\npatches:\n- path: patch.yaml\n",
         "top/patch.yaml": replicas(6).replace("name: app", "name: p-app")},
        "top", "spec.replicas", "top/patch.yaml:5", "6",
    ),
    "base that is built twice": (
        {**below("base", kustomization()),
         "a/kustomization.yaml": "resources: [../base]\nnameSuffix: -a\nreplicas: [{name: app, count: 2}]\n",
         "b/kustomization.yaml": "resources: [../base]\nnameSuffix: -b\nreplicas: [{name: app, count: 3}]\n",
         "top/kustomization.yaml": "resources: [../b, ../a]\n"},
        "top", "spec.replicas", "b/kustomization.yaml:3", "3",
    ),
    "base that is built twice and renamed by patches": (
        {**below("base", kustomization()),
         **{f"{name}/kustomization.yaml": "resources: [../base]\npatches:\n- target: {kind: Deployment}\n  patch: |\n"
            f"    - {{op: replace, path: /metadata/name, value: {name}}}\n"
            f"replicas: [{{name: {name}, count: {count}}}]\n"
            for name, count in (("bbb", 2), ("ccc", 3))},
         "top/kustomization.yaml": "resources: [../bbb, ../ccc]\n"},
        "top", "spec.replicas", "ccc/kustomization.yaml:6", "3",
    ),
    "component in two namespaces": (
        {"part/kustomization.yaml":
         "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [app.yaml]\n",
         "part/app.yaml": APP,
         **{f"{name}/kustomization.yaml": f"components: [../part]\nnamespace: {name}\n" for name in ("one", "two")},
         "top/kustomization.yaml": "resources: [../two, ../one]\n"},
        "top", "metadata.namespace", "two/kustomization.yaml:2", "two",
    ),
    "custom kind with a schema of its own": (
        {"kustomization.yaml": "resources: [app.yaml]\nopenapi: {path: schema.json}\npatches: [{path: patch.yaml}]\n",
         "app.yaml": APP.replace("apps/v1", "argoproj.io/v1alpha1").replace("Deployment", "Rollout"),
         "patch.yaml": PATCH.replace("apps/v1", "argoproj.io/v1alpha1").replace("Deployment", "Rollout")
         + "      containers:\n      - name: two\n        image: new:1\n",
         "schema.json": """{"definitions": {"v1alpha1.Rollout": {"type": "object",
           "x-kubernetes-group-version-kind": [{"group": "argoproj.io", "kind": "Rollout", "version": "v1alpha1"}],
           "properties": {"spec": {"type": "object", "properties": {"template": {"type": "object", "properties": {
             "spec": {"type": "object", "properties": {"containers": {"type": "array",
               "x-kubernetes-patch-merge-key": "name", "x-kubernetes-patch-strategy": "merge",
               "items": {"type": "object"}}}}}}}}}}}}"""},
        "", f"{FIRST}.image", "app.yaml:11", '"one:1"',
    ),
    "custom kind without a schema": (
        {"kustomization.yaml": "resources: [app.yaml]\npatches: [{path: patch.yaml}]\n",
         "app.yaml": APP.replace("apps/v1", "argoproj.io/v1alpha1").replace("Deployment", "Rollout"),
         "patch.yaml": PATCH.replace("apps/v1", "argoproj.io/v1alpha1").replace("Deployment", "Rollout")
         + "      containers:\n      - name: one\n        image: new:1\n"},
        "", f"{FIRST}.image", "patch.yaml:9", "new:1",
    ),
    "generator that replaces another one": (
        {"base/kustomization.yaml": "configMapGenerator:\n- name: c\n  literals: [K=old, L=old]\n",
         "top/kustomization.yaml": "resources: [../base]\nconfigMapGenerator:\n- name: c\n  behavior: replace\n"
         "  literals:\n  - K=new\n"},
        "top", "data.K", "top/kustomization.yaml:6", "new",
    ),
    "label of what a generator replaces": (
        {"base/kustomization.yaml": "configMapGenerator:\n- name: c\n  literals: [K=old]\n"
         "  options: {labels: {tier: kept}}\n",
         "top/kustomization.yaml": "resources: [../base]\nconfigMapGenerator:\n- name: c\n  behavior: replace\n"
         "  literals: [K=new]\n"},
        "top", "metadata.labels.tier", "base/kustomization.yaml:4", "kept",
    ),
    "generator in a file of its own": (
        {"kustomization.yaml": "generators: [made.yaml]\n",
         "made.yaml": "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: c}\nliterals:\n- K=new\n"},
        "", "data.K", "made.yaml:5", "new",
    ),
    "options for all generators": (
        {"kustomization.yaml": "configMapGenerator: [{name: c, literals: [K=v]}]\ngeneratorOptions:\n"
         "  annotations: {a: b-is-it}\n"},
        "", "metadata.annotations.a", "kustomization.yaml:3", "b-is-it",
    ),
    "moved, and what it leaves": (
        kustomization("patches:", "- target: {kind: Deployment}", "  patch: |-",
                      "    - {op: remove, path: /spec/template/spec/containers/0/args/0}",
                      "    - {op: remove, path: /metadata/labels}",
                      "    - {op: move, from: /spec/template/spec/containers/0/args/0,"
                      " path: /spec/template/spec/containers/1/args}",
                      "    - {op: test, path: /spec/replicas, value: 1}"),
        "", "spec.template.spec.containers[name=two].args", "app.yaml:11", "b",
    ),
    "annotation of an object that has none": (
        kustomization("patches:", "- target: {kind: Deployment}", "  patch: |-",
                      "    - {op: add, path: /metadata/annotations/note, value: here}"),
        "", "metadata.annotations.note", "kustomization.yaml:5", "here",
    ),
    "replacement of a namespace that another layer sets again": (
        {**below("base", kustomization("namespace: same", "replacements:",
                                       "- source: {kind: Deployment, fieldPath: metadata.namespace}", "  targets:",
                                       "  - select: {kind: Deployment}", "    fieldPaths: [metadata.labels.tier]")),
         "top/kustomization.yaml": "resources: [../base]\nnamespace: same\n"},
        "top", "metadata.labels.tier", "base/kustomization.yaml:2", "same",
    ),
    "replacement from local configuration": (
        {**kustomization("configMapGenerator:", "- name: facts", "  literals: [TIER=gold]",
                         "  options: {annotations: {config.kubernetes.io/local-config: 'true'}}", "replacements:",
                         "- source: {kind: ConfigMap, name: facts, fieldPath: data.TIER}", "  targets:",
                         "  - select: {kind: Deployment}", "    fieldPaths: [metadata.labels.tier]")},
        "", "metadata.labels.tier", "kustomization.yaml:4", "gold",
    ),
    "word that only old YAML takes for a truth value": (
        kustomization(**{"app.yaml": APP.replace("value: base", "value: on")}),
        "", f"{FIRST}.env[name=A].value", "app.yaml:11", "on",
    ),
    "replacement in a file": (
        kustomization("replacements: [{path: copy.yaml}]",
                      **{"copy.yaml": "- source: {kind: Deployment, fieldPath: metadata.labels.tier}\n  targets:\n"
                         "  - select: {kind: Deployment, name: app}\n    reject: [{name: other}]\n"
                         "    fieldPaths: [metadata.labels.copy]\n    options: {create: true}\n"}),
        "", "metadata.labels.copy", "app.yaml:5", "web",
    ),
    "part of a source that a replacement puts before a value": (
        kustomization("replacements:",
                      "- source: {kind: Deployment, fieldPath: 'spec.template.spec.containers.[name=two].image',"
                      " options: {delimiter: ':', index: 0}}", "  targets:",
                      "  - select: {kind: Deployment}", "    options: {delimiter: '-', index: -1}",
                      "    fieldPaths: [spec.template.spec.containers.0.args.1]"),
        "", f"{FIRST}.args[1]", "app.yaml:12", '"two:1"',
    ),
    "part of a value that a replacement appends": (
        kustomization("replacements:", "- sourceValue: tail", "  targets:", "  - select: {kind: Deployment}",
                      "    options: {delimiter: '/', index: 9}",
                      "    fieldPaths: ['metadata.labels.tier']"),
        "", "metadata.labels.tier", "kustomization.yaml:3", "tail",
    ),
    "label with includeTemplates, in fields of one's own": (
        kustomization("labels:", "- includeTemplates: true", "  fields: [{path: spec/extra/labels, create: true}]",
                      "  pairs: {team: web-team}"),
        "", "spec.extra.labels.team", "kustomization.yaml:5", "web-team",
    ),
    "label in a field that a configuration adds": (
        kustomization("commonLabels: {team: web-team}", "configurations: [more.yaml]",
                      **{"more.yaml": "commonLabels:\n- {path: spec/more, create: true, kind: Deployment}\n"}),
        "", "spec.more.team", "kustomization.yaml:2", "web-team",
    ),
    "name of a Namespace": (
        {"kustomization.yaml": "resources: [n.yaml]\nnamespace: set-here\nnamePrefix: not-\n",
         "n.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: n}\n"},
        "", "metadata.name", "kustomization.yaml:2", "set-here",
    ),
    "variable": (
        kustomization("vars:", "- {name: T, objref: {apiVersion: apps/v1, kind: Deployment, name: app}}",
                      **{"app.yaml": APP.replace("args: [a, b]", "args: [a, x-$(T)-y]")}),
        "", f"{FIRST}.args[1]", "app.yaml:11", "x-$(T)-y",
    ),
    "file of a Secret that fills more than a line of base64": (
        {"kustomization.yaml": "secretGenerator:\n- name: s\n  files: [long.txt]\n", "long.txt": "long " * 40},
        "", "data['long.txt']", "long.txt:1", "long " * 40,
    ),
    "literal of a Secret that fills just a line of base64": (
        {"kustomization.yaml": f"secretGenerator:\n- name: s\n  literals: [K={'x' * 53}]\n"},
        "", "data.K", "kustomization.yaml:3", "x" * 53,
    ),
    "literal in quotes that are escaped": (
        {"kustomization.yaml": "configMapGenerator:\n- name: c\n  literals:\n  - 'K=it''s here'\n"},
        "", "data.K", "kustomization.yaml:4", "it''s here",
    ),
    "port that a patch finds by its protocol": (
        {"kustomization.yaml": "resources: [s.yaml]\npatches: [{path: patch.yaml}]\n",
         "s.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec:\n  ports:\n"
         "  - {name: tcp, port: 53, targetPort: one}\n  - {name: udp, port: 53, protocol: UDP, targetPort: two}\n",
         "patch.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec:\n  ports:\n"
         "  - {port: 53, protocol: UDP, targetPort: three}\n"},
        "", "spec.ports[name=udp].targetPort", "patch.yaml:6", "three",
    ),
    "port that kustomize leaves as it is, since only the patch names a protocol": (
        {"kustomization.yaml": "resources: [s.yaml]\npatches: [{path: patch.yaml}]\n",
         "s.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec:\n  ports:\n"
         "  - {name: tcp, port: 53, targetPort: one}\n",
         "patch.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec:\n  ports:\n"
         "  - {port: 53, protocol: TCP, targetPort: three}\n"},
        "", "spec.ports[name=tcp].targetPort", "s.yaml:6", "one",
    ),
    "kind that a patch changes": (
        kustomization("patches:", "- target: {kind: Deployment}", "  options: {allowKindChange: true}", "  patch: |-",
                      *(f"    {line}" for line in replicas(9).replace("Deployment", "StatefulSet").splitlines())),
        "", f"{FIRST}.image", "app.yaml:11", '"one:1"',
    ),
    "annotations that a component's patch writes, with what kustomize keeps there": (
        {**below("base", kustomization()), "top/kustomization.yaml": "resources: [../base]\ncomponents: [../part]\n",
         "part/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
         "configMapGenerator: [{name: a, literals: [K=v]}]\npatches:\n- target: {kind: Deployment}\n  patch: |-\n"
         "    - {op: add, path: /metadata/annotations, value: {note: here}}\n"},
        "top", "spec.replicas", "base/app.yaml:7", "1",
    ),
    "field that gets a prefix by a configuration": (
        kustomization("namePrefix: eu-", "configurations: [more.yaml]",
                      **{"more.yaml": "namePrefix:\n- {path: spec/template/spec/nodeName, kind: Deployment}\n",
                         "app.yaml": APP.replace("containers:", "nodeName: node\n      containers:")}),
        "", "spec.template.spec.nodeName", "app.yaml:10", "node",
    ),
    "transformer in the kustomization itself": (
        kustomization("transformers:", "- |-", "  apiVersion: builtin", "  kind: ReplicaCountTransformer",
                      "  metadata: {name: r}", "  replica:", "    name: app", "    count: 8",
                      "  fieldSpecs: [{path: spec/replicas, create: true}]"),
        "", "spec.replicas", "kustomization.yaml:9", "8",
    ),
    "patch of a transformer in a directory": (
        kustomization("transformers: [more]", **{
            "more/kustomization.yaml": "resources: [t.yaml]\n",
            "more/t.yaml": "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: p}\n"
            "target: {kind: Deployment}\npatch: |-\n  - op: replace\n    path: /spec/replicas\n    value: 7\n"}),
        "", "spec.replicas", "more/t.yaml:8", "7",
    ),
    "map that a replacement copies into a new field": (
        kustomization("replacements:", "- source: {kind: Deployment, fieldPath: metadata.labels}", "  targets:",
                      "  - select: {kind: Deployment}", "    options: {create: true}",
                      "    fieldPaths: ['spec.template.metadata.labels']"),
        "", "spec.template.metadata.labels.tier", "app.yaml:5", "web",
    ),
    "file that is no text": (
        {"kustomization.yaml":
         "generatorOptions: {immutable: true}\nconfigMapGenerator:\n- name: c\n  files: [x.bin]\n",
         "x.bin": "\udcff\udcfe"},
        "", "binaryData['x.bin']", "x.bin:1", "",
    ),
    "annotation by a transformer in a file": (
        kustomization("transformers: [t.yaml]", **{"t.yaml":
                      "apiVersion: builtin\nkind: AnnotationsTransformer\nmetadata: {name: l}\n"
                      "annotations:\n  a: b-is-it\n"
                      "fieldSpecs:\n- {path: metadata/annotations, create: true}\n"}),
        "", "metadata.annotations.a", "t.yaml:5", "b-is-it",
    ),
    "namespace by a transformer in a file": (
        kustomization("transformers: [t.yaml]", **{"t.yaml":
                      "apiVersion: builtin\nkind: NamespaceTransformer\nmetadata:\n  name: l\n  namespace: from-file\n"
                      "fieldSpecs:\n- {path: metadata/namespace, create: true}\n"}),
        "", "metadata.namespace", "t.yaml:5", "from-file",
    ),
    "image by a transformer in a file": (
        kustomization("transformers: [t.yaml]", **{"t.yaml":
                      "apiVersion: builtin\nkind: ImageTagTransformer\nmetadata: {name: l}\nimageTag:\n  name: one\n"
                      "  newTag: v9\n"}),
        "", f"{FIRST}.image", "t.yaml:6", "v9",
    ),
    "image in a mounted volume, image without a tag": (
        kustomization("images:", "- name: one", "  newName: registry.example.com/one",
                      **{"app.yaml": APP.replace('"one:1"', "one")}),
        "", f"{FIRST}.image", "kustomization.yaml:4", "registry.example.com/one",
    ),
    "transformer in a file of its own": (
        kustomization("transformers: [labels.yaml]", **{"labels.yaml":
                      "apiVersion: builtin\nkind: LabelTransformer\nmetadata: {name: l}\nlabels:\n  extra: yes-it-is\n"
                      "fieldSpecs:\n- {path: metadata/labels, create: true}\n"}),
        "", "metadata.labels.extra", "labels.yaml:5", "yes-it-is",
    ),
    "image with a new tag suffix": (
        kustomization("images:", "- name: one", "  tagSuffix: -slim"),
        "", f"{FIRST}.image", "kustomization.yaml:4", "-slim",
    ),
    "json patch in the old field": (
        kustomization("patchesJson6902:", "- path: ops.yaml",
                      "  target: {group: apps, version: v1, kind: Deployment, name: app}",
                      **{"ops.yaml": "- op: replace\n  path: /spec/replicas\n  value: 8\n"}),
        "", "spec.replicas", "ops.yaml:3", "8",
    ),
    "merge patch in the old field, inline": (
        kustomization("patchesStrategicMerge:", "- |-",
                      *(f"  {line}" for line in replicas(9).splitlines())),
        "", "spec.replicas", "kustomization.yaml:8", "9",
    ),
    "anchor": (
        {"kustomization.yaml": "resources: [app.yaml]\n",
         "app.yaml": APP.replace("replicas: 1", "replicas: 1\n  x: &image three:1").replace('"two:1"', "*image")},
        "", "spec.template.spec.containers[name=two].image", "app.yaml:13", "*image",
    ),
    "value of a replacement": (
        kustomization("replacements:", "- sourceValue: copied", "  targets:", "  - select: {kind: Deployment}",
                      "    fieldPaths: ['spec.template.spec.containers.[name=one].env.[name=A].value']"),
        "", f"{FIRST}.env[name=A].value", "kustomization.yaml:3", "copied",
    ),
    "part of a value by a replacement": (
        kustomization("replacements:", "- source: {kind: Deployment, fieldPath: metadata.labels.tier}", "  targets:",
                      "  - select: {kind: Deployment}", "    options: {delimiter: ':', index: 1}",
                      "    fieldPaths: ['spec.template.spec.containers.*.image']"),
        "", f"{FIRST}.image", "app.yaml:5", "web",
    ),
    "json base": (
        {"kustomization.yaml": "resources: [app.json]\n",
         "app.json": '{"apiVersion": "v1", "kind": "ConfigMap",\n'
                     ' "metadata": {"name": "app-a"},\n "data": {"k": "v"}}\n'},
        "", "data.k", "app.json:3", '"v"',
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", EDGES)
def test_edge(case: str, tmp_path: Path, renderer: builder.Renderer, proof: ModuleType) -> None:
    files, entry, field, line, text = EDGES[case]
    for path, content in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content.encode("utf-8", "surrogateescape"))
    repository = proof.Repository("edge", open_tree(tmp_path), renderer)
    built = repository.render(entry)
    index, resource = len(built) - 1, built[-1]  # kustomize sorts by namespace and name
    route = route_of(resource.body, field)
    place = positions.place(repository.tree, entry, resource, route)
    assert f"{place.location.path}:{place.location.line}" == line
    if text:
        assert spelled(repository.tree, place) == text
        tally = proof.Tally()
        value = next(value for found, value in scalars(resource.body) if found == route)
        proof.prove(repository, entry, built, [proof.Point(entry, index, resource, route, value, place)], tally)
        assert tally.misses == []
        assert sum(counts["hit"] for counts in tally.counts.values()) == 1


def test_kustomizations_that_include_each_other(tmp_path: Path) -> None:
    for directory, other in (("a", "b"), ("b", "a")):
        (tmp_path / directory).mkdir()
        (tmp_path / directory / "kustomization.yaml").write_text(f"resources: [app.yaml, ../{other}]\n")
        (tmp_path / directory / "app.yaml").write_text(APP)
    tree = open_tree(tmp_path)
    resource = Resource(tree.documents("b/app.yaml").documents[0].body, Origin("b/app.yaml"))
    place = positions.place(tree, "a", resource, ("spec", "replicas"))
    assert (place.location.path, place.location.line, place.exact) == ("b/app.yaml", 7, True)


def test_second_object_of_the_same_name_in_a_directory(tmp_path: Path) -> None:
    from gitopsmith.render import directory

    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: same}\ndata: {key: value}\n"
    (tmp_path / "all.yaml").write_text(f"{text}---\n{text}")
    tree = open_tree(tmp_path)
    found = directory.read(tree, ("all.yaml",))
    assert [positions.place(tree, "", item, ("data", "key")).location.line for item in found] == [4, 9]


@pytest.mark.parametrize("seed", range(20))
def test_broken_sources_never_stop_the_search(seed: int, tmp_path: Path, production: list[Resource]) -> None:
    chance = random.Random(seed)
    root = tmp_path / "repository"
    shutil.copytree(FIXTURE, root)
    for path in sorted(root.rglob("*")):
        if path.is_file() and chance.random() < 0.5:
            lines = path.read_text().splitlines(keepends=True)
            for _ in range(3):
                at = chance.randrange(len(lines))
                lines[at] = chance.choice(
                    ("", lines[chance.randrange(len(lines))], "- 1\n", "x: [1, {y: 2}]\n", "  - \n")
                )
            path.write_text("".join(lines))
    broken = open_tree(root)
    for resource in production:
        for route, _ in scalars(resource.body):
            place = positions.place(broken, PRODUCTION, resource, route)
            assert place.location.line >= 1
            assert (root / place.location.path).exists()


def test_object_of_a_remote_base_is_placed_at_the_entry_that_fetches_it(tmp_path: Path) -> None:
    (tmp_path / "kustomization.yaml").write_text(
        "resources:\n  - app.yaml\n  - https://github.com/example/base?ref=v1\n"
    )
    (tmp_path / "app.yaml").write_text(APP)
    tree = open_tree(tmp_path)
    stranger = Resource(
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "far"}}, Origin("x.yaml", remote=True)
    )
    place = positions.place(tree, "", stranger, ("spec", "type"))
    assert (place.location.path, place.location.line, place.exact) == ("kustomization.yaml", 3, False)


@pytest.mark.parametrize(
    ("selector", "matches"),
    [
        ("", True),
        ("a=1", True),
        ("a==1,b in (x, y)", True),
        ("a!=1", False),
        ("missing!=1", True),
        ("b notin (x)", False),
        ("!b", False),
        ("b, !missing", True),
        ("a=2", False),
    ],
)
def test_label_selectors_are_kubernetes_own(selector: str, matches: bool) -> None:
    from gitopsmith.positions.selectors import labels_match

    assert labels_match(selector, {"a": "1", "b": "x"}) is matches


def test_proof_refutes_a_wrong_place(tmp_path: Path, renderer: builder.Renderer, proof: ModuleType) -> None:
    for path, content in kustomization("replicas: [{name: app, count: 3}]").items():
        (tmp_path / path).write_text(content)
    repository = proof.Repository("edge", open_tree(tmp_path), renderer)
    (resource,) = repository.render("")
    elsewhere = Location("app.yaml", 7, 13, 7, 14)  # the base's own count, which the overlay overrides
    place = positions.Place(elsewhere, "resource", None, (), exact=True)
    tally = proof.Tally()
    proof.prove(repository, "", [resource], [proof.Point("", 0, resource, ("spec", "replicas"), 3, place)], tally)
    assert [miss.split()[0] for miss in tally.misses] == ["miss"]


def test_span_of_a_literal_in_a_block_begins_after_the_equals_sign(tmp_path: Path) -> None:
    (tmp_path / "kustomization.yaml").write_text(
        "configMapGenerator:\n- name: c\n  literals:\n  - |\n    K=first\n    second\n  - L=x\n"
    )
    made = Resource(
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}, "data": {"K": "first\nsecond\n"}}
    )
    place = positions.place(open_tree(tmp_path), "", made, ("data", "K"))
    assert place.location == Location("kustomization.yaml", 5, 7, 6, 11)
