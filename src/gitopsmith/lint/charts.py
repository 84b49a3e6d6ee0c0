"""Renders the charts that Applications install, with the helm of one run."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from gitopsmith import fetch
from gitopsmith.fetch import Chart, Refused, Store
from gitopsmith.graph import Build
from gitopsmith.helm import MISSING, Helm, find_helm
from gitopsmith.lint.definitions import api_versions
from gitopsmith.render import Failed, Rendered, helm
from gitopsmith.render.helm import Roots, dependencies
from gitopsmith.render.helm.dependencies import LOCAL, Dependency
from gitopsmith.tree import Tree


class _Unavailable(Exception):  # noqa: N818 - carries why there is nothing to render
    def __init__(self, failed: Failed) -> None:
        super().__init__(failed.message)
        self.failed = failed


@dataclass(slots=True, eq=False)
class Charts:
    """The helm program and the cluster that charts are rendered for; both are looked for when the first chart is.

    What was fetched before is used always; more is fetched only where ``online`` is set.
    """

    tree: Tree
    timeout: float
    kubernetes: str
    online: bool = False
    store: Store = field(default_factory=lambda: Store(fetch.folder()))
    program: Helm | None = None
    _searched: bool = False
    _api_versions: tuple[str, ...] | None = None

    def prepare(self, build: Build, tree: Tree) -> helm.Plan | Build | Failed:
        """Returns what to run for a chart in a tree, the build itself where it is to be fetched, or why neither."""
        if build.chart is not None:
            return self._prepare_fetched(build, build.chart)
        if tree.kind(f"{build.entry}/Chart.yaml" if build.entry else "Chart.yaml") != "file":
            return Failed("error", "there is no Chart.yaml, so Argo CD finds no chart here", build.entry)
        root = tree.root
        beside = root if build.asked is None or build.asked.source.own else self.tree.root
        planned = self._plan(build, build.entry, Roots(root / build.entry, root, beside))
        return planned if isinstance(planned, Failed) or self.find() else Failed("helm", MISSING, build.entry)

    def render(self, prepared: helm.Plan | Build) -> tuple[Rendered, ...] | Failed:
        """Runs a plan, or fetches first what a build asks for; several threads may do so at once."""
        assert self.program is not None
        try:
            planned = self._fetch(prepared) if isinstance(prepared, Build) else prepared
            rendered = helm.execute(planned, self.program)
            if isinstance(rendered, Failed) and rendered.kind == "dependency":
                return self._render_complete(planned, rendered)
        except _Unavailable as error:
            return error.failed
        return rendered

    def _prepare_fetched(self, build: Build, chart: Chart) -> helm.Plan | Build | Failed:
        if not chart.is_exact:
            return Failed("floating", f"it lies in {chart.place}", build.entry)
        kept = self.store.find(chart)
        if kept is None and not self.online:
            return Failed("chart", f"it lies in {chart.place}", build.entry)
        if self.find() is None:
            return Failed("helm", MISSING, build.entry)
        return self._plan_fetched(build, kept.chart) if kept is not None else build

    def _plan_fetched(self, build: Build, chart: Path) -> helm.Plan | Failed:
        return self._plan(build, None, Roots(chart, chart, self.tree.root))

    def _plan(self, build: Build, entry: str | None, roots: Roots) -> helm.Plan | Failed:
        assert build.release is not None
        return helm.plan(build.release, entry, roots, self.kubernetes, self.api_versions())

    def api_versions(self) -> tuple[str, ...]:
        """Returns the API versions that the repository itself brings to a cluster."""
        if self._api_versions is None:
            self._api_versions = api_versions(self.tree)
        return self._api_versions

    def _fetch(self, build: Build) -> helm.Plan:
        assert build.chart is not None
        planned = self._plan_fetched(build, self._bring(build.chart, build.entry).chart)
        if isinstance(planned, Failed):
            raise _Unavailable(planned)
        return planned

    def _bring(self, chart: Chart, entry: str) -> fetch.Kept:
        assert self.program is not None
        try:
            return self.store.fetch(chart, self.program)
        except Refused as error:
            raise _Unavailable(Failed("fetch", str(error), entry)) from error

    def _render_complete(self, planned: helm.Plan, failed: Failed) -> tuple[Rendered, ...] | Failed:
        """Renders a copy of a chart with the dependencies that its folder lacks."""
        assert self.program is not None
        with tempfile.TemporaryDirectory(prefix="gitopsmith-") as name:

            def bring(dependency: Dependency) -> Path:
                return self._dependency(planned.chart, dependency, failed)

            copy = dependencies.complete(planned.chart, Path(name).resolve(), bring)
            return helm.execute(planned._replace(chart=copy), self.program)

    def _dependency(self, chart: Path, dependency: Dependency, failed: Failed) -> Path:
        if dependency.is_local:
            found = (chart / dependency.repository.removeprefix(LOCAL)).resolve()
            if not found.is_relative_to(self.tree.root) or not found.is_dir():
                raise _Unavailable(failed._replace(kind="error"))
            return found
        wanted = Chart(dependency.repository, dependency.name, dependency.version)
        kept = self.store.find(wanted)
        if kept is None and (not self.online or not _is_known(dependency)):
            raise _Unavailable(failed)
        if not wanted.is_exact:
            raise _Unavailable(Failed("floating", str(wanted), failed.directory))
        return (kept or self._bring(wanted, failed.directory)).archive

    def find(self) -> Helm | None:
        """Returns the helm program, None where there is none."""
        if not self._searched:
            self.program, self._searched = find_helm(self.timeout), True
        return self.program


def _is_known(dependency: Dependency) -> bool:
    """Tells whether a dependency says where it is, and not under a name that only somebody's Helm knows."""
    return dependency.repository.startswith(("https://", "http://", "oci://"))
