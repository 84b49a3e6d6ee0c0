"""What a kustomization refers to and touches, beside what kustomize's own code says and does."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from conftest import program
from gitopsmith.documents import Document
from gitopsmith.kustomization import Kustomization, State, closure, find, is_remote, reachable, read, remote_reference
from gitopsmith.tree import Tree, open_tree


class Link(NamedTuple):
    """A symbolic link in a tree."""

    target: str


Files = dict[str, str | Link]
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      containers: [{name: web, image: web}]
"""
PATCH = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 2}\n"
JSON_PATCH = "- {op: add, path: /spec/replicas, value: 2}\n"
BASE: Files = {"base/kustomization.yaml": "resources: [web.yaml]", "base/web.yaml": DEPLOYMENT}
PART = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: [{path: p.yaml}]\n"
COMPONENT: Files = {
    "part/kustomization.yaml": PART,
    "part/p.yaml": PATCH,
}
PATCH_TRANSFORMER = """\
apiVersion: builtin
kind: PatchTransformer
metadata: {name: patch}
path: p.yaml
target: {kind: Deployment}
"""
MAP_GENERATOR = """\
apiVersion: builtin
kind: ConfigMapGenerator
metadata: {name: made}
files: [a.txt, key=b.txt]
envs: [c.env]
"""
HTTPS = "https://example.invalid"
# Nothing may reach the network: git is not on PATH, and the proxy refuses.
OFFLINE = {"PATH": "", "HOME": "/nonexistent", "HTTP_PROXY": "http://127.0.0.1:1", "HTTPS_PROXY": "http://127.0.0.1:1"}


TREES: dict[str, Files] = {
    "a file": {"app/kustomization.yaml": "resources: [web.yaml]", "app/web.yaml": DEPLOYMENT},
    "a file in a folder below": {"app/kustomization.yaml": "resources: [x/web.yaml]", "app/x/web.yaml": DEPLOYMENT},
    "a missing file": {"app/kustomization.yaml": "resources: [web.yaml]"},
    "a missing file in a missing folder": {"app/kustomization.yaml": "resources: [x/y/web.yaml]"},
    "a file beside": {"app/kustomization.yaml": "resources: [../web.yaml]", "web.yaml": DEPLOYMENT},
    "a file below a file": {"app/kustomization.yaml": "resources: [web.yaml/x]", "app/web.yaml": DEPLOYMENT},
    "a base": {"app/kustomization.yaml": "resources: [../base]", **BASE},
    "a base, as it was written once": {"app/kustomization.yaml": "bases: [../base]", **BASE},
    "a base with a slash at its end": {"app/kustomization.yaml": "resources: [../base/]", **BASE},
    "a base by a detour": {"app/kustomization.yaml": "resources: [./x/../../base]", **BASE},
    "a base over two levels": {
        "app/kustomization.yaml": "resources: [../mid]",
        "mid/kustomization.yml": "resources: [../base]",
        **BASE,
    },
    "a base without a kustomization": {"app/kustomization.yaml": "resources: [../base]", "base/web.yaml": DEPLOYMENT},
    "a base that is broken": {"app/kustomization.yaml": "resources: [../base]", "base/kustomization.yaml": "a: [\n"},
    "a base that is empty": {"app/kustomization.yaml": "resources: [../base]", "base/kustomization.yaml": ""},
    "a base with two kustomizations": {
        "app/kustomization.yaml": "resources: [../base]",
        "base/Kustomization": "resources: [web.yaml]",
        **BASE,
    },
    "a component": {"app/kustomization.yaml": "resources: [../base]\ncomponents: [../part]", **BASE, **COMPONENT},
    "a component as a base": {"app/kustomization.yaml": "resources: [../base, ../part]", **BASE, **COMPONENT},
    "a base as a component": {"app/kustomization.yaml": "components: [../base]", **BASE},
    "a component that is a file": {"app/kustomization.yaml": "components: [web.yaml]", "app/web.yaml": DEPLOYMENT},
    "a component of the older version": {
        "app/kustomization.yaml": "resources: [../base]\ncomponents: [../part]",
        **BASE,
        **COMPONENT,
        "part/kustomization.yaml": "kind: Component\npatches: [{path: p.yaml}]",
    },
    "patches in files": {
        "app/kustomization.yaml": "resources: [../base]\n"
        "patches: [{path: a.yaml}, {path: b.yaml, target: {kind: Deployment}}]",
        "app/a.yaml": PATCH,
        "app/b.yaml": JSON_PATCH,
        **BASE,
    },
    "a patch that is missing": {
        "app/kustomization.yaml": "resources: [../base]\npatches: [{path: a.yaml}]",
        **BASE,
    },
    "a patch in place": {
        "app/kustomization.yaml": f"resources: [../base]\npatches: [{{patch: {json.dumps(PATCH)}}}]",
        **BASE,
    },
    "patches as they were written once": {
        "app/kustomization.yaml": "resources: [../base]\n"
        f"patchesStrategicMerge: [a.yaml, {json.dumps(PATCH)}]\n"
        "patchesJson6902:\n- path: b.yaml\n  target: {group: apps, version: v1, kind: Deployment, name: web}\n",
        "app/a.yaml": PATCH,
        "app/b.yaml": JSON_PATCH,
        **BASE,
    },
    "generators of maps": {
        "app/kustomization.yaml": "configMapGenerator:\n- name: a\n  files: [a.txt, key=b.txt]\n  envs: [c.env]\n"
        "- name: b\n  env: d.env\nsecretGenerator:\n- name: c\n  files: [x/a.txt]\n",
        "app/a.txt": "a",
        "app/b.txt": "b",
        "app/c.env": "c=1",
        "app/d.env": "d=1",
        "app/x/a.txt": "a",
    },
    "generators of maps that lack their files": {
        "app/kustomization.yaml": "configMapGenerator:\n- name: a\n  files: [key=b.txt]\n",
    },
    "field names in other letters": {
        "app/kustomization.yaml": "Resources: [../base]\nPATCHES: [{Path: a.yaml}]\n"
        "configmapgenerator: [{Name: a, Files: [a.txt], ENVS: [c.env]}]\nopenAPI: {path: o.json}\n",
        "app/a.yaml": PATCH,
        "app/a.txt": "a",
        "app/c.env": "c=1",
        "app/o.json": '{"definitions": {}}',
        **BASE,
    },
    "replacements in a file": {
        "app/kustomization.yaml": "resources: [../base]\nreplacements: [{path: r.yaml}]",
        "app/r.yaml": "source: {kind: Deployment, fieldPath: metadata.name}\n"
        "targets: [{select: {kind: Deployment}, fieldPaths: [metadata.namespace], options: {create: true}}]\n",
        **BASE,
    },
    "schemas, configurations and definitions": {
        "app/kustomization.yaml": "resources: [../base]\nopenapi: {path: o.json}\n"
        "configurations: [c.yaml]\ncrds: [d.json]",
        "app/o.json": '{"definitions": {}}',
        "app/c.yaml": "namePrefix: [{path: metadata/name}]",
        "app/d.json": "{}",
        **BASE,
    },
    "a transformer in a file": {
        "app/kustomization.yaml": "resources: [../base]\ntransformers: [t.yaml]",
        "app/t.yaml": PATCH_TRANSFORMER,
        "app/p.yaml": JSON_PATCH,
        **BASE,
    },
    "a transformer in a directory": {
        "app/kustomization.yaml": "resources: [../base]\ntransformers: [t]",
        "app/t/kustomization.yaml": "resources: [t.yaml]",
        "app/t/t.yaml": PATCH_TRANSFORMER,
        "app/p.yaml": JSON_PATCH,
        **BASE,
    },
    "a transformer in place": {
        "app/kustomization.yaml": f"resources: [../base]\ntransformers: [{json.dumps(PATCH_TRANSFORMER)}]",
        "app/p.yaml": JSON_PATCH,
        **BASE,
    },
    "a transformer whose patch is missing": {
        "app/kustomization.yaml": "resources: [../base]\ntransformers: [t.yaml]",
        "app/t.yaml": PATCH_TRANSFORMER,
        **BASE,
    },
    "older transformers": {
        "app/kustomization.yaml": "resources: [../base]\ntransformers: [t.yaml]",
        "app/t.yaml": "apiVersion: builtin\nkind: PatchStrategicMergeTransformer\n"
        "metadata: {name: a}\npaths: [p.yaml]\n"
        "---\napiVersion: builtin\nkind: PatchJson6902Transformer\nmetadata: {name: b}\npath: j.yaml\n"
        "target: {group: apps, version: v1, kind: Deployment, name: web}\n"
        "---\napiVersion: builtin\nkind: ReplacementTransformer\nmetadata: {name: c}\nreplacements: [{path: r.yaml}]\n",
        "app/p.yaml": PATCH,
        "app/j.yaml": JSON_PATCH,
        "app/r.yaml": "source: {kind: Deployment, fieldPath: metadata.name}\n"
        "targets: [{select: {kind: Deployment}, fieldPaths: [metadata.namespace], options: {create: true}}]\n",
        **BASE,
    },
    "a generator in a file": {
        "app/kustomization.yaml": "generators: [g.yaml]",
        "app/g.yaml": MAP_GENERATOR,
        "app/a.txt": "a",
        "app/b.txt": "b",
        "app/c.env": "c=1",
    },
    "a generator in place": {
        "app/kustomization.yaml": f"generators: [{json.dumps(MAP_GENERATOR)}]",
        "app/a.txt": "a",
        "app/b.txt": "b",
        "app/c.env": "c=1",
    },
    "a validator": {
        "app/kustomization.yaml": "resources: [../base]\nvalidators: [v.yaml]",
        "app/v.yaml": "apiVersion: builtin\nkind: LabelTransformer\nmetadata: {name: v}\nlabels: {}\n",
        **BASE,
    },
    "a link to a file": {
        "app/kustomization.yaml": "resources: [web.yaml]",
        "app/web.yaml": Link("real.yaml"),
        "app/real.yaml": DEPLOYMENT,
    },
    "a link to a file beside": {
        "app/kustomization.yaml": "resources: [web.yaml]",
        "app/web.yaml": Link("../base/web.yaml"),
        **BASE,
    },
    "a link to a base": {"app/kustomization.yaml": "resources: [base]", "app/base": Link("../base"), **BASE},
    "a link to a base that looks around itself": {
        "app/kustomization.yaml": "resources: [mid]",
        "app/mid": Link("../deep/down/mid"),
        "deep/down/mid/kustomization.yaml": "resources: [../../../base]",
        **BASE,
    },
    "a link that is the directory itself": {
        "real/kustomization.yaml": "resources: [../base]",
        "app": Link("real"),
        **BASE,
    },
    "a link to a kustomization": {
        "app/kustomization.yaml": Link("other.yaml"),
        "app/other.yaml": "resources: [web.yaml]",
        "app/web.yaml": DEPLOYMENT,
    },
    "a link to a kustomization beside": {
        "app/kustomization.yaml": Link("../base/kustomization.yaml"),
        "app/web.yaml": DEPLOYMENT,
        **BASE,
    },
    "a link to itself": {"app/kustomization.yaml": "resources: [web.yaml]", "app/web.yaml": Link("web.yaml")},
    "a link to nothing": {"app/kustomization.yaml": "resources: [web.yaml]", "app/web.yaml": Link("none.yaml")},
    "a link out of the tree": {"app/kustomization.yaml": "resources: [x]", "app/x": Link("/usr")},
    "itself": {"app/kustomization.yaml": "resources: [.]"},
    "itself by name": {"app/kustomization.yaml": "resources: [../app]"},
    "the directory above": {"app/kustomization.yaml": "resources: [..]", "kustomization.yaml": "resources: [app]"},
    "each other": {"app/kustomization.yaml": "resources: [../b]", "b/kustomization.yaml": "resources: [../app]"},
    "no kustomization": {"app/web.yaml": DEPLOYMENT},
    "a directory named like one": {"app/kustomization.yaml/x": "", "app/kustomization.yml": "resources: [web.yaml]"},
    "a directory as a patch": {"app/kustomization.yaml": "patches: [{path: x}]", "app/x/y": ""},
    "a remote base": {"app/kustomization.yaml": f"resources: ['{HTTPS}/org/repo//base?ref=v1']"},
    "a remote file": {"app/kustomization.yaml": f"resources: ['{HTTPS}/web.yaml']"},
    "a remote base by SSH": {"app/kustomization.yaml": "resources: ['git@example.invalid:org/repo//x?ref=v1']"},
    "a remote patch": {
        "app/kustomization.yaml": f"resources: [../base]\npatches: [{{path: '{HTTPS}/p.yaml'}}]",
        **BASE,
    },
    "a second document": {"app/kustomization.yaml": "resources: [../base]\n---\nresources: [none]", **BASE},
    "an anchor": {"app/kustomization.yaml": "namePrefix: &x ../base\nresources: [*x]", **BASE},
}  # fmt: skip
"""Small trees; kustomize is asked at test time what it touches when it builds ``app``."""


class Witnessed(NamedTuple):
    """How kustomize built a directory, and what was where it looked: path to ``file``, ``directory`` or ``missing``."""

    error: str
    touched: dict[str, str]


Witness = Callable[[Path, Iterable[str]], dict[str, Witnessed]]


@pytest.fixture(scope="session")
def witness() -> Witness:
    """Builds directories of a tree with kustomize's library, on a file system that remembers what it is asked."""
    built = program("witness")

    def watch(root: Path, directories: Iterable[str]) -> dict[str, Witnessed]:
        asked = "".join(f"{root / directory}\n" for directory in directories)
        done = subprocess.run([built], input=asked, capture_output=True, text=True, env=OFFLINE, check=True)
        return dict(_witnessed(root, json.loads(line)) for line in done.stdout.split("\n")[:-1])

    return watch


def _witnessed(root: Path, said: dict[str, Any]) -> tuple[str, Witnessed]:
    touched = {
        _relative(Path(path), root): kind for path, kind in said["touched"].items() if Path(path).is_relative_to(root)
    }
    return _relative(Path(said["directory"]), root), Witnessed(said.get("error", ""), touched)


def _relative(path: Path, root: Path) -> str:
    relative = path.relative_to(root).as_posix()
    return "" if relative == "." else relative


def _write(root: Path, files: Files) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, Link):
            path.symlink_to(content.target)
        else:
            path.write_text(content, encoding="utf-8")


def _not_foreseen(tree: Tree, directory: str, touched: dict[str, str]) -> list[str]:
    """Returns what kustomize touched and the closure lacks or takes for something else."""
    foreseen = closure(tree, directory)
    return [
        f"{path!r} is {kind}, foreseen as {foreseen.get(path)}"
        for path, kind in touched.items()
        if foreseen.get(path) not in {kind, "outside"}
    ]


@pytest.fixture(scope="module")
def trees(witness: Witness, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, Witnessed]]:
    root = tmp_path_factory.mktemp("trees").resolve()
    folders = {name: str(index) for index, name in enumerate(TREES)}
    for name, folder in folders.items():
        _write(root / folder, TREES[name])
    seen = witness(root, [f"{folder}/app" for folder in folders.values()])
    return {
        name: (
            root / folder,
            Witnessed(
                seen[f"{folder}/app"].error,
                {
                    path.removeprefix(folder).removeprefix("/"): kind
                    for path, kind in seen[f"{folder}/app"].touched.items()
                    if path == folder or path.startswith(f"{folder}/")
                },
            ),
        )
        for name, folder in folders.items()
    }


@pytest.mark.parametrize("name", TREES)
def test_closure_holds_all_that_kustomize_touches(name: str, trees: dict[str, tuple[Path, Witnessed]]) -> None:
    root, seen = trees[name]
    assert seen.touched
    assert _not_foreseen(open_tree(root), "app", seen.touched) == []


@pytest.mark.parametrize("name", TREES)
def test_closure_holds_nothing_that_a_whole_build_leaves_alone(
    name: str, trees: dict[str, tuple[Path, Witnessed]]
) -> None:
    root, seen = trees[name]
    if not seen.error:
        assert closure(open_tree(root), "app").keys() - seen.touched.keys() == set()


@pytest.mark.slow
def test_closure_holds_all_that_kustomize_touches_in_the_corpora(
    corpora: Path, witness: Witness, capsys: pytest.CaptureFixture[str]
) -> None:
    directories = {name: _directories(repository) for name, repository in _builds(corpora).items()}
    with ThreadPoolExecutor(2) as pool:
        seen = dict(
            zip(
                directories, pool.map(lambda name: witness(corpora / name, directories[name]), directories), strict=True
            )
        )
    short: dict[str, list[str]] = {}
    for name, builds in seen.items():
        tree = open_tree(corpora / name)
        missed = {directory: _not_foreseen(tree, directory, build.touched) for directory, build in builds.items()}
        short |= {f"{name}/{directory}": paths for directory, paths in missed.items() if paths}
        failing = sum(bool(build.error) for build in builds.values())
        touched = sum(len(build.touched) for build in builds.values())
        with capsys.disabled():
            print(f"\n{name}: {len(builds)} builds, {failing} of them failing, touch {touched} paths", end="")
    assert sum(map(len, seen.values())) > 3_500
    assert short == {}


def _builds(corpora: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((corpora / "builds.json").read_text("utf-8"))["repos"]
    return found


def _directories(repository: dict[str, Any]) -> list[str]:
    failing = [build["dir"] for build in repository["fail_dirs"]]
    return [*dict.fromkeys(("" if path == "." else path) for path in (*repository["ok_dirs"], *failing))]


STRACED = re.compile(r'^\d+ +\w+\((?:AT_FDCWD, )?"([^"]+)"')


@pytest.mark.slow
def test_closure_holds_all_that_the_program_asks_the_system_for(corpora: Path, kustomize: str, tmp_path: Path) -> None:
    strace = shutil.which("strace") or pytest.skip("needs strace")
    log = tmp_path / "log"
    watch = [strace, "-f", "-qq", "-e", "trace=%file", "-o", str(log), kustomize]
    if subprocess.run([*watch, "version"], capture_output=True, check=False).returncode:
        pytest.skip("strace may not watch processes here")
    for name, repository in _builds(corpora).items():
        root = (corpora / name).resolve()
        tree = open_tree(root)
        for directory in _directories(repository)[::250]:
            subprocess.run([*watch, "build", root / directory], capture_output=True, env=OFFLINE, check=False)
            touched = {path for line in log.read_text().splitlines() if (path := _straced(line, root)) is not None}
            foreseen = closure(tree, directory)
            # Links are looked for in every directory on the way to a path.
            ways = {parent for path in foreseen for parent in _parents(path)}
            assert touched - foreseen.keys() - ways == set()
            assert directory in touched


def _straced(line: str, root: Path) -> str | None:
    match = STRACED.match(line)
    path = Path(os.path.normpath(match[1])) if match else Path("/")
    return _relative(path, root) if path.is_relative_to(root) else None


def _parents(path: str) -> Iterator[str]:
    while path:
        path = path.rpartition("/")[0]
        yield path


STATES: dict[str, tuple[Files, str, State, str]] = {
    "a file": ({"app/a.yaml": DEPLOYMENT}, "resources: [a.yaml]", State.FOUND_FILE, ""),
    "a directory": (BASE, "resources: [../base]", State.FOUND_DIRECTORY, ""),
    "nothing": ({}, "resources: [a.yaml]", State.MISSING, "no such file"),
    "nothing, for a patch": (BASE, "patches: [{path: a.yaml}]", State.MISSING, "no such file"),
    "a file beside": ({"a.yaml": DEPLOYMENT}, "resources: [../a.yaml]", State.RESTRICTED, "is not in or below"),
    "a file beside, by a link": (
        {"a.yaml": DEPLOYMENT, "app/a.yaml": Link("../a.yaml")}, "resources: [a.yaml]",
        State.RESTRICTED, "is not in or below",
    ),
    "a file of settings beside": (
        {"a.env": "a=1"}, "configMapGenerator: [{name: a, envs: [../a.env]}]", State.RESTRICTED, "is not in or below",
    ),
    "out of the tree": ({}, "resources: [../../elsewhere]", State.OUTSIDE, "no such file"),
    "out of the tree, by a link": ({"app/x": Link("/usr")}, "resources: [x]", State.OUTSIDE, "unable to find one of"),
    "a remote directory": ({}, f"resources: ['{HTTPS}/org/repo//x']", State.REMOTE, "'git' program"),
    "a remote component": ({}, f"components: ['{HTTPS}/org/repo//x']", State.REMOTE, "'git' program"),
    "a remote patch": (BASE, f"patches: [{{path: '{HTTPS}/a.yaml'}}]", State.REMOTE, "refused"),
    "a folder of manifests": (
        {"x/a.yaml": DEPLOYMENT}, "resources: [../x]", State.NOT_A_KUSTOMIZATION, "unable to find one of",
    ),
    "a directory as a patch": ({"app/x/a": ""}, "patches: [{path: x}]", State.NOT_A_FILE, "must resolve to a file"),
    "a directory as a source": (
        {"app/x/a": ""}, "configMapGenerator: [{name: a, files: [x]}]", State.NOT_A_FILE, "must resolve to a file",
    ),
    "a file as a component": (
        {"app/a.yaml": ""}, "components: [a.yaml]", State.NOT_A_DIRECTORY, "file is not directory",
    ),
    "a base as a component": (BASE, "components: [../base]", State.NOT_A_COMPONENT, "expected kind 'Component'"),
    "a component": (COMPONENT, "components: [../part]", State.FOUND_DIRECTORY, ""),
    "a component as a base": (COMPONENT, "resources: [../part]", State.COMPONENT, "expected kind != 'Component'"),
    "itself": ({}, "resources: [.]", State.CYCLE, "cycle detected"),
    "the directory above": (
        {"kustomization.yaml": "resources: [app]"}, "resources: [..]", State.CYCLE, "cycle detected",
    ),
    "itself, by a link": ({"app/x": Link("../app")}, "resources: [x]", State.CYCLE, "cycle detected"),
}  # fmt: skip
"""What lies around ``app``, its kustomization, what its one reference finds, and what kustomize says of it."""


@pytest.fixture(scope="module")
def verdicts(witness: Witness, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, str]]:
    root = tmp_path_factory.mktemp("states").resolve()
    for index, (files, text, _, _) in enumerate(STATES.values()):
        _write(root / str(index), {**files, "app/kustomization.yaml": text})
    seen = witness(root, [f"{index}/app" for index in range(len(STATES))])
    return {name: (root / str(index), seen[f"{index}/app"].error) for index, name in enumerate(STATES)}


@pytest.mark.parametrize("name", STATES)
def test_state_is_what_kustomize_says_of_a_reference(name: str, verdicts: dict[str, tuple[Path, str]]) -> None:
    root, error = verdicts[name]
    _, _, state, said = STATES[name]
    found = _read(root)
    assert [*found.states.values()] == [state]
    assert said in error
    assert bool(error) == bool(said) or name == "a component"


def _read(root: Path, directory: str = "app") -> Kustomization:
    tree = open_tree(root)
    path = find(tree, directory)
    assert path is not None
    return read(tree, path)


EMPTY = (
    "", "# a comment\n", "---\n", "{}", "kind: Kustomization",
    "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization",
    "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component", "resources:", "resources: []", "Resources: []",
    "bases: []", "imageTags: []", "components: []", "patches: []", "helmCharts: []",
    "helmChartInflationGenerator: []", "vars: []", "namePrefix: ''", "namePrefix: x", "namespace: null",
    "namespace: a", "commonLabels: {}", "labels: []", "openapi: {}", "metadata: {}", "metadata: {name: x}",
    "generatorOptions: {}", "helmGlobals: {}", "sortOptions: {}", "images: []", "buildMetadata: []",
    "replacements: []", "configMapGenerator: []", "crds: []", "validators: []", "commonAnnotations: {}",
)  # fmt: skip


@pytest.fixture(scope="module")
def empties(witness: Witness, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, str]]:
    root = tmp_path_factory.mktemp("empty").resolve()
    for index, text in enumerate(EMPTY):
        _write(root / str(index), {"app/kustomization.yaml": text})
    seen = witness(root, [f"{index}/app" for index in range(len(EMPTY))])
    return {text: (root / str(index), seen[f"{index}/app"].error) for index, text in enumerate(EMPTY)}


@pytest.mark.parametrize("text", EMPTY, ids=repr)
def test_empty_is_what_kustomize_calls_empty(text: str, empties: dict[str, tuple[Path, str]]) -> None:
    root, error = empties[text]
    assert _read(root).is_empty == ("kustomization.yaml is empty" in error)


ENTRIES = (
    "base", "./base", "../base", "a/b/c", "github.com", "github.com/org", "github.com/org/repo",
    "GitHub.com/org/repo", "github.com:org/repo", "github.com/org/repo/deep/down?ref=v1",
    "github.com/org/repo.git//x", "github.communism/org/repo", "git@github.com:org/repo", "git@github.com/org/repo",
    "git@host:org/repo", "git@host:repo", "git@host/repo", "git@host", "git@host:org/repo.git",
    "git@host:org/repo//x", "user-1@host:org/repo", "1user@host:org/repo", "host:org/repo", "gitlab.com/org/repo",
    "gitlab.com/org/repo.git", "example.com//x", "ssh://git@host/org/repo", "ssh://host/org/repo",
    "ssh://git@host:22/org/repo", "ssh://host", "ssh://host/org", "SSH://host/org/repo", "git::https://host/org/repo",
    "git::git@host:org/repo", "git::base", "git::github.com/org/repo", "https://host", "https://host/org",
    "https://host/org/repo", "https://host/org/repo?ref=v1", "HTTPS://host/org/repo", "http://host/org/repo",
    "https://host/web.yaml", "https://host/_git/repo",
    "ssh://git@host/org/_git/repo/x", "git@host:_git/", "git@host:org/_git/repo//../..",
    "https://dev.azure.com/org/project/_git/repo/x",
    "https://git-codecommit.us-east-2.amazonaws.com/v1/repos/x", "https://host/org/repo//../x", "https://host//x",
    "file:///srv/repo", "file:///srv/repo//x", "file://repo", "FILE:///srv/repo.git/x", "file://",
    "git://host/org/repo", "s3::https://host/x", "oci://host/org/repo", "/srv/repo", "/github.com/org/repo",
    "ftp://host/org/repo", "base?ref=v1", "base.git", "x_git/y", "~/repo", "org/repo//x",
    "ssh://git@host/org/repo//../../x", "github.com/org/repo//..",
    "git@gitlab.example.org:group/sub/repo.git//deep?ref=main&timeout=90s", "@host:org/repo", "a@b@host:org/repo",
)  # fmt: skip
"""Entries under ``resources``; kustomize is asked at test time whether it goes to the network for them."""


@pytest.fixture(scope="module")
def fetched(witness: Witness, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    root = tmp_path_factory.mktemp("remote").resolve()
    for index, entry in enumerate(ENTRIES):
        _write(root / str(index), {"kustomization.yaml": json.dumps({"resources": [entry]})})
    seen = witness(root, [str(index) for index in range(len(ENTRIES))])
    return {entry: seen[str(index)].error for index, entry in enumerate(ENTRIES)}


@pytest.mark.parametrize("entry", ENTRIES)
def test_remote_is_what_kustomize_goes_to_the_network_for(entry: str, fetched: dict[str, str]) -> None:
    gone = re.search(r"'git' program|proxyconnect|HTTP", fetched[entry]) is not None
    assert is_remote(entry) == gone, fetched[entry]


@pytest.mark.parametrize(
    ("entry", "revision"),
    [
        ("github.com/org/repo", ""),
        ("github.com/org/repo?ref=v1", "v1"),
        ("github.com/org/repo//x?version=v1", "v1"),
        ("github.com/org/repo?version=v1&ref=v2", "v2"),
        ("github.com/org/repo?timeout=90s&ref=v1", "v1"),
        ("github.com/org/repo?submodules=false", ""),
        ("github.com/org/repo?ref=", ""),
        ("github.com/org/repo?ref=release%2F1", "release/1"),
    ],
)
def test_revision_of_a_remote_entry(entry: str, revision: str) -> None:
    assert remote_reference(entry) == revision


def test_references_carry_their_field_route_and_place(tmp_path: Path) -> None:
    text = """\
Resources:
- ../base
patches:
- Path: p.yaml
configMapGenerator:
- name: a
  FILES: [b.txt, key=c.txt]
  env: d.env
"""
    _write(tmp_path, {"app/kustomization.yaml": text})
    found = _read(tmp_path)
    document = found.document
    assert isinstance(document, Document)
    said = [
        (reference.field, reference.route, reference.target, document.location("k", reference.route).line)
        for reference in found.references
    ]
    assert said == [
        ("resources", ("Resources", 0), "base", 2),
        ("patches", ("patches", 0, "Path"), "app/p.yaml", 4),
        ("configMapGenerator", ("configMapGenerator", 0, "FILES", 0), "app/b.txt", 7),
        ("configMapGenerator", ("configMapGenerator", 0, "FILES", 1), "app/c.txt", 7),
        ("configMapGenerator", ("configMapGenerator", 0, "env"), "app/d.env", 8),
    ]


@pytest.mark.parametrize(
    ("files", "path"),
    [
        ({"kustomization.yaml": "", "kustomization.yml": "", "Kustomization": ""}, "kustomization.yaml"),
        ({"kustomization.yml": "", "Kustomization": ""}, "kustomization.yml"),
        ({"Kustomization": ""}, "Kustomization"),
        ({"kustomization": "", "kustomization.json": "", "Kustomization.yaml": ""}, None),
        ({"kustomization.yaml/x": ""}, None),
        ({"kustomization.yaml": Link("none")}, None),
        ({"kustomization.yaml": Link("kustomization.yaml")}, None),
    ],
    ids=["all three", "two", "one", "other names", "a directory", "a link to nothing", "a link to itself"],
)
def test_finds_the_kustomization_of_a_directory(files: Files, path: str | None, tmp_path: Path) -> None:
    _write(tmp_path, files)
    assert find(open_tree(tmp_path), "") == path


@pytest.mark.parametrize(
    ("files", "template"),
    [
        ({"app/kustomization.yaml": "resources: [web.yaml]"}, False),
        ({"app/kustomization.yaml": "namePrefix: '{{ .name }}'"}, True),
        ({"app/kustomization.yaml": "namespace: ${NAMESPACE}"}, True),
        ({"app/kustomization.yaml": "{% if x %}\nresources: []\n{% endif %}"}, True),
        ({"app/kustomization.yaml": "resources: [web.yaml]", "app/web.yaml": "name: {{ name }}"}, True),
        ({"app/kustomization.yaml": "resources: [web.yaml]", "app/README.md": "{{ name }}"}, False),
    ],
    ids=["plain", "Go or Helm", "dollar", "Jinja", "a manifest beside", "a text beside"],
)
def test_knows_a_template_by_itself_and_by_its_neighbours(files: Files, template: bool, tmp_path: Path) -> None:
    _write(tmp_path, files)
    assert _read(tmp_path).template == template


@pytest.mark.parametrize("folder", ["template", "app-template", "skeleton", "x.cookiecutter"])
def test_knows_a_template_by_its_folder(folder: str, tmp_path: Path) -> None:
    _write(tmp_path, {f"{folder}/app/kustomization.yaml": "resources: [web.yaml]"})
    assert _read(tmp_path, f"{folder}/app").template


def test_reaches_each_kustomization_once_and_ends_in_a_circle(tmp_path: Path) -> None:
    _write(
        tmp_path,
        {
            "app/kustomization.yaml": "resources: [../a, ../b]\ncomponents: [../part]",
            "a/kustomization.yaml": "resources: [../c]",
            "b/kustomization.yaml": "resources: [../c]",
            "c/kustomization.yaml": "resources: [../app]",
            **COMPONENT,
        },
    )
    found = [item.directory for item in reachable(open_tree(tmp_path), "app")]
    assert found[0] == "app"
    assert sorted(found) == ["a", "app", "b", "c", "part"]


def test_charts_in_the_repository_belong_to_a_build(tmp_path: Path) -> None:
    _write(
        tmp_path,
        {
            "app/kustomization.yaml": "helmGlobals: {chartHome: ../charts}\n"
            "helmCharts: [{name: web, valuesFile: v.yaml, additionalValuesFiles: [w.yaml]}]",
            "app/v.yaml": "",
            "charts/web/Chart.yaml": "",
            "charts/web/templates/a.yaml": "",
            "charts/other/Chart.yaml": "",
        },
    )
    found = closure(open_tree(tmp_path), "app")
    assert found["charts/web"] == "directory"
    assert found["charts/web/templates/a.yaml"] == found["app/v.yaml"] == "file"
    assert found["app/w.yaml"] == "missing"
    assert "charts/other/Chart.yaml" not in found


@pytest.mark.parametrize(
    "text", ["resources: web.yaml", "resources: {a: b}", "resources: [1, null, {a: b}]", "- a", "12"]
)
def test_takes_no_harm_from_values_of_other_kinds(text: str, tmp_path: Path) -> None:
    _write(tmp_path, {"app/kustomization.yaml": text})
    assert _read(tmp_path).references == ()


def test_a_broken_kustomization_has_problems_and_nothing_else(tmp_path: Path) -> None:
    _write(tmp_path, {"app/kustomization.yaml": "resources: [\n"})
    found = _read(tmp_path)
    assert found.document is None
    assert [problem.line for problem in found.problems] == [2]
    assert found.references == ()
    assert closure(open_tree(tmp_path), "app")["app/kustomization.yaml"] == "file"
