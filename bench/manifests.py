"""Compares what kustomizations with options, and directories, give here with what a real Argo CD makes of them.

    gitopsmith sandbox up --name options && python bench/manifests.py --name options

Every combination of options of ``tests/test_edits.py``, directory sources, Applications with several sources, those
that ask for a tag behind which the repository has changed, remote bases, and sources in another repository. What Argo
CD refuses must be refused here. A line for each Application; exit code 1 when one differs.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from bench import argo
from bench.charts import application, compare, ours, push, theirs

from gitopsmith import sandbox
from test_edits import FILES, OPTIONS

CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}}}\n"
PLAIN = {
    "plain/a.yaml": CONFIG.format(name="a"),
    "plain/b.yml": CONFIG.format(name="b") + "---\n" + CONFIG.format(name="c"),
    "plain/c.json": json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "json"}}),
    "plain/list.yaml": "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: item}}\n",
    "plain/skipped.yaml": "# +argocd:skip-file-rendering\n" + CONFIG.format(name="skipped"),
    "plain/values.yaml": "colour: blue\n",
    "plain/notes.txt": "no manifest\n",
    "plain/below/d.yaml": CONFIG.format(name="d"),
    "plain/below/deeper/e.yaml": CONFIG.format(name="e"),
}
DIRECTORIES: dict[str, dict[str, Any]] = {
    "directory": {},
    "directory-recurse": {"recurse": True},
    "directory-include": {"include": "*.json"},
    "directory-include-several": {"include": "{a.yaml,b.yml}"},
    "directory-include-below": {"recurse": True, "include": "below/*"},
    "directory-include-deep": {"recurse": True, "include": "**/e.yaml"},
    "directory-exclude": {"exclude": "a.yaml"},
    "directory-exclude-below": {"recurse": True, "exclude": "below/**"},
    "directory-both": {"recurse": True, "include": "*.yaml", "exclude": "{a,list}.yaml"},
    "directory-nothing": {"include": "nothing.yaml"},
}


FOLDER = "apps/web"
TAG = "v1.0.0"
IDENTITY = ("-c", "user.name=bench", "-c", "user.email=bench@example.com")


BASE = {
    "deploy/kustomization.yaml": "resources: [web.yaml, ../shared]\nconfigMapGenerator: [{name: c, files: [f.txt]}]\n",
    "deploy/web.yaml": (
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: 'web:1.0.0'}]}\n"
    ),
    "deploy/f.txt": "one\n",
    "shared/kustomization.yaml": "resources: [config.yaml]\nnamePrefix: shared-\n",
    "shared/config.yaml": CONFIG.format(name="shared"),
    "part/kustomization.yaml": (
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nlabels: [{pairs: {part: a}}]\n"
    ),
}
"""Another repository, which others take their bases from."""


def overlays(url: str, commit: str) -> dict[str, str]:
    """Returns kustomizations with remote bases, by their names."""
    deploy = f"resources: ['{url}//deploy?ref={TAG}']\n"
    return {
        "remote-tag": deploy,
        "remote-commit": f"namePrefix: a-\nresources: ['{url}/deploy?ref={commit}&timeout=60s']\n",
        "remote-component": f"{deploy}components: ['git::{url}//part?version={TAG}']\n",
        "remote-origins": f"{deploy}buildMetadata: [originAnnotations]\nlabels: [{{pairs: {{a: b}}}}]\n",
        "remote-two": f"resources: ['{url}//shared?ref={TAG}', ../remote-commit]\nnameSuffix: -2\n",
        "remote-nowhere": f"resources: ['{url}//nowhere?ref={TAG}']\n",
    }


def push_base(folder: Path, url: str) -> str:
    """Pushes the other repository, and returns its commit."""
    for path, text in BASE.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    argo.told("git", "init", "--quiet", "--initial-branch=main", cwd=folder)
    argo.told("git", "add", "--all", cwd=folder)
    argo.told("git", *IDENTITY, "commit", "--quiet", "--message=base", cwd=folder)
    argo.told("git", "tag", TAG, cwd=folder)
    argo.told("git", "push", "--quiet", "--force", url, "HEAD:main", TAG, cwd=folder)
    return argo.told("git", "rev-parse", "HEAD", cwd=folder).strip()


def files() -> dict[str, str]:
    """Returns what to push.

    Argo CD does not lock its checkout for an Application whose only option is ``replicas``, and others get them too
    (``AllowsConcurrentProcessing`` in ``types.go`` of 3.6.1), so each of these has a folder of its own.
    """
    alone = [_alone(name) for name, options in OPTIONS.items() if set(options) == {"replicas"}]
    copies = {path.replace(FOLDER, folder, 1): text for folder in alone for path, text in FILES.items()}
    return {**FILES, **copies, **PLAIN}


def _alone(name: str) -> str:
    return f"alone/{name.replace(' ', '-')}"


def sources(url: str, base: str, commit: str) -> dict[str, list[dict[str, Any]]]:
    """Returns the sources of each Application, by its name; ``base`` is the other repository."""
    own: dict[str, Any] = {"repoURL": url, "targetRevision": "main"}
    web, plain = {**own, "path": f"{FOLDER}/prod"}, {**own, "path": "plain"}
    found: dict[str, list[dict[str, Any]]] = {}
    for name, options in OPTIONS.items():
        path = f"{_alone(name)}/prod" if set(options) == {"replicas"} else web["path"]
        found[name.replace(" ", "-")] = [{**own, "path": path, "kustomize": options}]
    found |= {name: [plain | ({"directory": block} if block else {})] for name, block in DIRECTORIES.items()}
    found["two-sources"] = [{**web, "kustomize": {"nameSuffix": "-2"}}, {**plain, "directory": {"recurse": True}}]
    fixed = {"targetRevision": TAG}
    found["pinned"] = [web | fixed]
    found["pinned-with-options"] = [web | fixed | {"kustomize": OPTIONS["everything"]}]
    found["pinned-directory"] = [plain | fixed]
    found |= {name: [{**own, "path": f"bases/{name}"}] for name in overlays(base, commit)}
    found["remote-with-options"] = [{**own, "path": "bases/remote-tag", "kustomize": {"images": ["web=other:2.0.0"]}}]
    other = {"repoURL": base, "targetRevision": TAG}
    found["elsewhere"] = [{**other, "path": "deploy"}]
    found["elsewhere-with-options"] = [
        {**other, "targetRevision": commit, "path": "deploy", "kustomize": {"nameSuffix": "-x"}}
    ]
    found["elsewhere-directory"] = [{**other, "path": "shared", "directory": {"include": "config.yaml"}}]
    found["one-path-twice"] = [web, {**web, "kustomize": {"namePrefix": "second-"}}]
    return found


def change(folder: Path, url: str) -> None:
    """Tags what was pushed, and changes the directories that Applications ask for by that tag."""
    argo.told("git", "tag", TAG, cwd=folder)
    for path in ("plain/a.yaml", f"{FOLDER}/prod/settings.properties"):
        (folder / path).write_text((folder / path).read_text().replace("name: a", "name: z").replace("blue", "red"))
    argo.told("git", *IDENTITY, "commit", "--quiet", "--all", "--message=change", cwd=folder)
    argo.told("git", "push", "--quiet", "--force", url, "HEAD:main", TAG, cwd=folder)


def is_same(name: str, expected: list[str], found: list[str]) -> bool:
    """Compares what both give, or tells that both refuse."""
    refused = any(line.startswith("Argo CD: ") for line in expected)
    if refused and found and not any(line.startswith("{") for line in found):
        print(f"{name:32} refused by both", flush=True)
        return True
    if not refused and not expected and not found:
        print(f"{name:32} nothing from both", flush=True)
        return True
    return compare(name, expected, found)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", default="options", help="the sandbox, which runs")
    parser.add_argument("--install", type=Path, default=argo.INSTALL)
    given = parser.parse_args()
    root = sandbox.folder_of(given.name)
    state = argo.enter(given.name)
    url, base = argo.url(state, "options"), argo.url(state, "base")
    argo.install(given.name, given.install)
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as aside:
        os.environ |= {"XDG_CACHE_HOME": f"{aside}/cache"}
        (Path(aside) / "base").mkdir()
        commit = push_base(Path(aside) / "base", base)
        applications = {name: application(name, of) for name, of in sources(url, base, commit).items()}
        bases = {f"bases/{name}/kustomization.yaml": text for name, text in overlays(base, commit).items()}
        push(Path(folder), url, applications, {**files(), **bases})
        change(Path(folder), url)
        argo.apply(applications.values())
        time.sleep(3)
        found = ours(Path(folder))
        same = [is_same(name, theirs(name, root), found.get(name, [])) for name in applications]
    print(f"equal {sum(same)} of {len(same)}")
    return int(not all(same))


if __name__ == "__main__":
    sys.exit(main())
