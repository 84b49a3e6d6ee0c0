"""Looks at the repository around some paths, and tells which part of it they reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from gitopsmith.applied.deliveries import Delivery
from gitopsmith.applied.working import Applied, look, settings
from gitopsmith.finding import Failure
from gitopsmith.graph import Build, Unit
from gitopsmith.lint.scope import Options, find_root, open_files, restriction
from gitopsmith.revisions import Checkout


def look_around(
    paths: Sequence[Path], *, jobs: int = 0, timeout: float, fetch: bool = False
) -> tuple[Applied, frozenset[str] | None]:
    """Returns what Argo CD applies of the repository around the paths, and the files that these name; None for all.

    Raises Failure for a path that does not exist, and where nothing is applied.
    """
    options = Options(paths=tuple(paths))
    root = find_root(options)
    files = open_files(options, root)
    applied = look(files, settings(files), Checkout(root), jobs=jobs, timeout=timeout, fetch=fetch)
    if not applied.graph.results and not applied.graph.units:
        raise Failure(f"nothing to show in {root}: no Application, no kustomization and no manifest is there")
    return applied, restriction(options, root, files)


def touched(applied: Applied, delivery: Delivery, only: frozenset[str]) -> bool:
    """Tells whether one of the files declares what delivers, or is read to build what is delivered."""
    if delivery.application and delivery.application.resource.origin.path in only:
        return True
    results = applied.graph.results
    return any(only & set(results[build].inputs) for build in delivery.builds if build in results)


def reached(applied: Applied, only: frozenset[str]) -> Applied:
    """Leaves the builds that read one of the files, the Applications that such a file declares, and who brings them."""
    results = applied.graph.results
    kept = {build for build, result in results.items() if only & set(result.inputs)}
    units = [unit for unit in applied.graph.units if _names(unit, only)]
    while True:
        more = [unit for unit in applied.graph.units if unit not in units and kept & set(unit.builds)]
        bringing = {build for build in results if any(_brings(applied, build, unit) for unit in (*units, *more))}
        if not more and bringing <= kept:
            break
        units += more
        kept |= bringing
    kept |= {build for unit in units for build in unit.builds}
    graph = replace(
        applied.graph,
        results={build: result for build, result in results.items() if build in kept},
        units=tuple(unit for unit in applied.graph.units if unit in units),
    )
    return replace(applied, graph=graph)


def _names(unit: Unit, only: frozenset[str]) -> bool:
    return unit.application.resource.origin.path in only


def _brings(applied: Applied, build: Build, unit: Unit) -> bool:
    app = unit.application
    named = (*app.key, app.resource.origin.path)
    return any(
        one is app.resource
        or (one.kind == "Application" and (one.namespace or "argocd", one.name, one.origin.path) == named)
        for one in applied.graph.results[build].argo
    )
