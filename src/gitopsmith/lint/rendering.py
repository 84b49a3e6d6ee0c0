"""Renders what the worklist asks for, and finds out where objects come from when something is wrong with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from gitopsmith import kustomization
from gitopsmith.config import KUBERNETES
from gitopsmith.finding import ObjectName
from gitopsmith.graph import Build
from gitopsmith.kustomization import State
from gitopsmith.lint.charts import Charts
from gitopsmith.manifest import Origin, Resource, mapping
from gitopsmith.render import Bodies, Failed, Rendered, helm, kustomize, library
from gitopsmith.render.kustomize import Plan, Renderer
from gitopsmith.render.library import Library
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
    renderer: Renderer | None = None
    library: Library | None = None
    charts: Charts = field(init=False)
    _declared: dict[str, dict[tuple[str, str, str], set[str]]] = field(default_factory=dict)
    _origins: dict[str, Mapping[ObjectName, Origin]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.charts = Charts(self.tree, self.timeout, self.kubernetes, self.fetches)

    @property
    def programs(self) -> str:
        """The programs that rendered something, each with its version."""
        programs = (self.library or self.renderer, self.charts.program)
        return ", ".join(str(program) for program in programs if program is not None)

    def prepare(self, build: Build) -> Plan | helm.Plan | Build | Failed | None:
        """Returns what there is to run for a build, or why it is not tried; None when nothing has to be rendered."""
        if build.type == "helm":
            return self.charts.prepare(build)
        if build.type != "kustomize":
            return None
        planned = kustomize.plan(self.tree, build.entry, origins=kustomize.wants_origins(self.tree, build.entry))
        if self.renderer is None and not isinstance(planned, Failed):
            self.renderer = kustomize.find_renderer(self.timeout)
            self.library = library.find(self.timeout)
        return planned

    def render(self, prepared: object) -> tuple[Rendered, ...] | Failed:
        """Runs a plan; several threads may do so at once."""
        if isinstance(prepared, helm.Plan | Build):
            return self.charts.render(prepared)
        assert isinstance(prepared, Plan)
        assert self.renderer is not None
        return kustomize.execute(prepared, self.tree.root, self.renderer, self.library)

    def close(self) -> None:
        """Ends what goes on running between two builds."""
        if self.library is not None:
            self.library.close()

    def origin(self, entry: str, resource: Resource) -> Origin:
        """Returns where an object of a build comes from; an empty origin where that cannot be told.

        Mostly one file alone that the build includes declares an object of its kind and name. Else kustomize is asked.
        """
        if entry not in self._declared:
            self._declared[entry] = _declared(self.tree, entry)
        paths = self._declared[entry].get((resource.api_version, resource.kind, resource.name), set())
        if len(paths) == 1:
            return Origin(path=next(iter(paths)))
        if entry not in self._origins:
            self._origins[entry] = self._find_origins(entry)
        return self._origins[entry].get(resource.object, Origin())

    def _find_origins(self, entry: str) -> Mapping[ObjectName, Origin]:
        planned = kustomize.plan(self.tree, entry) if kustomization.find(self.tree, entry) else None
        if not isinstance(planned, Plan) or not planned.wrapper or self.renderer is None:
            return {}
        rendered = kustomize.execute(planned, self.tree.root, self.renderer, self.library)
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
