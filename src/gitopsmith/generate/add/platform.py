"""A component of the platform more: a Helm chart on a cluster, pinned, with its values beside it.

Values are in a file of their own, which the Application reads as a second source, so that they are edited, reviewed
and checked as any other file. A chart in an OCI registry is a source of the type OCI, which needs no credential to say
what it is (docs/user-guide/oci.md of Argo CD 3.1 and newer), where ``chart`` with such a registry would.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gitopsmith import answers, documents, edit
from gitopsmith.answers import IN_CLUSTER, Answers
from gitopsmith.finding import Failure, Route
from gitopsmith.generate import plan
from gitopsmith.generate.add.chart import Chart, check
from gitopsmith.generate.add.merging import Changes, rendered
from gitopsmith.manifest import get, sequence, text

PROJECTS = "bootstrap/projects.yaml"
_NAME = ("metadata", "name")
_CHART: tuple[Route, ...] = (
    *(("spec", "sources", 0, key) for key in ("repoURL", "chart", "targetRevision")),
    ("spec", "destination"),
)


def platform(root: Path, name: str, chart: Chart, *, namespace: str = "", cluster: str = "") -> Changes:
    """Returns what a repository gains by a chart on a cluster, in a namespace that is called after it by default.

    Where the same chart is there already in this version, only what is missing around it is added. Raises Failure
    when an argument is wrong, or other files are in the way.
    """
    given = answers.read(root / answers.FILE_NAME)
    cluster = cluster or IN_CLUSTER
    check(given, name, chart, namespace or name, cluster)
    everything = plan.variables(given)
    target = next(one for one in everything["clusters"] if one["name"] == cluster)
    component = _component(name, chart, namespace or name)
    made = rendered([plan.Step("component", everything | {"cluster": target, "component": component})], given)
    application, values = f"clusters/{cluster}/{name}.yaml", f"platform/{name}/values.yaml"
    found = {
        application: _unless_there(root, application, made[application]),
        values: made[values] if not (root / values).exists() else None,
        PROJECTS: _project(_read(root, PROJECTS), cluster, component["repo_url"], documents.load(made[application])),
        (path := f"clusters/{cluster}/kustomization.yaml"): _listed(_read(root, path), path, name, given),
    }
    files = {path: content.encode() for path, content in found.items() if content and content != _there(root, path)}
    return Changes(files, () if files else (f"{name} is on {cluster} already",))


def _component(name: str, chart: Chart, namespace: str) -> dict[str, Any]:
    url = chart.repo.rstrip("/")
    is_oci = url.startswith("oci://")
    if is_oci and not url.endswith(f"/{chart.name}"):
        url += f"/{chart.name}"
    return {
        "name": name,
        "chart": chart.name,
        "version": chart.version,
        "repo_url": url,
        "is_oci": is_oci,
        "namespace": namespace,
    }


def _unless_there(root: Path, path: str, made: str) -> str | None:
    """Returns an Application's text, None where it is there already with the same chart, whatever else was edited."""
    there = _there(root, path)
    if there is None:
        return made
    one, other = documents.load(there), documents.load(made)
    if get(one, *_NAME) != get(other, *_NAME):
        raise Failure(f"{path} is there already, and is something else; take another name")
    for route in _CHART:
        if get(one, *route) != get(other, *route):
            raise Failure(
                f"{path} is there already, and its {route[-1]} is {get(one, *route)!r}, not {get(other, *route)!r};"
                " change it there"
            )
    return None


def _project(content: str, cluster: str, url: str, application: Any) -> str:
    """Returns the platform's projects, that of the cluster with the chart's repository and destination."""
    found = documents.read(content.encode()).documents
    name = f"platform-{cluster}"
    index = next((one.index for one in found if text(one.body, *_NAME) == name), None)
    if index is None:
        raise Failure(f"{PROJECTS} holds no AppProject {name!r}, which has to allow the chart; bring it back first")
    content = edit.append(content, ("spec", "sourceRepos"), url, document=index, path=PROJECTS)
    destination = get(application, "spec", "destination")
    return edit.append(content, ("spec", "destinations"), destination, document=index, path=PROJECTS)


def _listed(content: str, path: str, name: str, given: Answers) -> str:
    """Returns a cluster's kustomization with the Application in front of its environments."""
    resources = sequence(documents.load(content), "resources")
    environments = {f"{item.name}.yaml" for item in given.environments}
    at = next((index for index, entry in enumerate(resources) if entry in environments), None)
    return edit.insert(content, ("resources",), f"{name}.yaml", at, path=path)


def _read(root: Path, path: str) -> str:
    content = _there(root, path)
    if content is None:
        raise Failure(f"{path} is not there, and has to change; bring it back first")
    return content


def _there(root: Path, path: str) -> str | None:
    try:
        return (root / path).read_bytes().decode("utf-8") if (root / path).exists() else None
    except (OSError, UnicodeDecodeError) as error:
        raise Failure(f"{path} cannot be read: {error}") from error
