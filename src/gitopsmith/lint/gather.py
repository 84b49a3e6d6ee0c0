"""Brings together what builds, files, Applications and the whole repository gave, each defect once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from gitopsmith import evaluate, graph, kustomization
from gitopsmith.application import Ownership
from gitopsmith.evaluate import Judge
from gitopsmith.finding import Finding, Severity, Suppressed
from gitopsmith.graph import Build, Discovery, Graph, Unit
from gitopsmith.kustomization import FILE_NAMES, Kustomization
from gitopsmith.lint.reach import Reach
from gitopsmith.lint.undeployed import reached_files, soften
from gitopsmith.tree import Tree, join


class Work(NamedTuple):
    """What a run has worked through; with ``only`` or ``reached`` the part that it was asked about."""

    judge: Judge
    discovery: Discovery
    graph: Graph
    ownership: Ownership
    only: frozenset[str] | None
    reached: Reach | None

    def units(self) -> Iterator[Unit]:
        """Yields the Applications that it was asked about."""
        return filter(self.reached.has, self.graph.units) if self.reached is not None else iter(self.graph.units)

    def kustomizations(self) -> Iterator[Kustomization]:
        """Yields the kustomizations that it was asked about."""
        every, reached = self.discovery.kustomizations, self.reached
        return iter(every) if reached is None else (item for item in every if item.path in reached.kustomizations)


class Gathered(NamedTuple):
    """All findings, merged; what annotations silence; and the template kustomizations whose errors are left out."""

    findings: list[Finding]
    suppressed: list[Suppressed]
    templates: tuple[str, ...]


def gather(work: Work) -> Gathered:
    """Gathers all findings; where a change is linted, those about what it reaches, and about the whole repository."""
    judge, worked = work.judge, work.graph
    deployed = reached_files(judge.tree, worked.owned)
    static, broken, templates = _static_findings(work, deployed)
    findings, suppressed = _build_findings(work, broken, deployed)
    findings += _source_findings(work)
    for unit in work.units():
        known = work.ownership.how != "unknown"
        findings += evaluate.judge_application(judge, unit.application, ownership_known=known)
    for one in worked.expanded:
        findings += evaluate.judge_application_set(judge, one)
    whole = replace(
        graph.repository(worked),
        config=judge.config,
        kustomizations=work.discovery.kustomizations,
        deployed_files=deployed,
    )
    findings += evaluate.judge_repository(judge, whole)
    merged = soften(judge, work.discovery, worked, evaluate.merge([*static, *findings]))
    named = [finding for finding in merged if work.only is None or _is_named(finding, work.only, worked)]
    failed = _failed_templates(judge.tree, worked, deployed)
    return Gathered(named, suppressed, tuple(dict.fromkeys((*templates, *failed))))


def _static_findings(work: Work, deployed: frozenset[str]) -> tuple[list[Finding], frozenset[str], tuple[str, ...]]:
    """Judges every kustomization file; returns the findings, the files with errors, and the templates among those."""
    judge, reached = work.judge, work.reached
    findings: list[Finding] = []
    broken, templates = set(), []
    for item in work.discovery.kustomizations:
        found = list(evaluate.judge_kustomization(judge, item))
        kustomization.own_layer(judge.tree, item)  # while its files are parsed
        if any(finding.severity is Severity.ERROR for finding in found):
            broken.add(item.path)
            if _is_template(item, deployed):
                templates.append(item.path)
                found = [lowered for finding in found for lowered in _in_template(finding)]
        findings += found if reached is None or item.path in reached.kustomizations else ()
    including = kustomization.including(work.discovery.kustomizations)
    for item in work.kustomizations():
        findings += evaluate.judge_layer(judge, item, including)
    return findings, frozenset(broken), tuple(templates)


def _in_template(finding: Finding) -> list[Finding]:
    """Leaves out an error that filling in may mend; where there is nothing to fill in, it stays as a warning."""
    if finding.severity is not Severity.ERROR:
        return [finding]
    return [replace(finding, severity=Severity.WARNING)] if finding.rule == "kustomize-empty" else []


def _build_findings(
    work: Work, broken: frozenset[str], deployed: frozenset[str]
) -> tuple[list[Finding], list[Suppressed]]:
    judge, worked, only = work.judge, work.graph, work.only
    names: dict[Build, set[str]] = {}
    for unit in worked.units:
        for build in unit.builds:
            names.setdefault(build, set()).add(unit.application.name)
    opinions = {item.id for item in judge.policies if item.subject == "resource" and item.family in evaluate.OPINIONS}
    findings: list[Finding] = []
    suppressed: list[Suppressed] = []
    for build, result in worked.results.items():
        if only is not None and not only & set(result.inputs):
            continue
        failed = result.failure is not None and build.type == "kustomize" and not build.commit
        if failed and _is_explained(judge.tree, build, broken, deployed):
            continue
        applications = tuple(sorted(names.get(build, ())))
        opinionated = build.type == "file" or build in names
        findings += [
            replace(finding, applications=applications)
            for finding in result.findings
            if opinionated or finding.rule not in opinions
        ]
        suppressed += result.suppressed
    return findings, suppressed


def _source_findings(work: Work) -> Iterator[Finding]:
    """Yields what the sources of Applications are to blame for, at each of them that is in the work tree."""
    judge, only = work.judge, work.only
    for unit in work.units():
        app = unit.application
        for build, route in zip(unit.builds, unit.routes, strict=True) if not app.commit else ():
            result = work.graph.results[build]
            if only is None or only & {*result.inputs, app.resource.origin.path}:
                for found in result.in_sources:
                    placed = evaluate.place_in_source(judge, app, route, found)
                    severity = min(placed.severity, Severity.WARNING) if app.disabled else placed.severity
                    yield replace(placed, severity=severity, applications=(app.name,))


def _is_named(finding: Finding, only: frozenset[str], worked: Graph) -> bool:
    if finding.location.path in only:
        return True
    directory = {path.rpartition("/")[0] for path in only}
    return any(related.location.path.rpartition("/")[0] in directory for related in finding.related) or any(
        only & set(result.inputs) and finding.location.path in result.inputs for result in worked.results.values()
    )


def applied_files(worked: Graph) -> frozenset[str]:
    """Returns the paths that some build looks at, of Applications and of what stands for itself."""
    return frozenset(path for result in worked.results.values() for path in result.inputs)


def _failed_templates(files: Tree, worked: Graph, deployed: frozenset[str]) -> tuple[str, ...]:
    return tuple(
        item.path
        for build, result in worked.results.items()
        if result.failure is not None and result.failure.kind == "error" and not build.commit
        for item in kustomization.reachable(files, build.entry)
        if item.directory == result.failure.directory and _is_template(item, deployed)
    )


def _is_explained(files: Tree, build: Build, broken: frozenset[str], deployed: frozenset[str]) -> bool:
    """Tells whether a failed build needs no finding of its own: its cause has one, or it is a template."""
    reachable = list(kustomization.reachable(files, build.entry))
    own = (join(build.entry, name) for name in FILE_NAMES)  # one that links to nowhere is not reachable, and is broken
    if any(path in broken for path in (*own, *(item.path for item in reachable))):
        return True
    return any(_is_template(item, deployed) for item in reachable)


def _is_template(item: Kustomization, deployed: frozenset[str]) -> bool:
    return item.template and item.path not in deployed
