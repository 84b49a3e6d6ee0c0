"""Runs a difference: both sides are read and worked through, and then compared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from gitopsmith import lint
from gitopsmith.applied import Applied, Delivery, complete, deliveries, look, settings
from gitopsmith.applied.sides import Side
from gitopsmith.applied.working import unchanged
from gitopsmith.config import Config, Environment
from gitopsmith.diff import comparing, highlighting, pairing, refusing
from gitopsmith.diff.findings import compared_findings
from gitopsmith.diff.highlighting import Compared
from gitopsmith.diff.revisions import opened
from gitopsmith.diff.values import Difference
from gitopsmith.finding import Failure
from gitopsmith.graph import Build
from gitopsmith.render import kustomize


@dataclass(frozen=True, slots=True)
class Options:
    """What to compare: an empty base is where the head left the default branch, an empty head the work tree."""

    base: str = ""
    head: str = ""
    findings: bool = False
    jobs: int = 0
    timeout: float = kustomize.TIMEOUT
    fetch: bool = False


def diff(options: Options) -> Difference:
    """Returns the rendered difference of two revisions of the repository around the current folder.

    Raises Failure for a revision that is not there, a configuration that is wrong, and where there is no renderer.
    """
    with opened(options.base, options.head) as (base, head):
        found = difference(base, head, options)
        if not options.findings:
            return found
        new, fixed = compared_findings(base, head, lint.Options(timeout=options.timeout, fetch=options.fetch))
        return replace(found, new=new, fixed=fixed)


def difference(base: Side, head: Side, options: Options) -> Difference:
    """Works through both sides, and compares them; a build that reads the same on both is rendered on neither."""
    said, notes = settings(head.tree), []
    try:
        said_before = settings(base.tree)
    except Failure:
        said_before, notes = said, [f"the configuration of {base.name} is wrong; that of {head.name} is taken for both"]
    skip = unchanged(base.tree, head.tree)
    looked = partial(look, jobs=options.jobs, timeout=options.timeout, fetch=options.fetch, skip=skip)
    before = looked(base.tree, said_before, base.checkout)
    before, after = _completed(before, looked(head.tree, said, head.checkout))
    known = _environments(said_before, said)
    compared = tuple(_comparable(before, after, known))
    sections = (comparing.section(one.before, one.after, known, uncertain) for one, uncertain in compared)
    kept = tuple(one for one in sections if one.what or one.uncertain)
    both = tuple(one for one, _ in compared)
    return Difference(
        base.name,
        head.name,
        comparing.grouped(kept, known),
        tuple(highlighting.highlights(both)),
        tuple(highlighting.losses(both)),
        tuple(refusing.refusals(both)),
        tuple(notes),
        renderer=after.renderer or before.renderer,
    )


def _completed(before: Applied, after: Applied) -> tuple[Applied, Applied]:
    """Renders what was left out for being unchanged, where another set of builds is delivered now."""
    wanted: set[Build] = set()
    for old, new in pairing.deliveries(deliveries(before), deliveries(after)):
        builds = [set(one.builds) if one else set() for one in (old, new)]
        if builds[0] != builds[1]:
            wanted |= builds[0] | builds[1]
    return complete(before, wanted), complete(after, wanted)


def _environments(before: Config, after: Config) -> tuple[Environment, ...]:
    """Returns the environments of both sides; one that either side protects is protected, whoever changes that."""
    old = {one.name: one for one in before.environments}
    merged = [
        one._replace(
            protected=one.protected or (one.name in old and old[one.name].protected),
            paths=tuple(dict.fromkeys((*one.paths, *(old[one.name].paths if one.name in old else ())))),
        )
        for one in after.environments
    ]
    names = {one.name for one in merged}
    return (*merged, *(one for one in before.environments if one.name not in names))


def _comparable(
    before: Applied, after: Applied, known: tuple[Environment, ...]
) -> Iterator[tuple[Compared, tuple[str, ...]]]:
    """Yields both states of every delivery, without what could not be rendered on one side, and why that is so."""
    for old, new in pairing.deliveries(deliveries(before), deliveries(after)):
        failed = _failed(before, old) | _failed(after, new)
        same = {build for build in failed if _same_inputs(before, after, build)}
        uncertain = tuple(
            dict.fromkeys(
                _why(one, build) for build in failed - same for one in (after, before) if build in one.graph.results
            )
        )
        unknown = _unknown(old, new)
        states = _without(before, old, failed), _without(after, new, failed)
        if unknown and states[0] and states[1]:
            states = replace(states[0], manifests=()), replace(states[1], manifests=())
        places = {name for one in (old, new) if one for name in one.environments(known)}
        names = tuple(one.name for one in known if one.name in places)
        yield Compared(states[0], states[1], names), tuple(filter(None, (*uncertain, *unknown)))


def _unknown(old: Delivery | None, new: Delivery | None) -> tuple[str, ...]:
    """Returns why a source of one side cannot be looked at that is another one on the other side."""
    before, after = (one.unknown if one else () for one in (old, new))
    return () if before == after else tuple(dict.fromkeys((*before, *after)))


def _failed(applied: Applied, delivery: Delivery | None) -> set[Build]:
    results = applied.graph.results
    return {build for build in (delivery.builds if delivery else ()) if build in results and results[build].failure}


def _same_inputs(before: Applied, after: Applied, build: Build) -> bool:
    old, new = before.graph.results.get(build), after.graph.results.get(build)
    return old is not None and new is not None and old.inputs == new.inputs


def _why(applied: Applied, build: Build) -> str:
    failure = applied.graph.results[build].failure
    return f"{build.entry or '.'} cannot be rendered: {failure.message}" if failure else ""


def _without(applied: Applied, delivery: Delivery | None, failed: set[Build]) -> Delivery | None:
    """Leaves out the builds that failed on either side: what they give cannot be compared."""
    if delivery is None or not failed:
        return delivery
    kept = tuple(build for build in delivery.builds if build not in failed)
    # Where the failed build is another one than before, nothing says which objects are whose.
    manifests = tuple(one for build in kept for one in applied.manifests.get(build, ()))
    return replace(delivery, manifests=manifests if failed & set(delivery.builds) else ())
