"""Kustomization files, and the YAML that they name, without building anything."""

from __future__ import annotations

from collections.abc import Iterator

from gitopsmith import kustomization as kustomizations
from gitopsmith.documents import Problem
from gitopsmith.evaluate.judge import Judge
from gitopsmith.evaluate.mending import fix_of, in_file
from gitopsmith.evaluate.placing import place_in_kustomization
from gitopsmith.finding import Finding, Location, Related
from gitopsmith.kustomization import Kustomization, State
from gitopsmith.policy import Violation
from gitopsmith.tree import is_yaml
from gitopsmith.validate import check_kustomization


def judge_kustomization(judge: Judge, item: Kustomization) -> Iterator[Finding]:
    """Yields what is wrong with a kustomization file and the YAML files that it names, without building it."""
    yield from file_findings(judge, item.path)
    if item.document is None and item.problems:
        return
    violations: list[tuple[str, Violation]] = []
    for policy in judge.of("kustomization"):
        assert policy.check is not None
        violations += [(policy.id, violation) for violation in policy.check(item)]
    for problem in check_kustomization(item.body) if item.body else ():
        if problem.rule in judge.rules:
            violations.append((problem.rule, Violation(problem.route, problem.message)))
    yield from (place_in_kustomization(judge, item, rule, violation) for rule, violation in violations)
    for reference, state in item.states.items():
        if state is State.FOUND_FILE and is_yaml(reference.target) and reference.field not in {
            "configMapGenerator", "secretGenerator", "helmCharts", "helmChartInflationGenerator",
        }:  # fmt: skip
            yield from file_findings(judge, reference.target)


def judge_layer(judge: Judge, item: Kustomization, including: dict[str, set[str]]) -> Iterator[Finding]:
    """Yields what a kustomization changes in vain. ``including`` are the directories that include each directory."""
    if kustomizations.overrides(item):
        layer = kustomizations.layer(judge.tree, item, including)
        for policy in judge.of("layer"):
            assert policy.check is not None
            for violation in policy.check(layer):
                yield place_in_kustomization(judge, item, policy.id, violation, layer)


def file_findings(judge: Judge, path: str) -> Iterator[Finding]:
    """Yields the problems of a file as YAML."""
    for problem in judge.tree.documents(path).problems:
        if problem.rule in judge.rules:
            yield _problem_finding(judge, path, problem)


def _problem_finding(judge: Judge, path: str, problem: Problem) -> Finding:
    first = Location(path, problem.first_line, 1, problem.first_line, 2)
    related = (Related(first, "the first one stands here"),) if problem.first_line else ()
    location, said = problem.location(path), Violation((), problem.message)
    fix = fix_of(judge, problem.rule, problem, said, in_file(judge.tree.real(path)))
    return Finding(problem.rule, judge.rules[problem.rule], problem.message, location, related=related, fix=fix)
