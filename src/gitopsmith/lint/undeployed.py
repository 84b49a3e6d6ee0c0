"""Lowers errors where nothing leads that runs: what is left over breaks nothing.

Somebody applies the first Applications by hand. Which those are is not written anywhere; they are told by their
company: a folder of Applications is applied when one of them brings further ones. Where that reaches less than half of
all Applications, the repository is no such tree, and all of them count.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from gitopsmith import kustomization
from gitopsmith.evaluate import Judge
from gitopsmith.finding import Finding, Severity
from gitopsmith.graph import Build, Discovery, Graph, Unit
from gitopsmith.tree import Tree

EVERYWHERE = frozenset({"secrets"})
"""Families that ask who can read a file, and not who deploys it."""
BRINGING = frozenset({"Application", "ApplicationSet"})

File = str
Place = tuple[str, str]
"""What was built, and in which commit."""


def reached_files(tree: Tree, builds: Iterable[Build]) -> frozenset[File]:
    """Returns the kustomization files that builds take, those that fail too."""
    return frozenset(
        item.path
        for build in builds
        if build.type == "kustomize" and not build.commit
        for item in kustomization.reachable(tree, build.entry)
    )


def soften(judge: Judge, discovery: Discovery, worked: Graph, findings: list[Finding]) -> list[Finding]:
    """Returns the findings, those errors as warnings that are about Applications and builds that nothing applies.

    Where no Application deploys anything of the repository, somebody else does, and where it is not known what an
    ApplicationSet generates, that may be anything: errors stay errors.
    """
    is_known = not any(one.expansion.unverifiable for one in worked.expanded)
    if not is_known or all(build.commit for build in worked.owned):
        return findings
    left = _left(judge.tree, discovery, worked)
    families = {item.id: item.family for item in judge.policies}
    return [
        _lowered(finding)
        if finding.severity is Severity.ERROR
        and finding.location.path in left
        and families.get(finding.rule) not in EVERYWHERE
        else finding
        for finding in findings
    ]


def _lowered(finding: Finding) -> Finding:
    return replace(finding, severity=Severity.WARNING, message=f"{finding.message} (nothing here deploys it)")


def _left(tree: Tree, discovery: Discovery, worked: Graph) -> frozenset[File]:
    """Returns the files of Applications that nothing applies, and of builds that no other Application deploys."""
    files = {_file(unit) for unit in worked.units}
    alive = _alive(worked)
    if 2 * len(alive) < len(files):
        alive = files
    living = {build for unit in worked.units if _file(unit) in alive for build in unit.builds}
    by_hand = {build for build in worked.results if _is_applied(worked, build, files - alive)}
    used = {*alive, *_inputs(worked, living | (by_hand - worked.owned)), *reached_files(tree, living)}
    built = {*_inputs(worked, worked.results), *(item.path for item in discovery.kustomizations)}
    return frozenset((built | files) - used)


def _is_applied(worked: Graph, build: Build, dead: set[File]) -> bool:
    """Tells whether somebody applies by hand what no Application deploys: it holds what configures Argo CD."""
    if build.type == "file":
        return build.entry not in dead
    return any(one.origin.path not in dead for one in worked.results[build].argo)


def _file(unit: Unit) -> File:
    return unit.application.resource.origin.path


def _inputs(worked: Graph, builds: Iterable[Build]) -> Iterator[File]:
    return (path for build in builds for path in worked.results[build].inputs)


def _alive(worked: Graph) -> set[File]:
    """Returns the files of the Applications that somebody applies by hand, and of all that these bring."""
    owners = _owners(worked)
    alive = set(_by_hand(worked))
    while further := {_file(unit) for unit in worked.units if _brought(unit, owners) & alive} - alive:
        alive |= further
    return alive


def _owners(worked: Graph) -> Mapping[Place, set[File]]:
    """Returns by what is built the files of the Applications that deploy it."""
    owners: dict[Place, set[File]] = {}
    for unit in worked.units:
        for build in unit.builds if not unit.application.disabled else ():
            owners.setdefault((build.entry, build.commit), set()).add(_file(unit))
    return owners


def _brought(unit: Unit, owners: Mapping[Place, set[File]]) -> set[File]:
    """Returns the files of the Applications that bring this one."""
    application = unit.application
    return owners.get((application.entry, application.commit), set()) if application.entry is not None else set()


def _by_hand(worked: Graph) -> Iterator[File]:
    """Yields the files in folders that hold an Application that brings others: one of them may bring these in turn."""
    living = [unit for unit in worked.units if not unit.application.disabled]
    bringing = {_folder(unit) for unit in living if _brings(worked, unit)}
    return (_file(unit) for unit in living if _folder(unit) in bringing)


def _brings(worked: Graph, unit: Unit) -> bool:
    """Tells whether an Application brings others, or is one of a set."""
    argo = (one for build in unit.builds for one in worked.results[build].argo)
    return unit.application.generation is not None or any(one.kind in BRINGING for one in argo)


def _folder(unit: Unit) -> str:
    return _file(unit).rpartition("/")[0]
