"""Compares what charts and OCI artifacts give here with what a real Argo CD makes of the same Applications.

    gitopsmith sandbox up --name charts && python bench/charts.py --name charts

Argo CD is installed into the sandbox unless it is there; the repository is pushed to the sandbox's own git, and what
lies elsewhere is served on loopback. A line for each Application; exit code 1 when one differs.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from bench import argo

from chartserver import Server, archive, serving
from gitopsmith import documents, sandbox
from gitopsmith.applied import deliveries
from gitopsmith.applied.opening import look_around
from gitopsmith.manifest import mapping
from gitopsmith.sandbox.api import LOOPBACK

TRACKING = ("argocd.argoproj.io/tracking-id", "argocd.argoproj.io/installation-id")
CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-values
data:
  values: {{ .Values | toJson | quote }}
  namespace: {{ .Release.Namespace }}
  service: {{ .Release.Service }}
  things: {{ .Capabilities.APIVersions.Has "things.example.com/v1" | quote }}
"""
VERSION = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: version}\ndata: {is: {{ .Capabilities.KubeVersion }}}\n"
HOOK = """\
apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-WHEN
  annotations: {helm.sh/hook: WHEN}
spec:
  containers: [{name: x, image: x:1.0.0}]
"""
CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: NAMEs.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {plural: NAMEs, singular: NAME, kind: NAME}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
"""
CHART = {
    "Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.2.3\n",
    "values.yaml": "a: chart\nb: chart\nc: {d: chart}\n",
    "templates/config.yaml": CONFIG,
}
LIST = "apiVersion: v1\nkind: ConfigMapList\nitems:\n" + "".join(
    f"- {{apiVersion: v1, kind: ConfigMap, metadata: {{name: item-{name}}}}}\n" for name in "xy"
)
FILES = {
    **{f"web/{name}": content for name, content in CHART.items()},
    "web/values-1.yaml": "a: one\nb: one\n",
    "web/values-2.yaml": "a: two\n",
    "web/more/values-3.yaml": "a: three\nc: {e: three}\n",
    "web/text.txt": "first, second\n",
    "shared/values.yaml": "a: shared\n",
    **{f"full/{name}": content for name, content in CHART.items()},
    "full/templates/pre.yaml": HOOK.replace("WHEN", "pre-install"),
    "full/templates/post.yaml": HOOK.replace("WHEN", "post-upgrade"),
    "full/templates/test.yaml": HOOK.replace("WHEN", "test"),
    "full/templates/version.yaml": VERSION,
    "full/crds/two.yaml": CRD.replace("NAME", "thing") + "---\n" + CRD.replace("NAME", "other"),
    "full/values.schema.json": json.dumps({"properties": {"a": {"type": "string"}}}),
    **{f"parent/{name}": content for name, content in CHART.items()},
    "parent/Chart.yaml": (
        "apiVersion: v2\nname: parent\nversion: 1.0.0\n"
        'dependencies:\n  - {name: web, version: 1.2.3, repository: "file://../web"}\n'
    ),
    "parent/values.yaml": "web: {a: parent}\n",
    "list/Chart.yaml": "apiVersion: v2\nname: list\nversion: 1.0.0\n",
    "list/templates/list.yaml": LIST,
}
ARTIFACT = {
    "plain.yaml": LIST,
    "overlay/kustomization.yaml": "resources: [config.yaml]\nnamePrefix: my-\n",
    "overlay/config.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: config}\n",
    **{f"chart/{name}": content for name, content in CHART.items()},
}
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
KUBERNETES = {"kubeVersion": "1.33.4"}
PARAMETERS = [
    {"name": "a", "value": "x,y"},
    {"name": "b", "value": "12", "forceString": True},
    {"name": "c.d", "value": "12"},
    {"name": "list", "value": "{one,two}"},
    {"name": "app", "value": "$ARGOCD_APP_NAME in ${ARGOCD_APP_NAMESPACE} $$5"},
    {"name": "a", "value": "last"},
]
OPTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "plain": ("web", {}),
    "values": ("web", {"values": "a: inline\nc:\n  e: 1.0\n"}),
    "values-object": ("web", {"valuesObject": {"a": "object", "n": 3}, "values": "a: text\n"}),
    "value-files": ("web", {"valueFiles": ["values-2.yaml", "values-1.yaml"], "valuesObject": {"c": {"d": None}}}),
    "globs": ("web", {"valueFiles": ["**/values-*.yaml", "values-1.yaml"]}),
    "braces": ("web", {"valueFiles": ["values-[12].yaml", "more/values-?.yaml"]}),
    "absolute": ("web", {"valueFiles": ["/shared/values.yaml", "more/../values-1.yaml"]}),
    "variables": ("web", {"valueFiles": ["/shared/$ARGOCD_APP_NAME.yaml", "values-1.yaml"]}),
    "missing": ("web", {"valueFiles": ["gone.yaml", "gone-*.yaml", "values-1.yaml"], "ignoreMissingValueFiles": True}),
    "parameters": ("web", {"parameters": PARAMETERS}),
    "file-parameters": ("web", {"fileParameters": [{"name": "a", "path": "text.txt"}]}),
    "release": ("web", {"releaseName": "other", "namespace": "elsewhere"}),
    "hooks-and-definitions": ("full", KUBERNETES),
    "skipped": ("full", KUBERNETES | {"skipCrds": True, "skipTests": True}),
    "schema": ("full", KUBERNETES | {"skipSchemaValidation": True, "valuesObject": {"a": 1}}),
    "api-versions": ("web", {"apiVersions": ["things.example.com/v1"], **KUBERNETES}),
    "dependency": ("parent", {}),
    "list": ("list", {}),
}


def registry(server: Server) -> str:
    """Returns the registry under a name for which Argo CD has no certificate: with one, helm insists on TLS."""
    return server.registry.replace(LOOPBACK, "localhost")


def sources(url: str, server: Server, digest: str) -> dict[str, list[dict[str, Any]]]:
    """Returns the sources of each Application, by its name; ``digest`` is that of the artifact."""
    own = {"repoURL": url, "targetRevision": "main"}
    found = {name: [{**own, "path": path, "helm": block}] for name, (path, block) in OPTIONS.items()}
    values: dict[str, Any] = {**own, "ref": "values"}
    block = {"valueFiles": ["$values/shared/values.yaml", "$values/web/values-*.yaml"], "valuesObject": {"b": "own"}}
    elsewhere = {"repoURL": server.url, "chart": "web", "targetRevision": "1.2.3", "helm": block}
    found["reference"] = [{**own, "path": "web", "helm": block}, values]
    found["repository"] = [elsewhere, values]
    found["registry"] = [{**elsewhere, "repoURL": registry(server)}, values]
    artifact = {"repoURL": f"oci://{registry(server)}/app", "targetRevision": "1.2.3"}
    found["artifact-directory"] = [{**artifact, "path": "files"}]
    found["artifact-kustomization"] = [{**artifact, "path": "files/overlay", "targetRevision": digest}]
    found["artifact-chart"] = [{**artifact, "path": "files/chart", "helm": {"valuesObject": {"b": "own"}}}]
    found["artifact-recurse"] = [{**artifact, "path": ".", "directory": {"recurse": True, "include": "*/plain.yaml"}}]
    found["two-sources"] = [{**own, "path": "list"}, {**own, "path": "web"}]
    return found


def application(name: str, of: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": name, "namespace": "argocd"},
        "spec": {
            "project": "default",
            "sources": of,
            "destination": {"server": "https://kubernetes.default.svc", "namespace": "web"},
        },
    }


def repository(name: str, said: Mapping[str, str]) -> dict[str, Any]:
    """Returns what tells Argo CD of a registry on loopback, which has no certificate."""
    labels = {"argocd.argoproj.io/secret-type": "repository"}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": "argocd", "labels": labels},
        "stringData": {**said, "insecureOCIForceHttp": "true"},
    }


def push(folder: Path, url: str, applications: Mapping[str, dict[str, Any]], more: Mapping[str, str] = FILES) -> None:
    """Makes a repository of files and Applications, and pushes it."""
    said = f"repository:\n  urls: [{json.dumps(url)}]\nkubernetes: '1.37'\n"
    files = {**more, ".gitopsmith.yaml": said, "shared/variables.yaml": "a: variables\n"}
    files |= {f"apps/{name}.yaml": json.dumps(body) for name, body in applications.items()}
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)
    identity = ("-c", "user.name=bench", "-c", "user.email=bench@example.com")
    argo.told("git", "init", "--quiet", "--initial-branch=main", cwd=folder)
    argo.told("git", "add", "--all", cwd=folder)
    argo.told("git", *identity, "commit", "--quiet", "--message=charts", cwd=folder)
    argo.told("git", "push", "--quiet", "--force", url, "HEAD:main", cwd=folder)


def canonical(found: Iterable[Any]) -> list[str]:
    """Returns objects without what Argo CD adds to them, in one order."""
    lines = []
    for body in found:
        annotations = mapping(body, "metadata", "annotations")
        for key in TRACKING:
            annotations.pop(key, None)
        if not annotations:
            mapping(body, "metadata").pop("annotations", None)
        lines.append(json.dumps(body, sort_keys=True))
    return sorted(lines)


def theirs(name: str, folder: Path) -> list[str]:
    """Asks Argo CD's server, which asks its repo-server."""
    config = json.loads((folder / "argocd" / "config").read_text())
    asked = urllib.request.Request(
        f"http://{config['servers'][0]['server']}/api/v1/applications/{name}/manifests",
        headers={"Authorization": f"Bearer {config['users'][0]['auth-token']}"},
    )
    try:
        with urllib.request.urlopen(asked, timeout=120) as answer:
            return canonical(map(json.loads, json.load(answer).get("manifests", [])))
    except urllib.error.HTTPError as error:
        return [f"Argo CD: {error.read().decode()[:600]}"]


def ours(folder: Path) -> dict[str, list[str]]:
    """Renders everything, and returns the objects of each Application."""
    applied, _ = look_around((folder,), timeout=120, fetch=True)
    return {
        one.application.name: [
            *canonical(documents.load(each.text) for each in one.manifests),
            *one.unknown,
            *one.failures,
        ]
        for one in deliveries(applied)
        if one.application is not None
    }


def compare(name: str, expected: list[str], found: list[str]) -> bool:
    same = expected == found and bool(expected)
    print(f"{name:24} {len(expected):3} objects  {'equal' if same else 'DIFFERS'}", flush=True)
    if not same:
        for sign, lines in (("-", set(expected) - set(found)), ("+", set(found) - set(expected))):
            for line in sorted(lines):
                print(f"  {sign} {line[:1000]}")
    return same


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--name", default="charts", help="the sandbox, which runs")
    parser.add_argument("--install", type=Path, default=argo.INSTALL)
    given = parser.parse_args()
    root = sandbox.folder_of(given.name)
    url = argo.url(argo.enter(given.name), "charts")
    argo.install(given.name, given.install)
    with tempfile.TemporaryDirectory() as name, serving() as server:
        os.environ |= {"XDG_CACHE_HOME": f"{name}/cache"}
        data = archive(CHART)
        server.offer("web", "1.2.3", data)
        server.push("web", "1.2.3", data)
        digest = server.push_artifact("app", "1.2.3", [(LAYER, archive(ARTIFACT, "files"))])
        applications = {each: application(each, of) for each, of in sources(url, server, digest).items()}
        folder = Path(name) / "charts"
        push(folder, url, applications)
        known = (
            repository("registry", {"url": registry(server), "type": "helm", "enableOCI": "true"}),
            repository("artifacts", {"url": f"oci://{registry(server)}/app", "type": "oci"}),
        )
        argo.apply([*known, *applications.values()])
        time.sleep(3)
        found = ours(folder)
        same = [compare(each, theirs(each, root), found.get(each, [])) for each in applications]
    print(f"{sum(same)} of {len(same)} equal")
    return int(not all(same))


if __name__ == "__main__":
    sys.exit(main())
