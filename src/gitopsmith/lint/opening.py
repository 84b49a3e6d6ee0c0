"""Opens what a run works with: what lies in a tree, the revisions that it asks for, and the programs that render it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from gitopsmith import application, git, graph
from gitopsmith.application import Ownership
from gitopsmith.appset import Expander, expander
from gitopsmith.asking import Program
from gitopsmith.config import Config
from gitopsmith.fetch import Store, folder
from gitopsmith.graph import Build, BuildResult, Discovery, Graph
from gitopsmith.lint.rendering import Rendering
from gitopsmith.render import Bodies, Failed, Rendered
from gitopsmith.revisions import Checkout, Elsewhere, Revisions
from gitopsmith.tree import Tree
from gitopsmith.validate import EVALUATOR

Judging = Callable[[Build, tuple[Rendered, ...] | Failed], BuildResult]


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """What a run works with, and until when: nothing of it can be rendered after the context is left."""

    tree: Tree
    discovery: Discovery
    ownership: Ownership
    rendering: Rendering
    sets: Expander
    evaluator: Program
    """What evaluates rules in CEL."""

    def work(
        self,
        judge: Judging,
        *,
        jobs: int,
        start: Iterable[Build] = (),
        prepare: Callable[[Build], object] | None = None,
        discovery: Discovery | None = None,
    ) -> Graph:
        """Renders and judges all that is applied, in ``jobs`` threads, or as many as there are processors for 0.

        ``prepare`` may leave builds out, and another ``discovery`` roots.
        """
        return graph.work(
            self.tree,
            discovery or self.discovery,
            self.ownership,
            prepare or self.rendering.prepare,
            self.rendering.render,
            judge,
            jobs or os.cpu_count() or 1,
            start,
            self.sets.expand,
            self.rendering.revisions,
        )


@contextlib.contextmanager
def opened(files: Tree, said: Config, checkout: Checkout, *, timeout: float, fetch: bool) -> Iterator[Opened]:
    """Yields what a run over a tree works with; ``said`` is what its repository says about itself."""
    discovery = graph.discover(files)
    ownership = application.ownership(said.urls, git.remotes(checkout.folder), discovery.sourcing, files)
    asked = application.asked_revisions(discovery.declared, ownership)
    elsewhere = Elsewhere(Store(folder()), fetch, timeout) if not checkout.compared else None
    expanding = contextlib.closing(expander(files, ownership, said, timeout))
    evaluating = contextlib.closing(Program(EVALUATOR, timeout))
    opening = rendering(files, said, checkout, timeout=timeout, fetch=fetch, asked=asked, elsewhere=elsewhere)
    with expanding as sets, evaluating as evaluator, opening as able:
        yield Opened(files, discovery, ownership, able, sets, evaluator)


@contextlib.contextmanager
def rendering(
    files: Tree,
    said: Config,
    checkout: Checkout,
    *,
    timeout: float,
    fetch: bool,
    asked: Mapping[str, int] | None = None,
    elsewhere: Elsewhere | None = None,
) -> Iterator[Rendering]:
    """Yields what renders the builds of a tree, in whichever revision; ``asked`` counts who asks for each."""
    with Revisions(files, checkout, asked or {}, elsewhere) as revisions:
        able = Rendering(files, Bodies(), timeout, said.kubernetes, fetch, said.build_options, revisions)
        with contextlib.closing(able):
            yield able
