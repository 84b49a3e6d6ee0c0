"""Renders and judges everything that Argo CD applies, however deep Applications nest."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator

from gitopsmith import application
from gitopsmith.application import Application, Generation, Ownership
from gitopsmith.appset import NOT_EXPANDED, Expansion
from gitopsmith.graph.build import Build, BuildResult, Expanded, Graph, Unit
from gitopsmith.graph.discovery import Discovery, is_disabled
from gitopsmith.graph.facts import SETTINGS, is_control
from gitopsmith.graph.threads import Threads
from gitopsmith.graph.units import unit_of
from gitopsmith.manifest import Resource, mapping
from gitopsmith.render import Failed, Rendered
from gitopsmith.revisions import Revisions
from gitopsmith.tree import Tree


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
            **({"find_elsewhere": revisions.find_elsewhere} if revisions is not None else {}),
        )
        units.append(unit_of(read, revisions))
        add(units[-1].builds)

    def adopt(resources: Iterable[Resource], entry: str | None, commit: str = "") -> None:
        for resource in resources:
            disabled = entry is None and is_disabled(tree, discovery, resource.origin.path)
            if resource.kind == "Application":
                enlist(Application(resource, (), entry, disabled, None, commit))
            elif resource.kind == "ApplicationSet":
                expanded.append(Expanded(resource, expand(resource), entry, disabled))
                for one, generation in _generated(expanded[-1]):
                    enlist(Application(one, (), entry, disabled, generation, commit))

    adopt(discovery.raw, None)
    add(start)
    add(Build("kustomize", root) for root in discovery.roots)
    with Threads(jobs) as threads:
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
        tuple(one for result in results.values() for one in _settings(result)),
        tuple(expanded),
        tuple(one for one in argo if is_control(one)),
    )


def _settings(result: BuildResult) -> Iterator[Resource]:
    """Yields what a build makes of argocd-cm, as long as all of it is known."""
    if result.failure is None:
        yield from (one for one in result.argo if is_control(one) and one.name == SETTINGS)


def _generated(one: Expanded) -> Iterator[tuple[Resource, Generation]]:
    for made in one.expansion.applications:
        generation = Generation(one.application_set, made.generator, made.element, made.file, made.sampled)
        yield Resource(made.body, one.application_set.origin), generation


def _loose(tree: Tree, discovery: Discovery, results: dict[Build, BuildResult]) -> tuple[Build, ...]:
    """Returns the files with Argo CD objects that somebody applies by hand, such as the root Application's."""
    taken = {path for build, result in results.items() if build.type != "kustomize" for path in result.inputs}
    whole = (resource.origin.path for resource in discovery.raw if mapping(resource.body, "spec"))  # else a patch
    paths = {*discovery.broken, *whole} - taken
    return tuple(Build("file", path) for path in sorted(paths) if not is_disabled(tree, discovery, path))
