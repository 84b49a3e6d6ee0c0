"""Works through a repository as ``lint`` does, and keeps the manifests instead of judging them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from gitopsmith import argocd, config, evaluate, graph, policy
from gitopsmith.applied.written import written
from gitopsmith.config import Config
from gitopsmith.finding import ObjectName
from gitopsmith.graph import Build, BuildResult, Discovery, Graph
from gitopsmith.lint import opening
from gitopsmith.lint.opening import opened
from gitopsmith.lint.rendering import Rendering
from gitopsmith.manifest import Resource
from gitopsmith.render import Failed, Rendered, directory, kustomize, resources
from gitopsmith.revisions import Checkout
from gitopsmith.tree import Tree, is_yaml


class Manifest(NamedTuple):
    """One object as it is applied: its YAML, and the resource that it is."""

    text: str
    resource: Resource

    @property
    def object(self) -> ObjectName:
        return self.resource.object


Skip = Callable[[Build, Tree], bool]
_Results = dict[Build, tuple[Manifest, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Applied:
    """All that Argo CD applies of one tree. Builds that were ``skipped`` have no manifests here, and no objects."""

    tree: Tree
    said: Config
    checkout: Checkout
    discovery: Discovery
    graph: Graph
    manifests: _Results
    skipped: frozenset[Build]
    renderer: str
    timeout: float
    fetch: bool


def settings(files: Tree) -> Config:
    """Returns what a repository says about itself. Raises Failure where its configuration file is wrong."""
    path = files.root / config.FILE_NAME
    if not path.is_file():
        return Config()
    return config.read(path, policy.names())


def look(
    files: Tree,
    said: Config,
    checkout: Checkout,
    *,
    jobs: int = 0,
    timeout: float = kustomize.TIMEOUT,
    fetch: bool = False,
    skip: Skip = lambda *_: False,
) -> Applied:
    """Renders everything that Argo CD applies of a tree, and every kustomization that nobody deploys.

    ``said`` is what the repository says about itself; ``checkout`` has the other revisions that its Applications ask
    for. A build that ``skip`` takes, with the files that it is in, is not rendered. Raises Failure where there is no
    renderer.
    """
    manifests: _Results = {}
    skipped: set[Build] = set()
    with opened(files, said, checkout, timeout=timeout, fetch=fetch) as run:
        rendering = run.rendering

        def prepare(build: Build) -> object:
            if skip(build, rendering.revision(build.commit)):
                skipped.add(build)
                return None
            return rendering.prepare(build)

        def judge(build: Build, rendered: tuple[Rendered, ...] | Failed) -> BuildResult:
            inputs = evaluate.inputs(files, build)
            if build in skipped:
                return BuildResult(build, inputs=inputs)
            found = _manifests(rendering, build, rendered)
            if isinstance(found, Failed):
                argo = _declared(files, build) if not build.commit else ()
                return BuildResult(build, argo=argo, failure=found, inputs=inputs)
            manifests[build] = found
            objects = tuple(manifest.resource for manifest in found)
            facts = graph.facts(objects, build.entry, commit=build.commit)
            return BuildResult(build, objects=facts, argo=graph.argo_objects(objects), inputs=inputs)

        worked = run.work(judge, jobs=jobs, start=_start(files, run.discovery), prepare=prepare)
    return Applied(
        *(files, said, checkout, run.discovery, worked, manifests, frozenset(skipped)),
        renderer=rendering.programs,
        timeout=timeout,
        fetch=fetch,
    )


def complete(applied: Applied, wanted: Iterable[Build]) -> Applied:
    """Renders what was skipped and is wanted after all."""
    results, manifests = dict(applied.graph.results), dict(applied.manifests)
    late = applied.skipped & set(wanted)
    told = (applied.tree, applied.said, applied.checkout)
    with opening.rendering(*told, timeout=applied.timeout, fetch=applied.fetch) as rendering:
        for build in sorted(late, key=order):
            prepared = rendering.prepare(build)
            rendered = prepared if isinstance(prepared, Failed) else rendering.render(prepared) if prepared else ()
            found = _manifests(rendering, build, rendered)
            if isinstance(found, Failed):
                results[build] = replace(results[build], failure=found)
            else:
                manifests[build] = found
    return replace(
        applied,
        graph=replace(applied.graph, results=results),
        manifests=manifests,
        skipped=applied.skipped - late,
        renderer=applied.renderer or rendering.programs,
    )


def _start(files: Tree, discovery: Discovery) -> tuple[Build, ...]:
    """Returns the manifests of a folder without any Application or kustomization: they are all there is."""
    if discovery.kustomizations or any(resource.kind == "Application" for resource in discovery.raw):
        return ()
    return tuple(Build("file", path) for path in files.files if is_yaml(path) and _holds_objects(files, path))


def _holds_objects(files: Tree, path: str) -> bool:
    return bool(files.documents(path).problems) or bool(directory.read(files, (path,)))


def _manifests(
    rendering: Rendering, build: Build, rendered: tuple[Rendered, ...] | Failed
) -> tuple[Manifest, ...] | Failed:
    if isinstance(rendered, Failed):
        return rendered
    if not build.is_rendered:
        return _plain(rendering.revision(build.commit), build)
    texts = [item for item in rendered if isinstance(rendering.bodies.parse(item.text)[1], dict)]
    found = (resource for _, resource in resources(tuple(texts), rendering.bodies))
    return tuple(Manifest(_block(item.text, resource), resource) for item, resource in zip(texts, found, strict=False))


def _block(text: str, resource: Resource) -> str:
    """Returns the text of an object in YAML's block style, so that it can be compared line by line."""
    return written(resource.body) if text.lstrip().startswith("{") else text


def _plain(files: Tree, build: Build) -> tuple[Manifest, ...] | Failed:
    """Reads manifests that are applied as they are; one broken file is enough for Argo CD to give up all of them."""
    paths = evaluate.files_of(files, build)
    for path in paths:
        problem = next(iter(files.documents(path).problems), None)
        if (
            problem
            and problem.rule == "yaml-syntax"
            and (build.type == "file" or directory.is_insisted_on(files, path))
        ):
            return Failed("error", f"{path}:{problem.line}: {problem.message}", build.entry)
    return tuple(Manifest(written(resource.body), resource) for resource in directory.read(files, paths))


def _declared(files: Tree, build: Build) -> tuple[Resource, ...]:
    """Returns the Argo CD objects that a failed build would give, as far as files tell."""
    if build.is_rendered:
        return graph.declared_in(files, build.entry)
    return graph.argo_objects(directory.read(files, evaluate.files_of(files, build)))


def speaks_of_argo(files: Tree, build: Build) -> bool:
    """Tells whether a build of the files may give Applications, which decide what else there is to render."""
    name = argocd.API_GROUP.encode()
    return any(name in (files.data(path) or b"") for path in evaluate.inputs(files, replace(build, commit="")))


def unchanged(base: Tree, head: Tree) -> Skip:
    """Returns what tells whether a build gives the same on both sides, and no Application that would lead further."""
    known: dict[Build, bool] = {}

    def is_unchanged(build: Build, files: Tree) -> bool:
        if build not in known:
            same = evaluate.inputs(base, build) == evaluate.inputs(head, build)
            known[build] = same and not speaks_of_argo(files, build)
        return known[build]

    return is_unchanged


def order(build: Build) -> tuple[str, ...]:
    """Returns what to sort builds by."""
    told = (build.options, build.release or "", build.chart or "", build.edits)
    return (build.entry, build.type, build.commit, *map(str, told))
