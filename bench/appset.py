"""Expands ApplicationSets, and compares with what a real Argo CD makes of them: ``argocd appset generate``.

    python bench/appset.py                    Argo CD's own examples, and the sets of infra-deployments
    python bench/appset.py --suite examples   one of them

Both sides get the same files, from the sandbox's git server and from disk, and the same clusters. A project that is a
template, or none, is `default` on both sides: Argo CD's API server takes no other sets, its controller does. Prints
equal n of n, and for each of the rest why not. Exit code 1 when a set that both can expand is not equal.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from bench import argo, repositories

from gitopsmith import sandbox, tree
from gitopsmith.application import Ownership
from gitopsmith.appset import Expander, Expansion, expander
from gitopsmith.argocd import is_application_set, repository_identity
from gitopsmith.config import Cluster, Config
from gitopsmith.manifest import Resource, get, mapping, text
from gitopsmith.sandbox import programs
from gitopsmith.sandbox.api import Api
from gitopsmith.tree import is_yaml

ROOT = Path(__file__).resolve().parents[1]
NAME = "bench-appset"
EVERYTHING = {
    f"appstudio.redhat.com/{name}": "true"
    for name in (
        *("member-cluster", "internal-member-cluster", "internal-cluster", "host-cluster", "eaas-cluster"),
        *("toolchain-member", "konflux-ci", "internal-only", "backup", "rh-member-cluster"),
    )
} | {"appstudio.redhat.com/deployment-clusters": "tenant", "appstudio.redhat.com/cluster-type": "tenant"}
CLUSTERS = (
    Cluster("stone-stage-p01", "https://stage.example.com:6443", "", EVERYTHING, {"note": "one"}),
    Cluster("stone-prod-p01", "https://prod.example.com:6443", "", EVERYTHING, {}),
    Cluster("Odd_Name", "https://odd.example.com:6443", "default", {"environment": "staging", "type": "odd"}, {}),
)


class Case(NamedTuple):
    """One set, and the file that it stands in or is built from."""

    label: str
    body: dict[str, Any]


class Suite(NamedTuple):
    """Sets, the files that their git generators read, and the URL of the repository that they take for these."""

    name: str
    root: Path
    url: str
    cases: tuple[Case, ...]


class Server:
    """A sandbox with Argo CD in it, and the programs to speak with it."""

    def __init__(self) -> None:
        self.state = sandbox.up(NAME, print)
        self.folder = sandbox.folder_of(NAME)
        self.api = Api(self.state.ports["kube-apiserver"], self.folder / "keys")
        self.environment = argo.environment(NAME)

    def run(self, *command: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, env=self.environment, cwd=cwd, capture_output=True, text=True, check=False)

    def install(self, clusters: tuple[Cluster, ...]) -> None:
        """Installs Argo CD, and tells it of the clusters; returns when it answers."""
        self.api.apply("/api/v1/namespaces/argocd", {"apiVersion": "v1", "kind": "Namespace"} | _named("argocd"))
        kubectl = ("kubectl", "apply", "--server-side", "--force-conflicts", "-n", "argocd", "-f", str(argo.INSTALL))
        self.run(*kubectl).check_returncode()
        for number, cluster in enumerate(clusters):
            name = f"cluster-{number}"
            self.api.apply(f"/api/v1/namespaces/argocd/secrets/{name}", _secret(name, cluster))
        deadline = time.monotonic() + 240
        while self.run("argocd", "appset", "list").returncode:
            if time.monotonic() > deadline:
                raise SystemExit("Argo CD does not answer")
            time.sleep(1)

    def project(self, name: str) -> None:
        spec = {"sourceRepos": ["*"], "destinations": [{"server": "*", "namespace": "*"}]}
        body = {"apiVersion": "argoproj.io/v1alpha1", "kind": "AppProject", "spec": spec} | _named(name)
        self.api.apply(f"/apis/argoproj.io/v1alpha1/namespaces/argocd/appprojects/{name}", body)

    def push(self, name: str, folder: Path) -> str:
        """Pushes a folder's files, and returns the URL that they can be read at."""
        url = argo.url(self.state, name)
        repositories.initialise(folder, url)
        pushed = self.run("git", "push", "--quiet", "--force", "origin", "main", cwd=folder)
        if pushed.returncode:
            raise SystemExit(pushed.stderr)
        return url

    def generate(self, path: Path) -> tuple[list[dict[str, Any]] | None, str]:
        """Returns the Applications that Argo CD generates; None, and what it says, where it refuses."""
        done = self.run("argocd", "appset", "generate", str(path), "-o", "json")
        if done.returncode:
            return None, done.stderr.strip()
        found = json.loads(done.stdout)
        return [one for one in (found if isinstance(found, list) else [found]) if one], ""  # of none it writes null


def _named(name: str) -> dict[str, Any]:
    return {"metadata": {"name": name}}


def _secret(name: str, cluster: Cluster) -> dict[str, Any]:
    said = {"name": cluster.name, "server": cluster.server, "config": "{}"}
    said |= {"project": cluster.project} if cluster.project else {}
    labels = {**cluster.labels, "argocd.argoproj.io/secret-type": "cluster"}
    metadata = {"name": name, "labels": labels, "annotations": cluster.annotations}
    data = {key: base64.b64encode(value.encode()).decode() for key, value in said.items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data}


def examples(folder: Path) -> Suite:
    """Argo CD's examples, out of the Go module that the program is made of."""
    go = programs.find_go()
    listed = subprocess.run(
        (go, "list", "-m", "-f", "{{.Dir}}", "github.com/argoproj/argo-cd/v3"),
        cwd=ROOT / "helper" / "appset",
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "GOTOOLCHAIN": "local"},
    )
    root = folder / "examples"
    module = Path(listed.stdout.strip()) / "applicationset" / "examples"
    shutil.copytree(module, root / "applicationset" / "examples", copy_function=shutil.copyfile)
    return Suite("examples", _writable(root), "https://github.com/argoproj/argo-cd.git", tuple(_raw(root)))


def infra(folder: Path) -> Suite:
    """The sets of infra-deployments: each file's, and each overlay's as it is rendered."""
    root = folder / "infra"
    shutil.copytree(repositories.CORPORA / "infra-deployments", root, copy_function=shutil.copyfile, symlinks=True)
    url = "https://github.com/redhat-appstudio/infra-deployments.git"
    return Suite("infra-deployments", _writable(root), url, (*_raw(root), *_rendered(root)))


def _writable(root: Path) -> Path:
    for folder, _, _ in os.walk(root):
        Path(folder).chmod(0o755)
    return root


def _raw(root: Path) -> Iterator[Case]:
    files = tree.open_tree(root)
    for path in files.files:
        if is_yaml(path) and b"ApplicationSet" in (files.data(path) or b""):
            for document in files.documents(path).documents:
                if is_application_set(document.body) and get(document.body, "spec", "template", "spec"):  # else a patch
                    yield Case(path, document.body)


def _rendered(root: Path) -> Iterator[Case]:
    from gitopsmith import documents  # noqa: PLC0415 - only here

    seen = set()
    for overlay in sorted(path.parent for path in (root / "argo-cd-apps" / "overlays").rglob("kustomization.yaml")):
        built = subprocess.run(("kustomize", "build", str(overlay)), capture_output=True, check=False)
        for document in documents.read(built.stdout).documents:
            key = json.dumps(document.body, sort_keys=True)
            if is_application_set(document.body) and key not in seen:
                seen.add(key)
                yield Case(overlay.relative_to(root).as_posix(), document.body)


def compare(server: Server, suite: Suite, folder: Path) -> bool:
    """Expands every set on both sides; tells whether all that can be compared are equal."""
    url = server.push(suite.name, suite.root)
    ownership = Ownership(frozenset({repository_identity(url)}), "configuration")
    ours = expander(tree.open_tree(suite.root), ownership, Config(clusters=CLUSTERS), 120)
    verdicts: Counter[str] = Counter()
    projects: set[str] = set()
    for case in suite.cases:
        body = json.loads(json.dumps(case.body).replace(suite.url, url).replace(suite.url.removesuffix(".git"), url))
        mapping(body, "metadata").pop("namespace", None)  # Argo CD's own, the one that it permits as it is installed
        spec = mapping(body, "spec", "template", "spec")
        written = text(spec, "project")
        project = spec["project"] = written if written and "{{" not in written else "default"
        if project not in projects:
            projects.add(project)
            server.project(project)
        verdict, why = _verdict(server, ours, body, folder / "set.json")
        verdicts[verdict] += 1
        if verdict != "equal":
            print(f"  {verdict}: {text(body, 'metadata', 'name')} in {case.label}: {why}")
    ours.close()
    compared = verdicts["equal"] + verdicts["DIFFERENT"]
    rest = {verdict: count for verdict, count in verdicts.items() if verdict not in {"equal", "DIFFERENT"}}
    others = ", ".join(f"{count} {verdict}" for verdict, count in rest.items()) or "none"
    print(f"{suite.name}: equal {verdicts['equal']} of {compared}; {len(suite.cases)} sets; not compared: {others}")
    return not verdicts["DIFFERENT"]


def _verdict(server: Server, ours: Expander, body: dict[str, Any], path: Path) -> tuple[str, str]:
    found = ours.expand(Resource(body))
    if found.unverifiable:
        return "not known offline", "; ".join(f"{kind} {subject}" for kind, subject in found.unverifiable)
    path.write_text(json.dumps(body), encoding="utf-8")
    theirs, said = server.generate(path)
    refused = _is_refused(found)
    if theirs is None:
        return ("equal", "") if refused else ("DIFFERENT", said.splitlines()[-1][:300] if said else "refused")
    left, right = _shown([one.body for one in found.applications]), _shown(theirs)
    if left == right and not refused:
        return "equal", ""
    return "DIFFERENT", _first(left, right)


def _is_refused(found: Expansion) -> bool:
    """The API generates what it can, and leaves names and empty results to others."""
    return any(refusal.message.startswith("Argo CD generates nothing") for refusal in found.refusals)


def _shown(applications: list[dict[str, Any]]) -> list[str]:
    kept = ("name", "labels", "annotations", "finalizers")
    return sorted(
        json.dumps(
            {"spec": get(one, "spec"), **{key: mapping(one, "metadata").get(key) for key in kept}}, sort_keys=True
        )
        for one in applications
    )


def _first(left: list[str], right: list[str]) -> str:
    pairs = [(ours, theirs) for ours, theirs in zip(left, right, strict=False) if ours != theirs]
    counts = f"{len(left)} here, {len(right)} there"
    return f"{counts}; {pairs[0][0][:400]} / {pairs[0][1][:400]}" if pairs else counts


def main() -> int:
    suites = {"examples": examples, "infra": infra}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", action="append", choices=suites)
    asked = parser.parse_args().suite or list(suites)
    repositories.prefer_built_tools()
    with tempfile.TemporaryDirectory(prefix="gitopsmith-appset-") as name:
        server = Server()
        try:
            server.install(CLUSTERS)
            equal = [compare(server, suites[one](Path(name)), Path(name)) for one in asked]
        finally:
            sandbox.reset(NAME)
    return 0 if all(equal) else 1


if __name__ == "__main__":
    sys.exit(main())
