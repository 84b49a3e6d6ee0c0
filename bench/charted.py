"""Charts as Applications ask for them, for bench/positions.py: every object with where its chart's values come from."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

from gitopsmith.applied.working import look, settings
from gitopsmith.evaluate import Judge
from gitopsmith.evaluate.charts import stamp
from gitopsmith.graph import Build
from gitopsmith.manifest import Resource
from gitopsmith.render import Rendered
from gitopsmith.revisions import Checkout
from gitopsmith.tree import Tree, open_tree
from gitopsmith.validate import Schemas

URL = "https://git.example.com/charted.git"


@dataclass
class Charted:
    """A repository that may be edited; what an Application asks of a chart is rendered under the Application's name."""

    name: str
    tree: Tree
    complaints: Counter[str] = field(default_factory=Counter)

    def render(self, entry: str) -> list[Resource] | None:
        """Returns the objects of one Application's chart, None where it cannot be rendered."""
        tree = Tree(self.tree.root, self.tree.files)
        applied = look(tree, settings(tree), Checkout(tree.root), jobs=1, skip=lambda build, _: _name(build) != entry)
        judge = Judge(tree, (), {}, Schemas("1.34", ()))
        for build, manifests in applied.manifests.items():
            if _name(build) == entry:
                origins = stamp(judge, build, tuple(Rendered("", one.resource.origin) for one in manifests))
                pairs = zip(manifests, origins, strict=True)
                return [replace(one.resource, origin=rendered.origin) for one, rendered in pairs]
        self.complaints["helm refused what was edited"] += 1
        return None

    @property
    def entries(self) -> list[str]:
        """The names of the Applications, one a file."""
        return sorted(path.stem for path in (self.tree.root / "apps").iterdir())


def _name(build: Build) -> str:
    return build.asked.application.name if build.asked is not None and build.type == "helm" else ""


def copy(source: Path, target: Path) -> Charted:
    """Copies a repository with charts and their Applications."""
    shutil.copytree(source, target)
    return Charted(source.name, open_tree(target.resolve()))


def wrap(chart: Path, target: Path) -> Charted:
    """Copies a chart, and writes an Application that asks for it as it is."""
    shutil.copytree(chart, target / "chart")
    (target / "apps").mkdir()
    (target / ".gitopsmith.yaml").write_text(f"repository: {{urls: [{URL}]}}\n")
    source = {"repoURL": URL, "path": "chart", "targetRevision": "main"}
    body = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Application",
        "metadata": {"name": "chart", "namespace": "argocd"},
        "spec": {"project": "default", "source": source, "destination": {"name": "in-cluster", "namespace": "chart"}},
    }
    (target / "apps" / "chart.yaml").write_text(json.dumps(body))
    return Charted(str(chart.relative_to(chart.parents[3])), open_tree(target.resolve()))
