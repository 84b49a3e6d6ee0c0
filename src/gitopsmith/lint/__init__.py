"""The pipeline: a repository in, a report out."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gitopsmith import evaluate, policy, suppress
from gitopsmith.config import Config
from gitopsmith.evaluate import Judge
from gitopsmith.finding import Failure, Finding, Report, Severity
from gitopsmith.graph import Build, BuildResult, Graph
from gitopsmith.lint.account import TOOL_FAILURES, notes, scope_note, summary
from gitopsmith.lint.checks import check_health
from gitopsmith.lint.definitions import definitions
from gitopsmith.lint.encrypted import check_encrypted
from gitopsmith.lint.gather import gather, judged
from gitopsmith.lint.opening import Opened, opened
from gitopsmith.lint.rendering import Rendering
from gitopsmith.lint.scope import Options, find_root, open_files, reached, restriction, start
from gitopsmith.lint.settings import active_rules, settings_of, shown
from gitopsmith.lint.silencing import Silencing, find_baseline, stale_note
from gitopsmith.policy import Policy
from gitopsmith.revisions import Checkout
from gitopsmith.tree import Tree
from gitopsmith.validate import Schemas

__all__ = ["Options", "lint", "show_config", "status", "write_baseline"]


@dataclass(slots=True)
class Clock:
    """Wall seconds spent, by stage."""

    seconds: dict[str, float] = field(default_factory=dict)
    _since: float = field(default_factory=time.perf_counter)

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = round(self.seconds.get(stage, 0.0) + now - self._since, 3)
        self._since = now


def lint(options: Options) -> Report:
    """Lints a repository, or the part of it that ``options.paths`` reach.

    Raises Failure for wrong usage or configuration, for a tree with nothing to lint, and where there is no renderer.
    """
    was_collecting = gc.isenabled()
    gc.disable()  # the run keeps nearly all that it makes, and a collector that walks it again and again costs a fifth
    try:
        return _lint(options)
    finally:
        if was_collecting:
            gc.enable()


def _lint(options: Options) -> Report:
    clock = Clock()
    root = find_root(options)
    policies = policy.load()
    settings = settings_of(options, root, policies)
    rules = active_rules(policies, settings, options)
    baseline_path = find_baseline(options, root)
    baseline = suppress.read(baseline_path) if baseline_path is not None else suppress.Baseline(())
    files = open_files(options, root)
    only = restriction(options, root, files)
    checkout = options.checkout or Checkout(root)
    with opened(files, settings, checkout, timeout=options.timeout, fetch=options.fetch) as run:
        judge = _judge(options, settings, run.rendering, policies, rules.judged)
        clock.lap("discover")
        worked = _work(options, judge, run, start(files, run.discovery, only), only)
        clock.lap("render and judge builds")
        gathered = gather(judge, run.discovery, worked, run.ownership, only)
    seen = judged(judge, run.discovery, worked, run.ownership, only)
    checked = check_health(judge, only)
    encrypted = check_encrypted(judge, only)
    found = (*(evaluate.merge([*gathered.findings, *encrypted]) if encrypted else gathered.findings), *checked.findings)
    silencing = Silencing(files, settings, policies, rules, options.today, seen, baseline)
    kept, silenced, stale = silencing.silence(found)
    clock.lap("judge the rest")
    return Report(
        findings=tuple(kept),
        notes=(
            *(() if checked.checks else scope_note(options, only, worked, kept)),
            *notes(judge, worked, run.ownership, gathered.templates),
            *checked.notes,
            *(stale_note(stale, baseline_path) if only is None and not (options.select or options.ignore) else ()),
        ),
        suppressed=(*gathered.suppressed, *silenced),
        summary=summary(files, worked, dict(clock.seconds)),
        renderer=run.rendering.programs,
        schemas=judge.schemas.label,
        sources=_sources(files, kept),
        rules={item.id: item.summary for item in policies if item.id in rules.judged},
        documentation={item.id: item.documentation for item in policies if item.id in rules.judged},
        secret_rules=frozenset(item.id for item in policies if item.masked),
    )


def show_config(options: Options) -> str:
    """Returns the configuration that a run with these options has, as YAML. Raises Failure as ``lint`` does."""
    policies = policy.load()
    settings = settings_of(options, find_root(options), policies)
    return shown(settings, active_rules(policies, settings, options), policies)


def write_baseline(options: Options) -> tuple[Path, int]:
    """Lints a whole repository, and writes down all findings that nothing else silences; returns where, and how many.

    Raises Failure as ``lint`` does, for a part of a repository or of the rules, and where a tool failed on the way.
    """
    if options.select or options.ignore:
        raise Failure("a baseline is about all rules: write it without --select and --ignore")
    root = find_root(options)
    if restriction(options, root, open_files(options, root)) is not None:
        raise Failure("a baseline is about the whole repository: write it without paths")
    report = lint(replace(options, use_baseline=False))
    failed = next((note for note in report.notes if note.kind in TOOL_FAILURES), None)
    if failed is not None:
        raise Failure(f"no baseline is written, since not everything was linted: {failed.message}", status=3)
    path = options.baseline or root / suppress.FILE_NAME
    suppress.Baseline.of(report.findings).write(path)
    return path, len(report.findings)


def status(report: Report, fail_on: Severity | None) -> int:
    """Returns the exit code: 3 when a tool failed, 1 when a finding is as bad as ``fail_on`` or worse, else 0."""
    if any(note.kind in TOOL_FAILURES for note in report.notes):
        return 3
    return int(fail_on is not None and any(finding.severity >= fail_on for finding in report.findings))


def _judge(
    options: Options,
    settings: Config,
    rendering: Rendering,
    policies: tuple[Policy, ...],
    rules: Mapping[str, Severity],
) -> Judge:
    files = rendering.tree
    schemas = Schemas(settings.kubernetes, definitions(files))
    second = None
    if options.engine == "kubeconform":
        from gitopsmith.validate.kubeconform import Kubeconform  # noqa: PLC0415 - most runs do without it

        second = Kubeconform(schemas).check
    return Judge(
        files, policies, rules, schemas, second, rendering.origin, rendering.edited, rendering.bodies, settings
    )


def _work(options: Options, judge: Judge, run: Opened, begin: tuple[Build, ...], only: frozenset[str] | None) -> Graph:
    def judge_one(build: Build, rendered: Any) -> BuildResult:
        if build.is_rendered:
            return evaluate.judge_build(judge, build, rendered)
        there = replace(judge, tree=run.rendering.revision(build.commit))
        return evaluate.judge_files(there, build, evaluate.files_of(there.tree, build))

    found = run.discovery
    roots = found if only is None else replace(found, roots=reached(judge.tree, found, only))
    return run.work(judge_one, jobs=options.jobs, start=begin, discovery=roots)


def _sources(files: Tree, findings: Iterable[Finding]) -> dict[str, str]:
    paths = {finding.location.path for finding in findings}
    return {path: data.decode("utf-8", "replace") for path in sorted(paths) if (data := files.data(path)) is not None}
