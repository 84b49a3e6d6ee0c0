"""Lints with the pipeline as it is, and keeps what a report leaves out: the graph, and the CPU of every stage."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import figures, renders
from bench.figures import Costs
from bench.repositories import KUBERNETES

from gitopsmith import graph
from gitopsmith import lint as pipeline
from gitopsmith.config import FILE_NAME
from gitopsmith.finding import Failure, Report
from gitopsmith.graph import Graph


@dataclass(slots=True)
class Linted:
    """What one lint run gave, with what its report leaves out."""

    report: Report
    graph: Graph
    core: int


def report(root: Path, select: tuple[str, ...] = (), jobs: int = 0, settings: str = "") -> Report:
    """Lints a folder as the command does, with some configuration or without any; empty where nothing is to lint.

    The configuration is written beside what is linted, and stays there.
    """
    if settings:
        (root / FILE_NAME).write_text(settings, encoding="utf-8")
    options = pipeline.Options(paths=(root,), select=select, kubernetes=KUBERNETES, isolated=not settings, jobs=jobs)
    try:
        return pipeline.lint(options)
    except Failure as failure:
        if failure.status != 2:
            raise
        return Report(())


def lint(root: Path, costs: Costs) -> Linted:
    """Lints a repository and notes the CPU of every stage, and the objects of core kinds."""
    with watched(costs) as kept:
        found = report(root)
    objects = [fact for result in kept[0].results.values() for fact in result.objects]
    return Linted(found, kept[0], sum(renders.is_core(fact.api_version, fact.kind) for fact in objects))


@contextmanager
def watched(costs: Costs) -> Iterator[list[Graph]]:
    """Lets the pipeline run as it is, and keeps what passes through it."""
    kept: list[Graph] = []
    work, clock = graph.work, pipeline.Clock

    class Clock(clock):  # type: ignore[valid-type,misc] # a variable, because the name is put back afterwards
        since = figures.now()

        def lap(self, stage: str) -> None:
            super().lap(stage)
            costs.add(f"lint: {stage}", figures.now() - type(self).since)
            type(self).since = figures.now()

    def kept_work(*arguments: Any, **options: Any) -> Graph:
        kept.append(work(*arguments, **options))
        return kept[-1]

    graph.work, pipeline.Clock = kept_work, Clock  # type: ignore[misc]
    try:
        yield kept
    finally:
        graph.work, pipeline.Clock = work, clock  # type: ignore[misc]
