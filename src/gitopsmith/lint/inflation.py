"""Charts that kustomizations inflate: whether kustomize may, and what it is told then.

Facts: ``Build`` and ``isHelmEnabled`` in Argo CD's ``util/kustomize/kustomize.go``, ``HelmChartInflationGenerator`` in
kustomize's ``api/internal/builtins``.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from gitopsmith import kustomization
from gitopsmith.helm import Helm, isolated
from gitopsmith.kustomization import Kustomization, spelled
from gitopsmith.manifest import items, mapping, text
from gitopsmith.render import Failed, Rendered
from gitopsmith.render.helm.failure import explain
from gitopsmith.render.kustomize import Plan, Renderer, execute
from gitopsmith.tree import Tree, is_yaml, join

ENABLED = "--enable-helm"
KEY = "kustomize.buildOptions"
_HELM = re.compile(r"(?P<said>Error: (?:(?!Error: ).)*) \(chart (?P<chart>\S+)\)")


def is_enabled(tree: Tree, configured: str) -> bool:
    """Tells whether Argo CD has kustomize inflate charts: the configuration says so, or argocd-cm in the repository."""
    return ENABLED in configured or any(ENABLED in options for options in _build_options(tree))


def _build_options(tree: Tree) -> Iterator[str]:
    for path in tree.files:
        if is_yaml(path) and KEY.encode() in (tree.data(path) or b""):
            for document in tree.documents(path).documents:
                if text(document.body, "metadata", "name") == "argocd-cm":
                    yield text(document.body, "data", KEY)


def inflates(tree: Tree, entry: str) -> bool:
    """Tells whether building a directory inflates charts."""
    return any(item.uses_helm for item in kustomization.reachable(tree, entry))


def missing(tree: Tree, entry: str) -> Failed | None:
    """Returns which chart is not in the repository, None when all are; kustomize would download it into the tree."""
    for item in kustomization.reachable(tree, entry):
        for name, folder in _folders(item):
            if tree.kind(folder) != "directory":
                return Failed("helm", f"the chart {name} is not vendored in {folder}", item.directory)
    return None


def _folders(item: Kustomization) -> Iterator[tuple[str, str]]:
    """Yields each chart with the folder in which kustomize looks for it."""
    globals_ = mapping(item.value("helmGlobals"))
    home = text(globals_, spelled(globals_, "chartHome")) or "charts"
    for _, chart in items(item.value("helmCharts")):
        name, version, repo = (text(chart, spelled(chart, key)) for key in ("name", "version", "repo"))
        inside = f"{name}-{version}/{name}" if version and repo else name
        yield name, join(item.directory, f"{home}/{inside}")


def render(
    planned: Plan, root: Path, renderer: Renderer, program: Helm, kubernetes: str, api_versions: Iterable[str]
) -> tuple[Rendered, ...] | Failed:
    """Builds with kustomize and helm, as Argo CD does; without a network."""
    flags = [ENABLED, "--helm-command", program.path, "--helm-kube-version", kubernetes]
    flags += [flag for version in api_versions for flag in ("--helm-api-versions", version)]
    with tempfile.TemporaryDirectory(prefix="gitopsmith-") as name:
        environment = isolated(Path(name).resolve(), network=False)
        able = replace(renderer, command=(*renderer.command, *flags), environment=environment)
        rendered = execute(planned, root, able)
    return _explained(rendered, root) if isinstance(rendered, Failed) else rendered


def _explained(failed: Failed, root: Path) -> Failed:
    """Says what helm said, where helm is what failed; its place is in the chart."""
    match = _HELM.search(failed.message)
    if match is None:
        return failed
    chart = root / match["chart"]
    entry = chart.relative_to(root).as_posix() if chart.is_relative_to(root) else None
    return explain(match["said"], chart, entry)._replace(directory=failed.directory)
