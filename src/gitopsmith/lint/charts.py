"""Renders the charts that Applications install, with the helm of one run."""

from __future__ import annotations

from dataclasses import dataclass

from gitopsmith.graph import Build
from gitopsmith.lint.definitions import api_versions
from gitopsmith.render import Failed, Rendered, helm
from gitopsmith.render.helm import Helm, Roots
from gitopsmith.tree import Tree


@dataclass(slots=True, eq=False)
class Charts:
    """The helm program and the cluster that charts are rendered for; both are looked for when the first chart is."""

    tree: Tree
    timeout: float
    kubernetes: str
    program: Helm | None = None
    _searched: bool = False
    _api_versions: tuple[str, ...] | None = None

    def prepare(self, build: Build) -> helm.Plan | Failed:
        """Returns what there is to run for a chart, or why it is not tried."""
        assert build.release is not None
        if self.tree.kind(f"{build.entry}/Chart.yaml" if build.entry else "Chart.yaml") != "file":
            return Failed("error", "there is no Chart.yaml, so Argo CD finds no chart here", build.entry)
        if self._api_versions is None:
            self._api_versions = api_versions(self.tree)
        root = self.tree.root
        roots = Roots(root / build.entry, root, root)
        planned = helm.plan(build.release, build.entry, roots, self.kubernetes, self._api_versions)
        if isinstance(planned, Failed) or self._find() is not None:
            return planned
        return Failed("helm", helm.MISSING, build.entry)

    def render(self, planned: helm.Plan) -> tuple[Rendered, ...] | Failed:
        """Runs a plan; several threads may do so at once."""
        assert self.program is not None
        return helm.execute(planned, self.program)

    def _find(self) -> Helm | None:
        if not self._searched:
            self.program, self._searched = helm.find_helm(self.timeout), True
        return self.program
