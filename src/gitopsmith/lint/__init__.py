"""The pipeline: a repository in, a report out."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from gitopsmith import evaluate, policy, suppress
from gitopsmith.finding import Failure, Finding, Note, Report, Severity, Summary
from gitopsmith.lint.account import TOOL_FAILURES, notes, scope_note, summary
from gitopsmith.lint.change import narrowed
from gitopsmith.lint.checks import check_health
from gitopsmith.lint.committed import check_committed
from gitopsmith.lint.encrypted import check_encrypted
from gitopsmith.lint.files import check_files
from gitopsmith.lint.gather import Work, applied_files, gather
from gitopsmith.lint.judging import find_reach, judge_of, work
from gitopsmith.lint.opening import opened
from gitopsmith.lint.reach import Reach
from gitopsmith.lint.scope import Options, find_root, open_files, restriction
from gitopsmith.lint.seen import seen
from gitopsmith.lint.settings import active_rules, settings_of, shown
from gitopsmith.lint.silencing import Silencing, find_baseline, stale_notes
from gitopsmith.lint.unreferenced import check_unreferenced, with_neighbours
from gitopsmith.report.summary import number
from gitopsmith.revisions import Checkout
from gitopsmith.tree import Tree

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
        with narrowed(options) as narrower:
            return narrower.told(_lint(narrower.options))
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
    baseline = suppress.read(baseline_path) if baseline_path is not None else suppress.Baseline()
    files = open_files(options, root)
    only = restriction(options, root, files)
    checkout = options.checkout or Checkout(root)
    with opened(files, settings, checkout, timeout=options.timeout, fetch=options.fetch) as run:
        judge = judge_of(options, settings, run, policies, rules.judged)
        change = find_reach(options, judge, run)
        clock.lap("discover")
        named = only if change is None else change.changed
        checked, filed = check_health(judge, named), [*check_encrypted(judge, named), *check_files(judge, named)]
        filed += check_committed(judge, run.discovery, named)
        near = with_neighbours(files, change.changed) if change is not None else only
        loose = change is not None and check_unreferenced(judge, run.discovery, frozenset(), near)
        if change is not None and change.is_empty and not (checked.checks or filed or loose):
            return _nothing_reached(files, change)
        worked = work(options, judge, run, only, change)
        clock.lap("render and judge builds")
        done = Work(judge, run.discovery, worked, run.ownership, only, change)
        gathered = gather(done)
    filed += check_unreferenced(judge, run.discovery, applied_files(worked), near)
    found = (*(evaluate.merge([*gathered.findings, *filed]) if filed else gathered.findings), *checked.findings)
    within = change.paths if change is not None else None
    silencing = Silencing(files, settings, policies, rules, options.today, seen(done), baseline, within)
    kept, silenced, stale = silencing.silence(found)
    clock.lap("judge the rest")
    return Report(
        findings=tuple(kept),
        notes=(
            *(() if checked.checks else scope_note(options, only, worked, kept)),
            *notes(judge, worked, run.ownership, gathered.templates),
            *checked.notes,
            *(stale_notes(stale) if _is_whole(options, only) else ()),
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


def _is_whole(options: Options, only: frozenset[str] | None) -> bool:
    return only is None and options.change is None and not options.select and not options.ignore


def _nothing_reached(files: Tree, change: Reach) -> Report:
    changed = number(len(change.changed), "changed file") if change.changed else "no change"
    said = f"nothing that Argo CD applies is reached by {changed}, so nothing is linted"
    return Report((), notes=(Note("scope", said),), summary=Summary(files=len(files.files)))


def show_config(options: Options) -> str:
    """Returns the configuration that a run with these options has, as YAML. Raises Failure as ``lint`` does."""
    policies = policy.load()
    settings = settings_of(options, find_root(options), policies)
    return shown(settings, active_rules(policies, settings, options), policies)


def write_baseline(options: Options, *, prune: bool = False) -> tuple[Path, int]:
    """Lints a whole repository, and writes down all findings that nothing else silences; returns where, and how many.

    With ``prune`` only those stay that are in the baseline, and still there. Raises Failure as ``lint`` does, for a
    part of a repository or of the rules, where a tool failed on the way, and with nothing to prune.
    """
    if options.select or options.ignore:
        raise Failure("a baseline is about all rules: write it without --select and --ignore")
    root = find_root(options)
    if restriction(options, root, open_files(options, root)) is not None or options.base or options.staged:
        raise Failure("a baseline is about the whole repository: write it without paths, --base and --staged")
    if prune and find_baseline(options, root) is None:
        raise Failure(f"{suppress.FILE_NAME}: no such baseline; write it with gitopsmith lint --write-baseline")
    report = lint(options if prune else replace(options, use_baseline=False))
    failed = next((note for note in report.notes if note.kind in TOOL_FAILURES), None)
    if failed is not None:
        raise Failure(f"no baseline is written, since not everything was linted: {failed.message}", status=3)
    path = options.baseline or root / suppress.FILE_NAME
    known = [entry.finding for entry in report.suppressed if entry.how == "baseline"]
    written = known if prune else report.findings
    suppress.Baseline.of(written).write(path)
    return path, len(written)


def status(report: Report, fail_on: Severity | None) -> int:
    """Returns the exit code: 3 when a tool failed, 1 when a finding is as bad as ``fail_on`` or worse, else 0."""
    if any(note.kind in TOOL_FAILURES for note in report.notes):
        return 3
    return int(fail_on is not None and any(finding.severity >= fail_on for finding in report.findings))


def _sources(files: Tree, findings: Iterable[Finding]) -> dict[str, str]:
    paths = {finding.location.path for finding in findings}
    return {path: data.decode("utf-8", "replace") for path in sorted(paths) if (data := files.data(path)) is not None}
