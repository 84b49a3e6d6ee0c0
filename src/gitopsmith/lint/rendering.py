"""Renders what the worklist asks for, and finds out where objects come from when something is wrong with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from gitopsmith import fetch, kustomization
from gitopsmith.config import KUBERNETES
from gitopsmith.fetch import Store
from gitopsmith.finding import ObjectName
from gitopsmith.graph import Build
from gitopsmith.helm import MISSING
from gitopsmith.kustomization import State
from gitopsmith.lint import inflation
from gitopsmith.lint.charts import Charts
from gitopsmith.lint.remotes import Remotes
from gitopsmith.manifest import Origin, Resource, mapping
from gitopsmith.render import Bodies, Failed, Rendered, helm, kustomize, library
from gitopsmith.render.edits import NONE
from gitopsmith.render.kustomize import Plan, Renderer
from gitopsmith.render.library import Library
from gitopsmith.render.remotes import Wanted
from gitopsmith.revisions import Revisions
from gitopsmith.tree import Tree


@dataclass(slots=True, eq=False)
class Rendering:
    """The renderer of one run, looked for when the first build needs it, and kustomize's library where that is there.

    kustomize pays for telling where objects come from: it writes every origin anew after every transformer (measured,
    up to eight times the cost of a build with many patches). So most builds go without, and one is repeated with
    origins when a finding needs them.
    """

    tree: Tree
    bodies: Bodies
    timeout: float
    kubernetes: str = KUBERNETES
    fetches: bool = False
    build_options: str = ""
    revisions: Revisions | None = None
    renderer: Renderer | None = None
    library: Library | None = None
    charts: Charts = field(init=False)
    remotes: Remotes = field(init=False)
    _enabled: bool | None = None
    _inflating: set[str] = field(default_factory=set)
    _declared: dict[Build, dict[tuple[str, str, str], set[str]]] = field(default_factory=dict)
    _origins: dict[Build, Mapping[ObjectName, Origin]] = field(default_factory=dict)
    _edited: dict[Build, Tree | None] = field(default_factory=dict)

    def revision(self, commit: str) -> Tree:
        """Returns the files of a commit, or the work tree."""
        return self.revisions.at(commit) if self.revisions is not None else self.tree

    def __post_init__(self) -> None:
        store = Store(fetch.folder())
        self.charts = Charts(self.tree, self.timeout, self.kubernetes, self.fetches, store)
        self.remotes = Remotes(self.timeout, self.fetches, store)

    @property
    def programs(self) -> str:
        """The programs that rendered something, each with its version."""
        programs = (self.library or self.renderer, self.charts.program)
        return ", ".join(str(program) for program in programs if program is not None)

    def prepare(self, build: Build) -> Plan | helm.Plan | Build | Failed | None:
        """Returns what there is to run for a build, or why it is not tried; None when nothing has to be rendered."""
        if build.type == "helm":
            return self.charts.prepare(build, self.revision(build.commit))
        if build.type != "kustomize":
            return None
        tree = self.revision(build.commit)
        able = self._prepare_inflation(tree, build.entry)
        if isinstance(able, Failed):
            return able
        origins = kustomize.wants_origins(tree, build.entry)
        planned = kustomize.plan(tree, build.entry, build.edits, origins=origins, inflates=able, brings=not able)
        if not isinstance(planned, Failed):
            planned = self.remotes.prepare(planned)
        if isinstance(planned, Failed):
            return planned
        if self.renderer is None:
            self.renderer = kustomize.find_renderer(self.timeout)
            self.library = library.find(self.timeout)
        return planned._replace(root=tree.root) if build.commit else planned

    def render(self, prepared: object) -> tuple[Rendered, ...] | Failed:
        """Runs a plan; several threads may do so at once."""
        if isinstance(prepared, helm.Plan | Build):
            return self.charts.render(prepared)
        assert isinstance(prepared, Plan)
        return self._execute(prepared)

    def _execute(self, planned: Plan) -> tuple[Rendered, ...] | Failed:
        assert self.renderer is not None
        root = planned.root or self.tree.root
        if planned.wanted != Wanted():
            return self.remotes.render(planned, root, self.renderer)
        if planned.entry not in self._inflating:
            return kustomize.execute(planned, root, self.renderer, self.library)
        charts = self.charts
        assert charts.program is not None
        cluster = (self.kubernetes, charts.api_versions())
        return inflation.render(planned, root, self.renderer, charts.program, *cluster)

    def _prepare_inflation(self, tree: Tree, entry: str) -> bool | Failed:
        """Tells whether kustomize may inflate the charts of a directory, or why not where it should."""
        if not inflation.inflates(tree, entry):
            return False
        if self._enabled is None:
            self._enabled = inflation.is_enabled(self.tree, self.build_options)
        if not self._enabled:
            return False
        failed = inflation.missing(tree, entry)
        if failed is None and self.charts.find() is None:
            failed = Failed("helm", MISSING, entry)
        if failed is None:
            self._inflating.add(entry)
        return failed or True

    def close(self) -> None:
        """Ends what goes on running between two builds."""
        if self.library is not None:
            self.library.close()

    def edited(self, build: Build) -> Tree | None:
        """Returns the files as a build with options has them, None where there are no options or they are refused."""
        if build.edits == NONE or build.commit:
            return None
        if build not in self._edited:
            self._edited[build] = kustomize.edited(self.tree, build.entry, build.edits, self.timeout)
        return self._edited[build]

    def origin(self, build: Build, resource: Resource) -> Origin:
        """Returns where an object of a build comes from; an empty origin where that cannot be told.

        Mostly one file alone that the build includes declares an object of its kind and name. Else kustomize is asked.
        """
        if build not in self._declared:
            self._declared[build] = _declared(self.edited(build) or self.tree, build.entry)
        paths = self._declared[build].get((resource.api_version, resource.kind, resource.name), set())
        if len(paths) == 1:
            return Origin(path=next(iter(paths)))
        if build not in self._origins:
            self._origins[build] = self._find_origins(build)
        return self._origins[build].get(resource.object, Origin())

    def _find_origins(self, build: Build) -> Mapping[ObjectName, Origin]:
        there = kustomization.find(self.tree, build.entry) is not None
        able = build.entry in self._inflating
        told = {"inflates": able, "brings": not able}
        planned = kustomize.plan(self.tree, build.entry, build.edits, **told) if there else None
        if not isinstance(planned, Plan) or not planned.wrapper or self.renderer is None:
            return {}
        rendered = self._execute(planned)
        if isinstance(rendered, Failed):
            return {}
        return {Resource(mapping(self.bodies.parse(item.text)[1])).object: item.origin for item in rendered}


def _declared(tree: Tree, entry: str) -> dict[tuple[str, str, str], set[str]]:
    """Returns the files below a directory's kustomization that declare an object, by version, kind and name."""
    found: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for item in kustomization.reachable(tree, entry):
        for reference, state in item.states.items():
            if state is State.FOUND_FILE and reference.field in {"resources", "bases"}:
                for document in tree.documents(reference.target).documents:
                    resource = Resource(mapping(document.body))
                    found[resource.api_version, resource.kind, resource.name].add(reference.target)
    return dict(found)
