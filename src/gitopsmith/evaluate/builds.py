"""Builds: every object, or why there is none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from gitopsmith import peers
from gitopsmith.evaluate import renaming, sealed
from gitopsmith.evaluate.charts import stamp
from gitopsmith.evaluate.depending import files_of, inputs
from gitopsmith.evaluate.failures import build_failure, chart_failure, failed_option
from gitopsmith.evaluate.files import file_findings
from gitopsmith.evaluate.judge import Judge, weighed
from gitopsmith.evaluate.options import dead_options, find_option
from gitopsmith.evaluate.placing import place_violation, unplaced
from gitopsmith.finding import Finding, Severity, Suppressed
from gitopsmith.graph import Build, BuildResult, SourceFinding, argo_objects, declared_in, facts
from gitopsmith.manifest import Resource, text
from gitopsmith.policy import Violation
from gitopsmith.render import Failed, Rendered, directory, resources
from gitopsmith.render.edits import BLOCK
from gitopsmith.validate import SchemaProblem, lowered_among

ANNOTATION = "gitopsmith.io/ignore."
UNCERTAIN_RULES = frozenset({"schema-unknown-field", "schema-rule-broken"})
"""Rules that hold against an object what another release of its definition may not."""
NEVER_SYNCED = "; Argo CD is never in sync with it"
CERTAIN_SCHEMAS = ("Kubernetes ", "Argo CD ", "Sealed Secrets ", "a definition in this repository")
"""How the origins of those schemas begin that are known to be the cluster's own."""


def judge_build(judge: Judge, build: Build, rendered: tuple[Rendered, ...] | Failed) -> BuildResult:
    """Judges one build's objects, or tells why there are none."""
    if isinstance(rendered, Failed):
        if build.commit:
            return _elsewhere(judge, build, rendered)
        argo = declared_in(judge.tree, build.entry)
        option = failed_option(judge, build, rendered)
        failure = chart_failure if build.type == "helm" else build_failure
        findings = tuple(failure(judge, build, rendered)) if rendered.kind == "error" and option is None else ()
        in_sources = (option,) if option is not None else ()
        return BuildResult(build, findings, in_sources, argo=argo, failure=rendered, inputs=inputs(judge.tree, build))
    keyed = resources(stamp(judge, build, rendered), judge.bodies)
    if build.commit:
        return _elsewhere(judge, build, tuple(resource for _, resource in keyed))
    return _judge_resources(judge, build, keyed)


def judge_files(judge: Judge, build: Build, paths: tuple[str, ...]) -> BuildResult:
    """Judges the objects in manifest files that are applied as they are."""
    if build.commit:
        return _elsewhere(judge, build, directory.read(judge.tree, paths))
    found = directory.read(judge.tree, paths)
    keyed = tuple((f"{resource.origin.path}#{index}".encode(), resource) for index, resource in enumerate(found))
    result = _judge_resources(judge, build, keyed)
    insisted = [path for path in paths if build.type == "file" or directory.is_insisted_on(judge.tree, path)]
    problems = [finding for path in insisted for finding in file_findings(judge, path)]
    return replace(result, findings=(*problems, *result.findings))


def read_build(judge: Judge, build: Build, rendered: tuple[Rendered, ...] | Failed) -> BuildResult:
    """Returns what a build deploys, for rules that look across Applications, without judging it."""
    found = inputs(judge.tree, build)
    if isinstance(rendered, Failed):
        argo = declared_in(judge.tree, build.entry) if not build.commit else ()
        return BuildResult(build, argo=argo, failure=rendered, inputs=found)
    if build.is_rendered:
        objects = tuple(resource for _, resource in resources(stamp(judge, build, rendered), judge.bodies))
    else:
        objects = directory.read(judge.tree, files_of(judge.tree, build))
    told = facts(objects, build.entry, judge.schemas.scope, build.commit)
    return BuildResult(build, objects=told, argo=argo_objects(objects), inputs=found)


def _elsewhere(judge: Judge, build: Build, found: tuple[Resource, ...] | Failed) -> BuildResult:
    """Tells what another revision deploys. Nobody can edit its files, so only that it cannot be built is a finding."""
    commit = inputs(judge.tree, build)
    if not isinstance(found, Failed):
        objects = facts(found, build.entry, judge.schemas.scope, build.commit)
        return BuildResult(build, objects=objects, argo=argo_objects(found), inputs=commit)
    program, rule = ("helm", "helm-build") if build.type == "helm" else ("kustomize", "kustomize-build")
    message = f"{program} cannot render {build.entry or '.'} at {_named(build.commit)}: {found.message}"
    blamed = found.kind == "error" and rule in judge.rules
    route = found.route or ("targetRevision",)
    failure = (SourceFinding(route, unplaced(judge, rule, message)),) if blamed else ()
    return BuildResult(build, in_sources=failure, failure=found, inputs=commit)


def _named(commit: str) -> str:
    """Returns the short name of a commit, or of an artifact by its digest."""
    kind, _, digest = commit.rpartition(":")
    return f"{kind}:{digest[:12]}" if kind else f"commit {commit[:12]}"


def _judge_resources(judge: Judge, build: Build, keyed: tuple[tuple[bytes, Resource], ...]) -> BuildResult:
    findings: list[Finding] = []
    suppressed: list[Suppressed] = []
    in_sources: list[SourceFinding] = []
    unvalidated: list[str] = []
    second = judge.check_objects([resource.body for _, resource in keyed]) if judge.check_objects else None
    for index, (digest, resource) in enumerate(keyed):
        known = judge.schemas.knows(resource.api_version, resource.kind)
        if not known:
            unvalidated.append(resource.group_kind)
        if second is None:
            problems: Iterable[SchemaProblem] = judge.schema_problems(digest, resource.body)
        else:
            problems = weighed(resource.body, second[index], judge.rule_checks)
        excused = peers.exemptions(resource, judge.config.peers)
        for rule, violation in _object_violations(judge, build, digest, resource, problems):
            resource, tree, option = find_option(judge, build, resource, violation.route)
            finding = place_violation(judge, rule, violation, resource, build.entry, tree)
            reason = text(resource.annotations, ANNOTATION + rule).strip() or excused.get(rule)
            if reason:
                suppressed.append(Suppressed(finding, reason, "annotation"))
            elif option is not None:
                in_sources.append(SourceFinding((BLOCK, *option), finding))
            else:
                findings.append(finding)
    found = tuple(resource for _, resource in keyed)
    return BuildResult(
        build,
        tuple(findings),
        (*in_sources, *dead_options(judge, build, found)),
        tuple(suppressed),
        facts(found, build.entry, judge.schemas.scope),
        argo_objects(found),
        len(found) - len(unvalidated),
        tuple(unvalidated),
        inputs=inputs(judge.tree, build),
    )


def _object_violations(
    judge: Judge, build: Build, digest: bytes, resource: Resource, problems: Iterable[SchemaProblem]
) -> Iterator[tuple[str, Violation]]:
    for problem in lowered_among(resource, problems):
        if problem.rule in judge.rules:
            yield problem.rule, _schema_violation(judge, resource, problem)
    removed = judge.schemas.removed(resource.api_version, resource.kind)
    if removed and "api-removed" in judge.rules:
        yield "api-removed", Violation(("apiVersion",), removed)
    deprecated = judge.schemas.deprecated(resource.api_version, resource.kind)
    if deprecated and "api-deprecated" in judge.rules:
        yield "api-deprecated", Violation(("apiVersion",), deprecated)
    retired = judge.schemas.retired(resource.api_version, resource.kind)
    if retired and "custom-version-retired" in judge.rules:
        yield "custom-version-retired", Violation(("apiVersion",), retired)
    yield from ((sealed.RULE, violation) for violation in sealed.renamed(judge, build, resource))
    yield from ((renaming.RULE, violation) for violation in renaming.kept(judge, build, resource))
    yield from judge.violations(digest, resource)


def _schema_violation(judge: Judge, resource: Resource, problem: SchemaProblem) -> Violation:
    """Says by whose schema, where that is one release of an operator: the cluster's may differ."""
    origin = judge.schemas.origin(resource.api_version, resource.kind)
    if problem.rule in UNCERTAIN_RULES and not origin.startswith(CERTAIN_SCHEMAS):
        return Violation(problem.route, f"{problem.message} (by {origin})", severity=Severity.WARNING)
    outcome = NEVER_SYNCED if problem.rule == "schema-unknown-field" else ""
    return Violation(problem.route, problem.message + outcome, severity=problem.severity)
