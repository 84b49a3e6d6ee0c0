"""The worklist: from what a repository holds to what Argo CD applies, however deep Applications nest."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, NamedTuple, Self

from gitopsmith import application, argocd, documents, kustomization, tools
from gitopsmith.application import Application, Deployed, Generation, ObjectFact, Ownership, Repository, Source
from gitopsmith.appset import NOT_EXPANDED, Expansion
from gitopsmith.fetch import Chart
from gitopsmith.finding import Finding, Route, Suppressed
from gitopsmith.kustomization import FILE_NAMES, Kustomization, State
from gitopsmith.manifest import Origin, Resource, mapping, text
from gitopsmith.render import Failed, Rendered
from gitopsmith.render.directory import Options
from gitopsmith.render.edits import NONE, Edits
from gitopsmith.render.edits import read as read_edits
from gitopsmith.render.helm import Release, release
from gitopsmith.render.variables import Variables
from gitopsmith.revisions import Revisions
from gitopsmith.tree import Tree, is_yaml

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

_ARGO_KINDS = frozenset({"Application", "ApplicationSet", "AppProject"})


class Asked(NamedTuple):
    """Which source of which Application asks for a build."""

    application: Application
    source: Source


@dataclass(frozen=True, slots=True)
class Build:
    """One thing to render.

    ``type`` is ``kustomize``, ``directory``, ``helm``, or ``file`` for a manifest named by the user. A ``chart`` from
    elsewhere has its name for an entry. ``asked`` is who asked first for a chart: the same release is rendered once,
    whoever else asks for it. ``edits`` are what an Application's options make of a kustomization; ``commit`` is the
    revision to render, empty for the work tree.
    """

    type: str
    entry: str
    options: Options = field(default_factory=Options)
    release: Release | None = None
    chart: Chart | None = None
    asked: Asked | None = field(default=None, compare=False, repr=False)
    edits: Edits = NONE
    commit: str = ""


class SourceFinding(NamedTuple):
    """A finding that a field of the source is to blame for: it stands once in every Application with that source."""

    route: Route
    """Relative to the source."""
    finding: Finding


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What judging one build gave. ``inputs`` maps every path that it depends on to what was found there."""

    build: Build
    findings: tuple[Finding, ...] = ()
    in_sources: tuple[SourceFinding, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    objects: tuple[ObjectFact, ...] = ()
    argo: tuple[Resource, ...] = ()
    validated: int = 0
    unvalidated: tuple[str, ...] = ()
    failure: Failed | None = None
    inputs: dict[str, str] = field(default_factory=dict)


class Unit(NamedTuple):
    """One Application with the builds of its sources, and what of it cannot be known offline: (kind, message) each.

    ``routes`` tell for each build where in the Application its source stands.
    """

    application: Application
    builds: tuple[Build, ...]
    unverifiable: tuple[tuple[str, str], ...]
    routes: tuple[Route, ...] = ()


class Expanded(NamedTuple):
    """One ApplicationSet with what it generates. ``entry`` and ``disabled`` are those of its Applications."""

    application_set: Resource
    expansion: Expansion
    entry: str | None = None
    disabled: bool = False


@dataclass(frozen=True, slots=True)
class Discovery:
    """What lies in the repository before anything is rendered."""

    kustomizations: tuple[Kustomization, ...]
    roots: tuple[str, ...]
    raw: tuple[Resource, ...]
    """Applications, ApplicationSets and AppProjects in files that no kustomization includes."""
    declared: tuple[dict[str, object], ...]
    """The bodies of all Applications in files, included or not."""
    included: frozenset[str]
    broken: tuple[str, ...] = ()
    """Files that no kustomization includes, that speak of Argo CD objects, and that are no YAML."""


@dataclass(frozen=True, slots=True)
class Graph:
    """All that was rendered and judged. ``settings`` are the ConfigMaps named argocd-cm."""

    results: dict[Build, BuildResult]
    units: tuple[Unit, ...]
    application_sets: tuple[Resource, ...]
    projects: tuple[Resource, ...]
    settings: tuple[Resource, ...] = ()
    expanded: tuple[Expanded, ...] = ()

    @property
    def owned(self) -> frozenset[Build]:
        """The builds that some Application deploys."""
        return frozenset(build for unit in self.units for build in unit.builds)


def discover(tree: Tree) -> Discovery:
    """Reads every kustomization and finds every Application that stands in a file."""
    paths = dict.fromkeys(path for path in tree.files if path.rpartition("/")[2] in FILE_NAMES)
    found = tuple(kustomization.read(tree, path) for path in paths)
    files = {target for item in found for target in _targets(item, State.FOUND_FILE)}
    argo_files = tuple(path for path in tree.files if path not in paths and _speaks_of_argo(tree, path))
    argo = [resource for path in argo_files for resource in _argo_objects(tree, path)]
    raw = tuple(
        resource for resource in argo if resource.origin.path not in files and not _is_filled_in_later(resource)
    )
    declared = tuple(resource.body for resource in argo if argocd.is_application(resource.body))
    broken = tuple(path for path in argo_files if path not in files and _is_broken(tree, path))
    return Discovery(found, _roots(found), raw, declared, frozenset(files), broken)


def _targets(item: Kustomization, *wanted: State) -> Iterator[str]:
    return (reference.target for reference, state in item.states.items() if state in wanted)


def _roots(found: tuple[Kustomization, ...]) -> tuple[str, ...]:
    """Returns the directories that nothing includes, and one of each circle that nothing else includes."""
    includes = {item.directory: set(_targets(item, State.FOUND_DIRECTORY, State.COMPONENT)) for item in found}
    included = set().union(*includes.values())
    candidates = dict.fromkeys(item.directory for item in found if not item.is_component)
    roots: list[str] = []
    reached: set[str] = set()
    for directory in (*(each for each in candidates if each not in included), *candidates):
        if directory in reached or directory in roots:
            continue
        roots.append(directory)
        todo = [directory]
        while todo:
            more = includes.get(todo.pop(), set()) - reached
            reached |= more
            todo += more
    return tuple(roots)


def _speaks_of_argo(tree: Tree, path: str) -> bool:
    return is_yaml(path) and not _in_chart(tree, path) and b"argoproj.io/" in (tree.data(path) or b"")


def _argo_objects(tree: Tree, path: str) -> Iterator[Resource]:
    for document in tree.documents(path).documents:
        resource = Resource(mapping(document.body), Origin(path=path))
        if resource.kind in _ARGO_KINDS and resource.group == argocd.API_GROUP:
            yield resource


def _is_broken(tree: Tree, path: str) -> bool:
    parsed = tree.documents(path)
    declares = any(f"kind: {kind}" in parsed.text for kind in _ARGO_KINDS)
    return bool(parsed.problems) and declares and not documents.is_template(parsed.text)


def _in_chart(tree: Tree, path: str) -> bool:
    parts = path.split("/")
    return any(
        tree.kind("/".join([*parts[:index], "Chart.yaml"])) == "file"
        for index, part in enumerate(parts)
        if part in {"templates", "charts", "crds"}
    )


def _is_filled_in_later(resource: Resource) -> bool:
    if resource.kind != "Application":
        return False
    values = [
        resource.name,
        *(text(mapping(resource.body, *route), "path") for route in argocd.source_routes(resource.body)),
    ]
    return any("{{" in value or "${" in value for value in values)


def work(
    tree: Tree,
    discovery: Discovery,
    ownership: Ownership,
    prepare: Callable[[Build], object],
    render: Callable[[object], tuple[Rendered, ...] | Failed],
    judge: Callable[[Build, tuple[Rendered, ...] | Failed], BuildResult],
    jobs: int = 2,
    start: Iterable[Build] = (),
    expand: Callable[[Resource], Expansion] = lambda one: Expansion(unverifiable=((NOT_EXPANDED, one.name),)),
    revisions: Revisions | None = None,
) -> Graph:
    """Renders and judges the roots, every source that an Application names, and what those render in turn.

    ``prepare``, ``judge`` and ``expand`` run here, one after the other in a fixed order; ``render`` runs ahead of them
    in ``jobs`` threads. ``prepare`` returns what ``render`` takes, or None when there is nothing to render. ``expand``
    tells what an ApplicationSet generates. Without ``revisions``, whatever an Application asks for is looked for in the
    work tree.
    """
    units: list[Unit] = []
    expanded: list[Expanded] = []
    results: dict[Build, BuildResult] = {}
    queue: deque[Build] = deque()
    known: set[Build] = set()

    def add(builds: Iterable[Build]) -> None:
        for build in builds:
            if build not in known:
                known.add(build)
                queue.append(build)

    find = revisions.find if revisions is not None else None

    def enlist(found: Application) -> None:
        read = application.read(
            found.resource,
            tree,
            ownership,
            found.entry,
            disabled=found.disabled,
            generation=found.generation,
            commit=found.commit,
            find=find,
        )
        units.append(_unit(read, revisions))
        add(units[-1].builds)

    def adopt(resources: Iterable[Resource], entry: str | None, commit: str = "") -> None:
        for resource in resources:
            disabled = entry is None and _is_disabled(tree, discovery, resource.origin.path)
            if resource.kind == "Application":
                enlist(Application(resource, (), entry, disabled, None, commit))
            elif resource.kind == "ApplicationSet":
                expanded.append(Expanded(resource, expand(resource), entry, disabled))
                for one, generation in _generated(expanded[-1]):
                    enlist(Application(one, (), entry, disabled, generation, commit))

    adopt(discovery.raw, None)
    add(start)
    add(Build("kustomize", root) for root in discovery.roots)
    with _Threads(jobs) as threads:
        ahead: deque[tuple[Build, Callable[[], tuple[Rendered, ...] | Failed]]] = deque()
        while queue or ahead:
            while queue and len(ahead) < 4 * jobs:
                build = queue.popleft()
                ahead.append((build, threads.submit(render, prepare(build))))
            build, rendered = ahead.popleft()
            results[build] = judge(build, rendered())
            adopt(results[build].argo, build.entry, build.commit)
    argo = [*discovery.raw, *(resource for result in results.values() for resource in result.argo)]
    results |= {build: judge(build, ()) for build in _loose(tree, discovery, results)}
    return Graph(
        results,
        tuple(units),
        tuple(resource for resource in argo if resource.kind == "ApplicationSet"),
        tuple(resource for resource in argo if resource.kind == "AppProject"),
        tuple(resource for resource in argo if resource.kind == "ConfigMap"),
        tuple(expanded),
    )


def _generated(one: Expanded) -> Iterator[tuple[Resource, Generation]]:
    for made in one.expansion.applications:
        generation = Generation(one.application_set, made.generator, made.element, made.file, made.sampled)
        yield Resource(made.body, one.application_set.origin), generation


def _loose(tree: Tree, discovery: Discovery, results: dict[Build, BuildResult]) -> tuple[Build, ...]:
    """Returns the files with Argo CD objects that somebody applies by hand, such as the root Application's."""
    taken = {path for build, result in results.items() if build.type != "kustomize" for path in result.inputs}
    whole = (resource.origin.path for resource in discovery.raw if mapping(resource.body, "spec"))  # else a patch
    paths = {*discovery.broken, *whole} - taken
    return tuple(Build("file", path) for path in sorted(paths) if not _is_disabled(tree, discovery, path))


class _Threads:
    """Threads that render, made when the first build needs one: a run on plain manifests starts without them."""

    def __init__(self, jobs: int) -> None:
        self._jobs = jobs
        self._pool: ThreadPoolExecutor | None = None
        self._futures: list[Future[tuple[Rendered, ...] | Failed]] = []

    def submit(
        self, render: Callable[[object], tuple[Rendered, ...] | Failed], prepared: object
    ) -> Callable[[], tuple[Rendered, ...] | Failed]:
        """Returns what waits for the result."""
        if prepared is None or isinstance(prepared, Failed):
            return lambda: prepared or ()
        if self._pool is None:
            from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - see above

            self._pool = ThreadPoolExecutor(max(1, self._jobs))
        future = self._pool.submit(render, prepared)
        self._futures.append(future)
        return lambda: self._take(future)

    def _take(self, future: Future[tuple[Rendered, ...] | Failed]) -> tuple[Rendered, ...] | Failed:
        result = future.result()
        self._futures.remove(future)  # or what was rendered would stay in memory to the end
        return result

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Waits for nothing: what still runs when a run is given up is killed."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
        while not all(future.done() for future in self._futures):
            tools.kill_running()  # again and again, since a thread may have been about to start one
            time.sleep(0.02)


def declared_in(tree: Tree, entry: str) -> tuple[Resource, ...]:
    """Returns the Argo CD objects in the files that a directory includes, for when its build gives nothing."""
    found = []
    for item in kustomization.reachable(tree, entry):
        for reference, state in item.states.items():
            if state is State.FOUND_FILE and reference.field in {"resources", "bases"}:
                for document in tree.documents(reference.target).documents:
                    resource = Resource(mapping(document.body), Origin(path=reference.target))
                    if resource.kind in _ARGO_KINDS and resource.group == argocd.API_GROUP:
                        found.append(resource)
    return tuple(found)


def facts(
    resources: Iterable[Resource], entry: str, scope: Callable[[str], str] = lambda _: "", commit: str = ""
) -> tuple[ObjectFact, ...]:
    """Returns the facts of a build's objects; ``scope`` tells it of a kind with its group."""
    return tuple(
        ObjectFact(
            resource.api_version,
            resource.kind,
            resource.namespace,
            resource.name,
            str(resource.annotations.get(argocd.SYNC_WAVE_ANNOTATION, "")),
            str(resource.annotations.get(argocd.HOOK_ANNOTATION, "")),
            str(resource.annotations.get(argocd.SYNC_OPTIONS_ANNOTATION, "")),
            entry,
            resource.origin.path,
            deadline if isinstance(deadline := resource.get("spec", "progressDeadlineSeconds"), int) else None,
            scope(resource.group_kind),
            commit,
        )
        for resource in resources
    )


def repository(worked: Graph) -> Repository:
    """Returns what policies about the whole repository look at."""
    applications = tuple(unit.application for unit in worked.units)
    settings = {json.dumps(found := mapping(one.body, "data"), sort_keys=True): found for one in worked.settings}
    only = next(iter(settings.values())) if len(settings) == 1 else None
    return Repository(applications, worked.application_sets, worked.projects, deployed(worked), only)


def deployed(worked: Graph) -> tuple[Deployed, ...]:
    """Returns what each Application applies, as far as it was rendered."""
    return tuple(_deployed(unit, worked.results) for unit in worked.units)


def _deployed(unit: Unit, results: dict[Build, BuildResult]) -> Deployed:
    built = [results[build] for build in unit.builds if build in results]
    sources = sum(source.type != "values" for source in unit.application.sources)
    complete = not unit.unverifiable and len(built) == sources and all(result.failure is None for result in built)
    return Deployed(unit.application, tuple(fact for result in built for fact in result.objects), complete)


def argo_objects(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    """Returns those of a build's objects that decide what else is applied, and how."""
    return tuple(r for r in resources if (r.kind in _ARGO_KINDS and r.group == argocd.API_GROUP) or _is_settings(r))


def _is_settings(resource: Resource) -> bool:
    return resource.group_kind == "ConfigMap" and resource.name == "argocd-cm"


def _is_disabled(tree: Tree, discovery: Discovery, path: str) -> bool:
    folder = path.rpartition("/")[0]
    if any(item.path == kustomization.find(tree, folder) for item in discovery.kustomizations):
        return True
    return any(included.rpartition("/")[0] == folder for included in discovery.included)


def _unit(app: Application, revisions: Revisions | None) -> Unit:
    builds: list[Build] = []
    routes: list[Route] = []
    unverifiable: list[tuple[str, str]] = []
    for source in app.sources:
        if source.type == "values":
            continue
        build = _build(app, source, revisions)
        if build is not None:
            builds.append(build)
            routes.append(source.route)
        else:
            unverifiable += _unknown(source)
    return Unit(app, tuple(builds), tuple(unverifiable), tuple(routes))


def _build(app: Application, source: Source, revisions: Revisions | None) -> Build | None:
    """Returns what renders a source, None for one that cannot be rendered."""
    variables = Variables(app, source, revisions.commit if revisions is not None else lambda _: "")
    if source.type == "chart":
        chart = Chart(source.repo_url, source.chart, source.target_revision)
        entry = f"{chart.name} {chart.version}".strip()
        asked, wanted = Asked(app, source), release(app, source, variables)
        return Build("helm", entry, release=wanted, chart=chart, asked=asked)
    if not source.own or source.present != "directory":
        return None
    if source.type == "kustomize":
        edits = read_edits(mapping(source.body, "kustomize"), variables)
        return Build("kustomize", source.directory_path, edits=edits, commit=source.commit)
    if source.type == "directory":
        return Build("directory", source.directory_path, _options(source.body), commit=source.commit)
    if source.type == "helm":
        asked, wanted = Asked(app, source), release(app, source, variables)
        return Build("helm", source.directory_path, release=wanted, asked=asked, commit=source.commit)
    return None


def _unknown(source: Source) -> tuple[tuple[str, str], ...]:
    if not source.own:
        return (("repository", source.repo_url),)
    if source.type == "revision":
        return (("revision", source.target_revision),)
    return ((source.type, source.path),) if source.present == "directory" else ()


def _options(source: dict[str, object]) -> Options:
    block = mapping(source, "directory")
    return Options(block.get("recurse") is True, text(block, "include"), text(block, "exclude"))
