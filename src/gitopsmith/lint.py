"""The pipeline: a repository in, a report out."""

from __future__ import annotations

import datetime as dt
import difflib
import gc
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from gitopsmith import application, argocd, config, evaluate, git, graph, kustomization, policy, suppress, tree
from gitopsmith.application import Ownership, Repository
from gitopsmith.config import Config
from gitopsmith.evaluate import Judge
from gitopsmith.finding import Failure, Finding, Note, Report, Severity, Summary, Suppressed
from gitopsmith.graph import Build, BuildResult, Discovery, Graph
from gitopsmith.kustomization import Kustomization
from gitopsmith.manifest import mapping
from gitopsmith.policy import Policy
from gitopsmith.render import Failed, kustomize
from gitopsmith.render.kustomize import Renderer
from gitopsmith.tree import Tree, is_yaml
from gitopsmith.validate import Kubeconform, Schemas, kubernetes_versions

TOOL_FAILURES = ("timeout", "killed")
_UNVERIFIABLE = {
    "remote": "builds include a remote base, which is not fetched",
    "helm": "sources or builds render a Helm chart",
    "plugin": "sources or builds run a plugin",
    "chart": "sources are charts from a Helm repository",
    "repository": "sources lie in other repositories",
    "options": "sources have kustomize options of the Application, which are not applied yet",
    "jsonnet": "files are Jsonnet",
}


@dataclass(frozen=True, slots=True)
class Options:
    """What a user asked for; the configuration file fills in what is left empty."""

    paths: tuple[Path, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    kubernetes: str = ""
    argocd: str = ""
    config: Path | None = None
    isolated: bool = False
    engine: str = "builtin"
    jobs: int = 0
    timeout: float = kustomize.TIMEOUT
    stdin: bytes | None = None
    today: dt.date = field(default_factory=dt.date.today)


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
    settings = _settings(options, root, policies)
    rules = active_rules(policies, settings, options)
    files = tree.open_tree(root) if options.stdin is None else _stdin(root, options.stdin)
    discovery = graph.discover(files)
    only = _restriction(options, root, files)
    ownership = application.ownership(settings.urls, git.remotes(root), discovery.declared, files)
    judge = _judge(options, settings, files, policies, rules)
    clock.lap("discover")
    start = _start(files, discovery, only)
    worked = _work(options, judge, discovery, ownership, start, only)
    clock.lap("render and judge builds")
    gathered = _gather(judge, discovery, worked, ownership, only)
    judged = _judged(judge, discovery, worked, ownership, only)
    kept, silenced = _silence(files, settings, policies, rules, gathered.findings, options.today, judged)
    clock.lap("judge the rest")
    return Report(
        findings=tuple(kept),
        notes=tuple(_notes(judge, worked, ownership, gathered.templates)),
        suppressed=(*gathered.suppressed, *silenced),
        summary=_summary(files, worked, clock),
        renderer=str(_renderer_used(worked, options)),
        schemas=judge.schemas.label,
        sources=_sources(files, kept),
        rules={item.id: item.summary for item in policies if item.id in rules},
    )


def _stdin(root: Path, data: bytes) -> Tree:
    files = tree.in_memory(root, "stdin.yaml", data)
    parsed = files.documents("stdin.yaml")
    if not parsed.documents and not parsed.problems:
        raise Failure("nothing to lint: there is no manifest on stdin")
    return files


def status(report: Report, fail_on: Severity | None) -> int:
    """Returns the exit code: 3 when a tool failed, 1 when a finding is as bad as ``fail_on`` or worse, else 0."""
    if any(note.kind in TOOL_FAILURES for note in report.notes):
        return 3
    return int(fail_on is not None and any(finding.severity >= fail_on for finding in report.findings))


def find_root(options: Options) -> Path:
    """Returns the repository's root: where the configuration file is, else git's root, else the path itself."""
    paths = [path.resolve() for path in options.paths] or [Path.cwd()]
    for given, path in zip(options.paths, paths, strict=False):
        if not path.exists():
            raise Failure(f"{given} does not exist")
    folder = paths[0] if paths[0].is_dir() else paths[0].parent
    top = git.toplevel(folder)
    root = (None if options.isolated else config.find_root(paths[0], top)) or top or folder
    for given, path in zip(options.paths, paths, strict=False):
        if not path.is_relative_to(root):
            raise Failure(f"{given} is not in {root}, where {options.paths[0]} is; lint one repository at a time")
    return root


def _settings(options: Options, root: Path, policies: Iterable[Policy]) -> Config:
    names = {name for item in policies for name in (item.id, item.family)}
    for name in (*options.select, *options.ignore):
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1)
            raise Failure(f"unknown rule {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
    path = options.config or root / config.FILE_NAME
    if options.config is not None and not path.is_file():
        raise Failure(f"{path}: no such configuration file")
    settings = config.read(path, names) if path.is_file() and not options.isolated else Config()
    settings = replace(
        settings, kubernetes=options.kubernetes or settings.kubernetes, argocd=options.argocd or settings.argocd
    )
    known = kubernetes_versions()
    if settings.kubernetes not in known:
        raise Failure(f"no schemas for Kubernetes {settings.kubernetes}; there are {known[0]} to {known[-1]}")
    if not argocd.is_version(settings.argocd):
        raise Failure(f"{settings.argocd!r} is no version of Argo CD; write it as {config.ARGOCD}")
    return settings


def active_rules(policies: Iterable[Policy], settings: Config, options: Options) -> dict[str, Severity]:
    """Returns the rules in force with their severities: defaults, then configuration, then the command line."""
    levels = dict(settings.rules)
    active = {}
    for item in policies:
        level = levels.get(item.id, levels.get(item.family, "default"))
        if options.select and not {item.id, item.family} & set(options.select):
            continue
        if {item.id, item.family} & set(options.ignore) or level == "off":
            continue
        if level == "default" and not item.default and item.id not in options.select:
            continue
        active[item.id] = item.severity if level == "default" else Severity[level.upper()]
    return active


def _judge(
    options: Options, settings: Config, files: Tree, policies: tuple[Policy, ...], rules: Mapping[str, Severity]
) -> Judge:
    crds = [
        document.body
        for path in files.files
        if is_yaml(path) and b"kind: CustomResourceDefinition" in (files.data(path) or b"")
        for document in files.documents(path).documents
        if mapping(document.body).get("kind") == "CustomResourceDefinition"
    ]
    schemas = Schemas(settings.kubernetes, crds)
    second = Kubeconform(schemas).check if options.engine == "kubeconform" else None
    return Judge(files, policies, rules, schemas, second)


def _restriction(options: Options, root: Path, files: Tree) -> frozenset[str] | None:
    """Returns the files that the user named, each relative to the root; None for the whole repository."""
    if options.stdin is not None:
        return frozenset(files.files)
    named = [path.resolve().relative_to(root).as_posix() for path in options.paths]
    if not named or "." in named:
        return None
    chosen = {path for path in files.files for name in named if path == name or path.startswith(f"{name}/")}
    return frozenset(chosen | {name for name in named if files.kind(name) == "file"})


def _start(files: Tree, discovery: Discovery, only: frozenset[str] | None) -> tuple[Build, ...]:
    """Returns what to judge beside kustomizations and Applications: manifests that nothing else reaches."""
    nothing_else = not discovery.roots and not any(resource.kind == "Application" for resource in discovery.raw)
    if only is not None and (nothing_else or len(only) == 1):
        reached = discovery.included | {item.path for item in discovery.kustomizations}
        return tuple(Build("file", path) for path in sorted(only) if is_yaml(path) and path not in reached)
    if nothing_else and not discovery.kustomizations:
        found = tuple(Build("file", path) for path in files.files if is_yaml(path))
        if not found:
            raise Failure(f"nothing to lint in {files.root}: no Application, no kustomization and no manifest is there")
        return found
    return ()


def _work(
    options: Options,
    judge: Judge,
    discovery: Discovery,
    ownership: Ownership,
    start: tuple[Build, ...],
    only: frozenset[str] | None,
) -> Graph:
    renderer: list[Renderer] = []

    def prepare(build: Build) -> object:
        if build.type != "kustomize":
            return build
        planned = kustomize.plan(judge.tree, build.entry)
        if not renderer and not isinstance(planned, Failed):
            renderer.append(kustomize.find_renderer(options.timeout))
        return planned

    def render(prepared: object) -> Any:
        if isinstance(prepared, Build):
            return ()
        assert isinstance(prepared, kustomize.Plan)
        return kustomize.execute(prepared, judge.tree.root, renderer[0])

    def judged(build: Build, rendered: Any) -> BuildResult:
        if build.type == "kustomize":
            return evaluate.judge_build(judge, build, rendered)
        return evaluate.judge_files(judge, build, evaluate.files_of(judge.tree, build))

    roots = discovery if only is None else replace(discovery, roots=_reached(judge.tree, discovery, only))
    jobs = options.jobs or os.cpu_count() or 1
    return graph.work(judge.tree, roots, ownership, prepare, render, judged, jobs, start)


def _reached(files: Tree, discovery: Discovery, only: frozenset[str]) -> tuple[str, ...]:
    """Returns the roots that a named file changes, and those that may render Applications which it changes."""
    reached = []
    for root in discovery.roots:
        touched = kustomization.closure(files, root)
        if only & set(touched) or any(
            b"argoproj.io/" in (files.data(path) or b"") for path, kind in touched.items() if kind == "file"
        ):
            reached.append(root)
    return tuple(reached)


class Gathered(NamedTuple):
    """All findings, merged; what annotations silence; and the template kustomizations whose errors are left out."""

    findings: list[Finding]
    suppressed: list[Suppressed]
    templates: tuple[str, ...]


def _gather(
    judge: Judge, discovery: Discovery, worked: Graph, ownership: Ownership, only: frozenset[str] | None
) -> Gathered:
    deployed = _deployed(judge.tree, worked)
    static, broken, templates = _static_findings(judge, discovery, deployed)
    findings, suppressed = _build_findings(judge, worked, broken, deployed, only)
    for unit in worked.units:
        known = ownership.how != "unknown"
        findings += evaluate.judge_application(judge, unit.application, ownership_known=known)
    applications = tuple(unit.application for unit in worked.units)
    repository = Repository(applications, worked.application_sets, worked.projects)
    findings += evaluate.judge_repository(judge, repository)
    merged = evaluate.merge([*static, *findings])
    named = [finding for finding in merged if only is None or _is_named(finding, only, worked)]
    return Gathered(named, suppressed, templates)


def _static_findings(
    judge: Judge, discovery: Discovery, deployed: frozenset[str]
) -> tuple[list[Finding], frozenset[str], tuple[str, ...]]:
    """Judges every kustomization file; returns the findings, the files with errors, and the templates among those."""
    findings: list[Finding] = []
    broken, templates = set(), []
    for item in discovery.kustomizations:
        found = list(evaluate.judge_kustomization(judge, item))
        if any(finding.severity is Severity.ERROR for finding in found):
            broken.add(item.path)
            if _is_template(item, deployed):
                templates.append(item.path)
                found = [finding for finding in found if finding.severity is not Severity.ERROR]
        findings += found
    return findings, frozenset(broken), tuple(templates)


def _build_findings(
    judge: Judge,
    worked: Graph,
    broken: frozenset[str],
    deployed: frozenset[str],
    only: frozenset[str] | None,
) -> tuple[list[Finding], list[Suppressed]]:
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
        if result.failure is not None and _is_explained(judge.tree, build, broken, deployed):
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


def _is_named(finding: Finding, only: frozenset[str], worked: Graph) -> bool:
    if finding.location.path in only:
        return True
    directory = {path.rpartition("/")[0] for path in only}
    return any(related.location.path.rpartition("/")[0] in directory for related in finding.related) or any(
        only & set(result.inputs) and finding.location.path in result.inputs for result in worked.results.values()
    )


def _deployed(files: Tree, worked: Graph) -> frozenset[str]:
    """Returns the kustomization files that some Application reaches."""
    return frozenset(
        item.path
        for build in worked.owned
        if build.type == "kustomize"
        for item in kustomization.reachable(files, build.entry)
    )


def _failed_templates(files: Tree, worked: Graph, deployed: frozenset[str]) -> tuple[str, ...]:
    return tuple(
        item.path
        for build, result in worked.results.items()
        if result.failure is not None and result.failure.kind == "error"
        for item in kustomization.reachable(files, build.entry)
        if item.directory == result.failure.directory and _is_template(item, deployed)
    )


def _is_explained(files: Tree, build: Build, broken: frozenset[str], deployed: frozenset[str]) -> bool:
    """Tells whether a failed build needs no finding of its own: its cause has one, or it is a template."""
    reachable = list(kustomization.reachable(files, build.entry))
    if any(item.path in broken for item in reachable):
        return True
    return any(_is_template(item, deployed) for item in reachable)


def _is_template(item: Kustomization, deployed: frozenset[str]) -> bool:
    return item.template and item.path not in deployed


def _judged(
    judge: Judge, discovery: Discovery, worked: Graph, ownership: Ownership, only: frozenset[str] | None
) -> Callable[[str, str], bool]:
    """Returns what tells whether a rule has seen all that a file leads to."""
    policies = {item.id: item for item in judge.policies}
    seen = {item.path for item in discovery.kustomizations} | {item.origin.path for item in discovery.raw}
    failed: set[str] = set()
    deployed: set[str] = set()
    owned = worked.owned
    for build, result in worked.results.items():
        (failed if result.failure else seen).update(result.inputs)
        if build in owned or build.type == "file":
            deployed.update(result.inputs)

    def judged(path: str, rule: str) -> bool:
        if only is not None or rule not in policies or path in failed or path not in seen:
            return False
        if policies[rule].subject == "resource" and policies[rule].family in evaluate.OPINIONS:
            return path in deployed
        return ownership.how != "unknown" or not policies[rule].needs_ownership

    return judged


def _silence(
    files: Tree,
    settings: Config,
    policies: Iterable[Policy],
    rules: dict[str, Severity],
    findings: Iterable[Finding],
    today: dt.date,
    judged: Callable[[str, str], bool],
) -> tuple[list[Finding], list[Suppressed]]:
    families = {item.id: item.family for item in policies}
    kept, silenced = suppress.apply(files, findings, frozenset(families), rules, today, judged)
    left: list[Finding] = []
    for finding in kept:
        weighed = suppress.override(finding, settings, families[finding.rule])
        if isinstance(weighed, Suppressed):
            silenced.append(weighed)
        else:
            left.append(weighed)
    return sorted(left, key=lambda finding: finding.order), silenced


def _notes(judge: Judge, worked: Graph, ownership: Ownership, templates: tuple[str, ...]) -> list[Note]:
    notes = [Note("repository", _ownership_text(ownership))] if worked.units else []
    deployed = _deployed(judge.tree, worked)
    templates = tuple(dict.fromkeys((*templates, *_failed_templates(judge.tree, worked, deployed))))
    counted: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], str] = {}
    for result in worked.results.values():
        if result.failure is None:
            continue
        key = ("unverifiable", result.failure.kind)
        if result.failure.kind in TOOL_FAILURES:
            notes.append(Note(result.failure.kind, result.failure.message, result.build.entry))
        elif result.failure.kind != "error":
            counted[key] += 1
            first.setdefault(key, f"{result.build.entry}: {result.failure.message}")
    for unit in worked.units:
        for kind, subject in unit.unverifiable:
            counted["unverifiable", kind] += 1
            first.setdefault(("unverifiable", kind), subject)
    for path in _jsonnet(judge.tree, worked):
        counted["unverifiable", "jsonnet"] += 1
        first.setdefault(("unverifiable", "jsonnet"), path)
    for (kind, reason), count in sorted(counted.items()):
        notes.append(Note(kind, f"{_UNVERIFIABLE[reason]}, such as {first[kind, reason]}", count=count))
    if worked.application_sets:
        count = len({(item.origin.path, item.name) for item in worked.application_sets})
        notes.append(
            Note("unverifiable", "ApplicationSets are not expanded, so what they generate is not judged", count=count)
        )
    if templates:
        message = (
            "kustomizations that no Application reaches look like templates to be filled in: their errors are left out"
        )
        notes.append(Note("template", message, templates[0], len(templates)))
    missing = Counter(kind for result in worked.results.values() for kind in result.unvalidated)
    for kind, count in sorted(missing.items(), key=lambda pair: (-pair[1], pair[0])):
        notes.append(Note("schema", f"no schema for {kind}", count=count))
    return notes


def _jsonnet(files: Tree, worked: Graph) -> list[str]:
    directories = [build for build in worked.results if build.type == "directory"]
    found = {path for build in directories for path in evaluate.files_of(files, build) if path.endswith(".jsonnet")}
    return sorted(found)


def _ownership_text(ownership: Ownership) -> str:
    if ownership.how == "unknown":
        return (
            "which repository URL means this repository is not known, so paths of Applications were not checked; "
            "set repository.urls in .gitopsmith.yaml"
        )
    return f"this repository is {', '.join(sorted(ownership.identities))} (by {ownership.how})"


def _summary(files: Tree, worked: Graph, clock: Clock) -> Summary:
    results = worked.results.values()
    failed = sum(result.failure is not None for result in results)
    unknown = sum(len(unit.unverifiable) for unit in worked.units) + len(
        {(item.origin.path, item.name) for item in worked.application_sets}
    )
    rendered = len(worked.results) - failed
    return Summary(
        applications=len({(unit.application.resource.origin.path, *unit.application.key) for unit in worked.units}),
        builds=len(worked.results),
        failed_builds=failed,
        objects=sum(len(result.objects) for result in results),
        validated=sum(result.validated for result in results),
        unvalidated=sum(len(result.unvalidated) for result in results),
        files=len(files.files),
        rendered_share=round(rendered / (len(worked.results) + unknown), 4) if worked.results or unknown else 1.0,
        seconds=dict(clock.seconds),
    )


def _renderer_used(worked: Graph, options: Options) -> Renderer | str:
    if any(build.type == "kustomize" and result.failure is None for build, result in worked.results.items()):
        return kustomize.find_renderer(options.timeout)
    return ""


def _sources(files: Tree, findings: Iterable[Finding]) -> dict[str, str]:
    paths = {finding.location.path for finding in findings}
    return {path: data.decode("utf-8", "replace") for path in sorted(paths) if (data := files.data(path)) is not None}
