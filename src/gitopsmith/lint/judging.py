"""Judges what a run works through: all of it, or what a change reaches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gitopsmith import evaluate
from gitopsmith.config import Config
from gitopsmith.evaluate import Judge
from gitopsmith.finding import Severity
from gitopsmith.graph import Build, BuildResult, Graph
from gitopsmith.lint.definitions import definitions
from gitopsmith.lint.opening import Opened
from gitopsmith.lint.reach import Reach, may_lead, reach
from gitopsmith.lint.scope import Options, reached, start
from gitopsmith.policy import Policy
from gitopsmith.validate import Rules, Schemas


def judge_of(
    options: Options,
    settings: Config,
    run: Opened,
    policies: tuple[Policy, ...],
    rules: Mapping[str, Severity],
) -> Judge:
    files, rendering = run.tree, run.rendering
    schemas = Schemas(settings.kubernetes, definitions(files))
    second = None
    if options.engine == "kubeconform":
        from gitopsmith.validate.kubeconform import Kubeconform  # noqa: PLC0415 - most runs do without it

        second = Kubeconform(schemas).check
    return Judge(
        files,
        policies,
        rules,
        schemas,
        second,
        Rules(schemas, run.evaluator) if "schema-rule-broken" in rules else None,
        rendering.origin,
        rendering.edited,
        rendering.bodies,
        settings,
    )


def work(options: Options, judge: Judge, run: Opened, only: frozenset[str] | None, change: Reach | None) -> Graph:
    """Works through what ``only`` names, or through everything; of the latter, judges what a change reaches."""

    def judge_one(build: Build, rendered: Any) -> BuildResult:
        there = replace(judge, tree=run.rendering.revision(build.commit))
        if change is not None and build in change.left_out and not build.commit:
            return evaluate.read_build(judge, build, rendered)
        if build.is_rendered:
            return evaluate.judge_build(judge, build, rendered)
        return evaluate.judge_files(there, build, evaluate.files_of(there.tree, build))

    found = run.discovery
    roots = found if only is None else replace(found, roots=reached(judge.tree, found, only))
    return run.work(judge_one, jobs=options.jobs, start=start(judge.tree, found, only), discovery=roots)


def find_reach(options: Options, judge: Judge, run: Opened) -> Reach | None:
    """Returns what the changed files reach, None where none are named; renders only what may lead to Applications."""
    if options.change is None:
        return None
    tree = judge.tree

    def prepare(build: Build) -> object:
        return run.rendering.prepare(build) if may_lead(tree, build) else None

    def read(build: Build, rendered: Any) -> BuildResult:
        if may_lead(tree, build):
            return evaluate.read_build(replace(judge, tree=run.rendering.revision(build.commit)), build, rendered)
        return BuildResult(build, inputs=evaluate.inputs(tree, build))

    begin = start(tree, run.discovery, None)
    outline = run.work(read, jobs=options.jobs, start=begin, prepare=prepare)
    return reach(tree, run.discovery, outline, options.change)
